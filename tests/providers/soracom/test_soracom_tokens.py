"""What is asked for a transfer, and what each answer comes to: yes, later, no, doubt; and no token is ever shown."""

from __future__ import annotations

import orjson
import pytest

from domain.orders import Part, Reply, Said
from providers.calls import Call, Unreadable
from providers.soracom_transfer import Address, cancel_call, issue_call, verify_call
from providers.wire import Answer
from tests.providers.doubles import answer
from tests.providers.soracom_doubles import WEST, a_sim, an_order, imsi_of, no, number

TOKEN = b"abc/def s3cret"
TO = Address(WEST, "west@acme.example")
SIMS = (a_sim(1), a_sim(2))
ISSUE, OFFER = (issue_call(an_order(*SIMS, part=part), TO) for part in (Part.ISSUE, Part.OFFER))
VERIFY = verify_call(an_order(*SIMS, part=Part.ACCEPT, token=TOKEN))
CANCEL = cancel_call(TOKEN)


def test_a_token_is_asked_for_by_primary_imsis() -> None:
    assert (ISSUE.request.method, ISSUE.request.path) == ("POST", "/v1/subscribers/transfer_token/issue")
    assert orjson.loads(ISSUE.request.body or b"") == {
        "transferDestinationOperatorEmail": "west@acme.example",
        "transferDestinationOperatorId": WEST,
        "transferImsi": [imsi_of(1), imsi_of(2)],
    }
    with pytest.raises(ValueError, match="without an IMSI"):
        issue_call(an_order(a_sim(1, status="ready").__class__(number(1), number(1), number(1))), TO)


def test_no_call_of_a_transfer_may_be_repeated() -> None:
    assert not any(call.repeatable for call in (ISSUE, OFFER, VERIFY, CANCEL))


@pytest.mark.parametrize(("call", "said"), [(ISSUE, Said.YES), (OFFER, Said.LATER)])
def test_a_token_is_a_yes_where_we_accept_it_and_later_where_others_do(call: Call[Reply], said: Said) -> None:
    reply = call.read(answer(200, {"token": "t0ken"}))
    assert (reply.said, reply.secret) == (said, b"t0ken")
    assert "t0ken" not in repr(reply)


def test_an_acceptance_is_a_yes_for_exactly_the_sims_that_were_asked_for() -> None:
    assert VERIFY.read(answer(200, {"transferredImsi": [imsi_of(2), imsi_of(1)]})).said is Said.YES
    for imsis in ([imsi_of(1)], [imsi_of(1), imsi_of(2), imsi_of(3)], [], [None]):
        reply = VERIFY.read(answer(200, {"transferredImsi": imsis}))
        assert (reply.said, bool(reply.problems)) == (Said.UNHEARD, True)


def test_a_token_is_cancelled_or_is_none_any_more() -> None:
    assert CANCEL.read(Answer(204, {}, b"")).said is Said.YES
    for gone in (Answer(404, {}, b""), no(404)):
        reply = CANCEL.read(gone)
        assert (reply.said, reply.refusals[0].code) == (Said.NO, "token_unknown")


@pytest.mark.parametrize("call", [ISSUE, VERIFY, CANCEL], ids=["issue", "verify", "cancel"])
def test_a_no_has_the_providers_code_and_words_and_hides_the_token(call: Call[Reply]) -> None:
    reply = call.read(no(400, "SEM0042", f"no: {TOKEN.decode()}"))
    assert (reply.said, [refusal.code for refusal in reply.refusals]) == (Said.NO, ["SEM0042"])
    if call is not ISSUE:  # which has no token yet
        assert TOKEN.decode() not in repr(reply)


def test_a_no_that_names_sims_is_about_those() -> None:
    by_imsi = ISSUE.read(no(400, "SEM0042", f"{imsi_of(2)} is not ready"))
    by_id = ISSUE.read(no(400, "SEM0042", f"{number(1)} and {number(2)}"))
    of_nobody = ISSUE.read(no(400, "SEM0042", "no such operator"))
    assert [[refusal.key for refusal in reply.refusals] for reply in (by_imsi, by_id, of_nobody)] == [
        [number(2)],
        [number(1), number(2)],
        [None],
    ]


@pytest.mark.parametrize("call", [ISSUE, VERIFY, CANCEL], ids=["issue", "verify", "cancel"])
def test_a_403_is_about_us_and_proof_that_nothing_was_done(call: Call[Reply]) -> None:
    reply = call.read(no(403))
    assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)


@pytest.mark.parametrize("call", [ISSUE, VERIFY, CANCEL], ids=["issue", "verify", "cancel"])
@pytest.mark.parametrize(
    "got",
    [
        Answer(400, {}, b"<html>bad request</html>"),
        Answer(403, {}, b"<html>blocked</html>"),
        Answer(404, {}, b"<html>nobody here</html>"),
        Answer(400, {}, b""),
        answer(400, ["no"]),
        answer(400, {"message": "no code"}),
    ],
)
def test_what_is_no_answer_of_soracoms_leaves_doubt(call: Call[Reply], got: Answer) -> None:
    if call is CANCEL and got.status == 404 and not got.body:
        return
    with pytest.raises(Unreadable):
        call.read(got)


@pytest.mark.parametrize(
    ("call", "got"),
    [
        (ISSUE, answer(200, {})),
        (ISSUE, answer(200, {"token": ""})),
        (ISSUE, Answer(200, {}, b"<html>")),
        (VERIFY, answer(200, {"transferredImsi": "all"})),
        (VERIFY, Answer(200, {}, b"")),
    ],
)
def test_a_yes_that_says_nothing_leaves_doubt(call: Call[Reply], got: Answer) -> None:
    with pytest.raises(Unreadable):
        call.read(got)


def test_the_token_shows_in_no_repr_of_what_is_sent() -> None:
    for call in (VERIFY, CANCEL):
        assert "s3cret" not in repr(call)
        assert "s3cret" not in repr(call.request)
    assert "s3cret" not in repr(an_order(*SIMS, part=Part.ACCEPT, token=TOKEN))
