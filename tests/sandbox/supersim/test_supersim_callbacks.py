"""Callbacks: what they say, how each vendor signs them, and every way in which they fail to be news."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import polars as pl
import pytest

from sandbox.letters import is_local
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import DEPOT, NORTH, TOKEN_PATH, Account
from sandbox.supersim.callbacks import kore_signature, signed, twilio_signature
from sandbox.supersim.truth import Truth
from sandbox.supersim.words import Vendor
from tests.sandbox.supersim.conftest import Settled, Take

WAIT_S_MAX = 10.0


@dataclass(frozen=True)
class Came:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, str]:
        text = self.body.decode() if self.method == "POST" else urlsplit(self.url).query
        return {name: values[0] for name, values in parse_qs(text).items()}


@dataclass
class Receiver:
    """Somebody who is called back; answers 200 unless told otherwise."""

    url: str = ""
    status: int = 200
    came: list[Came] = field(default_factory=list)

    def wait_for(self, count: int) -> list[Came]:
        deadline = time.monotonic() + WAIT_S_MAX
        while len(self.came) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)  # one too many would have come by now
        return list(self.came)


@contextmanager
def _listening(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Came(self.command, f"{receiver.url.removesuffix('/hook')}{self.path}", headers, body)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.came.append(came)

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with _listening(Receiver()) as receiver:
        yield receiver


def deactivate(client: httpx.Client, sid: str, url: str, **also: str) -> None:
    answer = client.post(f"/v1/Sims/{sid}", data={"Status": "inactive", "CallbackUrl": url, **also})
    assert answer.status_code == 202, answer.text


def test_the_documented_digest_comes_out() -> None:
    example = kore_signature("12345", "POST", "https://testendpoint.com", b"field1=value1&field2=value2")
    assert example == "f562d3959f68b5a30fc7a63f8bbf40987f633575f4231ffceb4f76dd154ea3ce"


def test_twilios_own_example_of_a_signature_comes_out() -> None:
    posted = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio_signature("12345", url, posted) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_query_is_signed_by_twilio_and_left_out_by_kore() -> None:
    for vendor, name, expected in (
        (Vendor.TWILIO, "X-Twilio-Signature", twilio_signature("s", "http://127.0.0.1/h?a=1&SimSid=HS1", {})),
        (Vendor.KORE, "kore-signature", kore_signature("s", "GET", "http://127.0.0.1/h", b"")),
    ):
        letter = signed(1, "GET", "http://127.0.0.1/h?a=1", "SimSid=HS1", vendor, "s")
        assert (letter.url, letter.body) == ("http://127.0.0.1/h?a=1&SimSid=HS1", b"")
        assert letter.headers == {name: expected}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:8000/", True),
        ("https://127.0.0.1/x", False),
        ("http://192.0.2.7/x", False),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1:port/", False),
        ("ftp://127.0.0.1/", False),
    ],
)
def test_only_this_machine_is_ever_called(url: str, *, local: bool) -> None:
    assert is_local(url) is local


def test_a_form_comes_when_the_update_is_done_signed_with_the_accounts_own_secret(
    depot: httpx.Client, take: Take, receiver: Receiver, truth: Truth
) -> None:
    sid = take("active", pl.col("name").is_not_null())
    deactivate(depot, sid, receiver.url)
    (came,) = receiver.wait_for(1)
    name = truth.where().row(by_predicate=pl.col("sim_id") == sid, named=True)["name"]
    said = {"SimSid": sid, "SimUniqueName": name, "SimStatus": "inactive", "AccountSid": NORTH.sid}
    assert (came.method, came.said) == ("POST", said)
    assert came.headers["content-type"] == "application/x-www-form-urlencoded"
    assert came.headers["x-twilio-signature"] == twilio_signature(NORTH.auth_token, receiver.url, came.said)
    assert truth.callbacks().row(-1, named=True)["status"] == 200


def test_a_query_comes_where_get_is_asked_for_and_a_name_only_where_there_is_one(
    north: httpx.Client, take: Take, receiver: Receiver
) -> None:
    sid = take("active", pl.col("name").is_null())
    deactivate(north, sid, receiver.url, CallbackMethod="GET")
    (came,) = receiver.wait_for(1)
    assert (came.method, came.body) == ("GET", b"")
    assert came.said == {"SimSid": sid, "SimStatus": "inactive", "AccountSid": NORTH.sid}
    assert came.headers["x-twilio-signature"] == twilio_signature(NORTH.auth_token, came.url, {})


@pytest.mark.parametrize(("signer", "account"), [("owner", NORTH), ("asker", DEPOT)])
def test_who_asked_with_kores_credentials_is_called_with_kores_signature(
    sandbox: Sandbox, anonymous: httpx.Client, take: Take, receiver: Receiver, signer: str, account: Account
) -> None:
    sandbox.set_switches(callback_signer=signer)
    grant = {"grant_type": "client_credentials", "client_id": DEPOT.client_id, "client_secret": DEPOT.client_secret}
    anonymous.headers["Authorization"] = f"Bearer {anonymous.post(TOKEN_PATH, data=grant).json()['access_token']}"
    deactivate(anonymous, take("active"), receiver.url)
    (came,) = receiver.wait_for(1)
    assert "x-twilio-signature" not in came.headers
    expected = kore_signature(account.client_secret, "POST", receiver.url, came.body)
    assert came.headers["kore-signature"] == expected


def test_a_callback_that_fails_comes_once_more_and_no_more(
    sandbox: Sandbox, north: httpx.Client, take: Take, receiver: Receiver, truth: Truth
) -> None:
    sandbox.set_switches(redelivery_s="0.05")
    receiver.status = 503
    sid = take("active")
    deactivate(north, sid, receiver.url)
    first, again = receiver.wait_for(2)
    assert first == again
    sent = truth.callbacks().filter(pl.col("sim_id") == sid)
    assert sent.select("attempt", "status").rows() == [(1, 503), (2, 503)]


def test_nobody_there_is_a_failure_too(sandbox: Sandbox, north: httpx.Client, take: Take, truth: Truth) -> None:
    sandbox.set_switches(redelivery_s="0.01")
    sid = take("active")
    deactivate(north, sid, "http://127.0.0.1:9/nobody")
    deadline = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < deadline:
        sent = truth.callbacks().filter(pl.col("sim_id") == sid)
        if sent["sent_at"].null_count() == 0 and sent.height == 2:
            break
        time.sleep(0.02)
    assert sent.select("attempt", "status").rows() == [(1, None), (2, None)]


@pytest.mark.parametrize(("act", "comes"), [("callback_twice", 2), ("callback_never", 0)])
def test_a_callback_may_come_twice_or_never(
    sandbox: Sandbox, north: httpx.Client, take: Take, receiver: Receiver, settled: Settled, act: str, comes: int
) -> None:
    sid = take("active")
    sandbox.set_faults([{"act": act, "sim": sid}])
    deactivate(north, sid, receiver.url)
    assert settled(sid) == "inactive"
    assert [came.said["SimSid"] for came in receiver.wait_for(comes)] == [sid] * comes


def test_a_late_callback_comes_after_a_later_updates_own(
    sandbox: Sandbox, north: httpx.Client, take: Take, receiver: Receiver, settled: Settled
) -> None:
    sid = take("active")
    sandbox.set_faults([{"act": "callback_late", "seconds": 0.8, "nth": 1, "method": "POST"}])
    deactivate(north, sid, receiver.url)
    assert settled(sid) == "inactive"
    north.post(f"/v1/Sims/{sid}", data={"Status": "active", "CallbackUrl": receiver.url})
    assert settled(sid) == "active"
    assert [came.said["SimStatus"] for came in receiver.wait_for(2)] == ["active", "inactive"]


def test_what_falls_back_is_told_like_any_other_end(
    sandbox: Sandbox, north: httpx.Client, take: Take, receiver: Receiver
) -> None:
    sid = take("active")
    sandbox.set_faults([{"act": "fall_back", "sim": sid}])
    deactivate(north, sid, receiver.url)
    (came,) = receiver.wait_for(1)
    assert came.said["SimStatus"] == "active"


def test_what_is_done_at_once_calls_nobody(north: httpx.Client, take: Take, receiver: Receiver, truth: Truth) -> None:
    sid = take("new")
    north.post(f"/v1/Sims/{sid}", data={"UniqueName": "quiet", "CallbackUrl": receiver.url})
    assert receiver.wait_for(0) == []
    assert truth.callbacks().filter(pl.col("sim_id") == sid).height == 0
