"""Signatures of both vendors: the known examples are believed, and whatever was changed is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from providers.secrets import Secret
from providers.supersim_callbacks import desk
from providers.supersim_signatures import Arrived, Keys, is_signed, public_url, sim_of
from tests.callbacks.callers import OTHER_SID, SECRET, SID, TOKEN, URL, account, by_kore, by_twilio, form, said

KEYS = Keys(twilio=(Secret("another"), Secret(TOKEN)), kore=(Secret("another"), Secret(SECRET)))
HERE = public_url(URL)
BODY = form(said())
GET_QUERY = form(said()).decode()
printable = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


def post(body: bytes = BODY, *, twilio: str = "", kore: str = "") -> Arrived:
    return Arrived("POST", "", body, twilio, kore)


def get(query: str = GET_QUERY, *, twilio: str = "", kore: str = "", body: bytes = b"") -> Arrived:
    return Arrived("GET", query, body, twilio, kore)


def test_the_digest_in_kores_documents_is_believed() -> None:
    digest = "f562d3959f68b5a30fc7a63f8bbf40987f633575f4231ffceb4f76dd154ea3ce"
    keys = Keys((), (Secret("12345"),))
    arrived = post(b"field1=value1&field2=value2", kore=digest)
    assert is_signed(arrived, public_url("https://testendpoint.com"), keys)
    for told in ("https://testendpoint.com?foo1=bar1", "https://testendpoint.com#cbs=kore"):
        assert is_signed(arrived, public_url(told), keys), "query and fragment of the URL are not signed"
    assert not is_signed(arrived, public_url("https://testendpoint.com/"), keys)


def test_the_digest_in_twilios_documents_is_believed() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    arrived = post(form(fields), twilio="0/KCTR6DLpKmkAf8muzZqo1nDgQ=")
    assert is_signed(arrived, public_url("https://mycompany.com/myapp.php?foo=1&bar=2"), Keys((Secret("12345"),), ()))


@pytest.mark.parametrize("named", [URL, "https://hooks.example.com:443/supersim"])
@pytest.mark.parametrize("signed", [URL, "https://hooks.example.com:443/supersim"])
def test_twilio_may_sign_with_the_port_or_without(named: str, signed: str) -> None:
    there = public_url(named)
    assert is_signed(post(twilio=by_twilio(signed, said())), there, KEYS)
    assert is_signed(get(twilio=by_twilio(f"{signed}?{GET_QUERY}")), there, KEYS)
    assert not is_signed(post(twilio=by_twilio("https://hooks.example.com:444/supersim", said())), there, KEYS)


def test_a_form_and_a_query_are_believed_from_both() -> None:
    assert is_signed(post(twilio=by_twilio(URL, said())), HERE, KEYS)
    assert is_signed(post(kore=by_kore("POST", URL, BODY)), HERE, KEYS)
    assert is_signed(get(twilio=by_twilio(f"{URL}?{GET_QUERY}")), HERE, KEYS)
    assert is_signed(get(kore=by_kore("GET", URL)), HERE, KEYS)


def test_a_sim_without_a_name_is_believed_too() -> None:
    fields = said() | {"SimUniqueName": ""}
    assert is_signed(post(form(fields), twilio=by_twilio(URL, fields)), HERE, KEYS)


def test_nobody_is_believed_without_a_signature_or_with_the_wrong_key() -> None:
    twilio, kore = by_twilio(URL, said()), by_kore("POST", URL, BODY)
    assert not is_signed(post(), HERE, KEYS)
    assert not is_signed(post(twilio=twilio, kore=kore), HERE, Keys((), ()))
    assert not is_signed(post(twilio=kore, kore=twilio), HERE, KEYS)
    assert not is_signed(post(twilio=by_twilio(URL, said(), "guess"), kore=by_kore("POST", URL, BODY, "")), HERE, KEYS)
    assert not is_signed(post(twilio="Ünsigned", kore="Ünsigned"), HERE, KEYS)


@given(st.data())
def test_any_changed_byte_of_what_kore_signed_is_refused(data: st.DataObject) -> None:
    parts = {"body": BODY.decode(), "url": URL, "signature": by_kore("POST", URL, BODY), "secret": SECRET}
    name = data.draw(st.sampled_from(sorted(parts)))
    text = parts[name]
    place = data.draw(st.integers(len("https://h") if name == "url" else 0, len(text) - 1))
    letter = data.draw(
        printable.filter(lambda drawn: drawn != text[place] and not (name == "url" and drawn in "?#@[]:"))
    )
    parts[name] = text[:place] + letter + text[place + 1 :]
    keys = Keys((), (Secret(parts["secret"]),))
    changed = post(parts["body"].encode(), kore=parts["signature"])
    assert not is_signed(changed, public_url(parts["url"]), keys)


@given(st.data())
def test_any_changed_byte_of_what_twilio_signed_is_refused_or_names_the_same_sim(data: st.DataObject) -> None:
    form_or_query = data.draw(st.sampled_from(["form", "query"]))
    text = GET_QUERY
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(printable.filter(lambda drawn: drawn != text[place]))
    changed = text[:place] + letter + text[place + 1 :]
    if form_or_query == "form":  # its names and values are signed without what stands between them
        arrived = post(changed.encode(), twilio=by_twilio(URL, said()))
        assert not is_signed(arrived, HERE, KEYS) or sim_of(arrived) == SID
    else:
        assert not is_signed(get(changed, twilio=by_twilio(f"{URL}?{text}")), HERE, KEYS)


@given(st.sampled_from(["SimSid", "SimUniqueName", "SimStatus", "AccountSid"]), st.text(min_size=1))
def test_twilios_signature_is_of_each_value(name: str, value: str) -> None:
    fields = said()
    signature = by_twilio(URL, fields)
    changed = fields | {name: value}
    assert is_signed(post(form(changed), twilio=signature), HERE, KEYS) == (changed == fields)
    more = fields | {f"New{name}": value}
    assert is_signed(post(form(more), twilio=by_twilio(URL, more)), HERE, KEYS), "parameters may be added"


@pytest.mark.parametrize("more", [b"\x80\x00\x00&SimSid=" + OTHER_SID.encode(), b"\x00", b"\r\n", b"\xff"])
def test_a_body_that_is_no_form_is_refused_whoever_signed_it(more: bytes) -> None:
    longer = BODY + more
    assert not is_signed(post(longer, kore=by_kore("POST", URL, longer)), HERE, KEYS)
    assert not is_signed(get(kore=by_kore("GET", URL, more), body=more), HERE, KEYS)


def test_a_query_with_a_body_is_refused() -> None:
    assert not is_signed(get(twilio=by_twilio(f"{URL}?{GET_QUERY}"), body=b"a=b"), HERE, KEYS)


def test_one_sim_is_named_or_none() -> None:
    assert sim_of(post()) == sim_of(get()) == SID
    assert sim_of(post(form(said("HS12")))) is None
    assert sim_of(post(form(said(SID + "/../x")))) is None
    assert sim_of(post(b"")) is None
    assert sim_of(post(BODY + b"&SimSid=" + OTHER_SID.encode())) is None
    assert sim_of(post(b"SimSid=" + SID.encode() + b"&SimUniqueName=%ff")) is None
    assert sim_of(post(b"&".join([b"a=b"] * 200 + [BODY]))) is None


@given(st.binary(max_size=200), st.text(max_size=100))
def test_whatever_arrives_is_judged(body: bytes, text: str) -> None:
    for arrived in (post(body, twilio=text, kore=text), get(body.decode("latin-1"), twilio=text, kore=text)):
        assert not is_signed(arrived, HERE, KEYS)
        assert sim_of(arrived) is None


@pytest.mark.parametrize(
    "text",
    ["", "hooks.example.com/x", "ftp://h/x", "https://", "https:///x", "https://h:x/", "https://[h/", "https://h/a b"],
)
def test_a_url_that_nobody_can_call_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="https://host/path"):
        public_url(text)


def test_a_url_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(UsageError) as caught:
        public_url("https://ann:hidden@hooks.example.com/")
    assert "hidden" not in str(caught.value)


def test_the_path_of_a_url_is_what_a_server_sees() -> None:
    assert public_url("https://h").path == "/"
    assert public_url("https://h/a%20b/?c=d#e").path == "/a b/"


def test_the_accounts_say_which_urls_and_which_keys(tmp_path: Path) -> None:
    parent = account(tmp_path, "depot", auth_token="one", callback_url=URL)
    child = account(tmp_path, "north", auth_token="two", callback_url=URL)
    kore = account(tmp_path, "kore-north", client_secret="unused", callback_secret="three")
    other = account(tmp_path, "pilot", provider="emnify", password="four")
    known = desk([parent, child, kore, other], None)
    assert [url.text for url in known.urls] == [URL]
    assert known.named == ("depot", "north", "kore-north")
    assert set(known.keys.twilio) == {Secret("one"), Secret("two"), Secret("three")}
    assert known.keys.kore == (Secret("three"),)
    assert [url.text for url in desk([parent], "https://else.example.com/x").urls] == ["https://else.example.com/x"]


def test_the_secret_of_an_api_key_signs_nothing(tmp_path: Path) -> None:
    keyed = account(tmp_path, "keyed", username="SK" + "0" * 32, auth_token="five", callback_secret="the token")
    assert desk([keyed], URL).keys.twilio == (Secret("the token"),)
    (tmp_path / "user").write_text("SK" + "0" * 32)
    (tmp_path / "user").chmod(0o600)
    referred = account(tmp_path, "referred", username="file:user", auth_token="six", callback_secret="the token")
    assert desk([referred], URL).keys.twilio == (Secret("the token"),)


def test_an_account_whose_key_cannot_be_read_is_told_and_the_others_count(tmp_path: Path) -> None:
    lost, good = account(tmp_path, "lost", auth_token="x"), account(tmp_path, "good", auth_token="y")
    (tmp_path / "lost-auth_token").unlink()
    known = desk([lost, good], URL)
    assert known.named == ("good",)
    assert known.unread[0].startswith("lost: The secret file")
    with pytest.raises(UsageError, match="lost: The secret file"):
        desk([lost], URL)


def test_without_a_url_or_a_key_there_is_nothing_to_receive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--url"):
        desk([account(tmp_path, "north", auth_token="x")], None)
    with pytest.raises(UsageError, match="callback_secret"):
        desk([account(tmp_path, "kore", client_secret="x", callback_url=URL)], None)
    assert TOKEN not in repr(desk([account(tmp_path, "north", auth_token=TOKEN)], URL))
