"""Soracom's hands on two operators in memory: tokens issued, accepted and taken back, whatever the network does."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from domain.inventory import Side
from domain.orders import Part, Said
from providers.protocol import Crew, Transferor
from tests.providers.soracom_doubles import WEST, Soracom, a_sim, an_order, number, shown

SIMS = tuple(a_sim(place) for place in range(3))


@pytest.fixture
def hands(crew: Crew, soracom: Soracom) -> Transferor:
    soracom.hold(*(shown(place) for place in range(3)))
    assert crew.transferor is not None
    return crew.transferor


def held(soracom: Soracom) -> set[tuple[object, object]]:
    """Operator and status of the three."""
    return {(sim["operatorId"], sim["status"]) for sim in soracom.sims.values()}


def issued(hands: Transferor, part: Part = Part.ISSUE) -> bytes:
    reply = hands.move(an_order(*SIMS, part=part))
    assert reply.said is (Said.YES if part is Part.ISSUE else Said.LATER)
    assert reply.secret is not None
    return reply.secret


def test_sims_go_from_one_operator_to_the_other_by_a_token(hands: Transferor, crew: Crew, soracom: Soracom) -> None:
    token = issued(hands)
    assert {sight.status for sight in crew.reader.find(SIMS)} == {"transferring"}
    assert hands.move(an_order(*SIMS, part=Part.ACCEPT, token=token)).said is Said.YES
    assert {sight.side for sight in crew.reader.find(SIMS)} == {Side.TARGET}
    assert held(soracom) == {(WEST, "ready")}


def test_a_token_is_taken_back_with_all_its_sims(hands: Transferor, crew: Crew) -> None:
    token = issued(hands, Part.OFFER)
    assert hands.cancel(token).said is Said.YES
    assert {sight.status for sight in crew.reader.find(SIMS)} == {"ready"}
    again = hands.cancel(token)
    assert (again.said, [refusal.code for refusal in again.refusals]) == (Said.NO, ["token_unknown"])
    assert crew.reader.advice("token_unknown")
    late = hands.move(an_order(*SIMS, part=Part.ACCEPT, token=token))
    assert (late.said, token.decode() in repr(late)) == (Said.NO, False)


def test_a_no_names_the_sim_it_is_about(hands: Transferor, soracom: Soracom) -> None:
    soracom.sims[number(1)]["status"] = "active"
    reply = hands.move(an_order(*SIMS))
    assert (reply.said, [refusal.key for refusal in reply.refusals]) == (Said.NO, [number(1)])
    assert len(soracom.asked("POST", "issue")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(500, json={"code": "SEM0500", "message": "broken"}),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(400, text="<html>bad request</html>"),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(302, headers={"location": "https://elsewhere.test/"}),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut off"),
    ],
    ids=str,
)
@pytest.mark.parametrize("what", ["issue", "verify", "cancel"])
def test_what_may_have_arrived_is_in_doubt_and_sent_once(
    hands: Transferor, soracom: Soracom, fault: httpx.Response | Exception, what: str
) -> None:
    token = issued(hands)
    soracom.seen.clear()
    soracom.faults = [lambda request: _again(fault) if "transfer_token" in request.url.path else None]
    match what:
        case "issue":
            reply = hands.move(an_order(*SIMS))
        case "verify":
            reply = hands.move(an_order(*SIMS, part=Part.ACCEPT, token=token))
        case _:
            reply = hands.cancel(token)
    assert reply.said is Said.UNHEARD
    assert len(soracom.seen) - len(soracom.asked("POST", "auth")) == 1


def _again(fault: httpx.Response | Exception) -> httpx.Response | Exception:
    """A response is consumed once."""
    if isinstance(fault, Exception):
        return fault
    return httpx.Response(fault.status_code, headers=fault.headers, content=fault.content)


def test_what_never_left_or_was_throttled_is_asked_again(hands: Transferor, soracom: Soracom) -> None:
    left: list[httpx.Response | Exception] = [
        httpx.Response(429, text="slow down"),
        httpx.ConnectError("no route"),
        httpx.Response(
            429,
            headers={"x-soracom-ratelimit-remaining": "0", "x-soracom-ratelimit-seconds-before-refresh": "9"},
        ),
    ]
    soracom.faults = [lambda request: left.pop() if left and "issue" in request.url.path else None]
    assert issued(hands)
    assert len(soracom.asked("POST", "issue")) == 4


def test_what_could_not_be_sent_is_unsent(hands: Transferor, soracom: Soracom) -> None:
    soracom.faults = [lambda request: httpx.ConnectError("no route") if "issue" in request.url.path else None]
    assert hands.move(an_order(*SIMS)).said is Said.UNSENT


def test_a_token_that_was_recalled_in_between_is_replaced_and_the_call_repeated(
    hands: Transferor, soracom: Soracom
) -> None:
    token = issued(hands)
    soracom.logged_in.clear()
    assert hands.move(an_order(*SIMS, part=Part.ACCEPT, token=token)).said is Said.YES
    assert len(soracom.asked("POST", "verify")) == 1  # the target had not logged in before
    soracom.logged_in.clear()
    assert hands.cancel(b"unknown").said is Said.NO
    assert len(soracom.asked("DELETE")) == 2


def test_credentials_that_are_refused_are_said_to_be(hands: Transferor, soracom: Soracom) -> None:
    body = {"code": "SEM0049", "message": "no permission"}
    soracom.faults = [lambda request: httpx.Response(403, json=body) if "transfer_token" in request.url.path else None]
    for reply in (hands.move(an_order(*SIMS)), hands.cancel(b"t")):
        assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
    soracom.logged_in.clear()
    soracom.faults = [lambda _: httpx.Response(401, json={"code": "AUM0001", "message": "no"})]
    reply = hands.move(an_order(*SIMS))
    assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
    assert "accounts --check" in reply.words


def test_nobody_accepts_for_a_target_without_credentials(blind: Crew, soracom: Soracom) -> None:
    soracom.hold(*(shown(place) for place in range(3)))
    assert blind.transferor is not None
    token = issued(blind.transferor, Part.OFFER)
    reply = blind.transferor.move(an_order(*SIMS, part=Part.ACCEPT, token=token))
    assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
    assert not soracom.asked("POST", "verify")
    with pytest.raises(ValueError, match="no part"):
        blind.transferor.move(an_order(*SIMS, part=Part.MOVE))


def test_no_secret_is_ever_logged(hands: Transferor, soracom: Soracom, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    left = [httpx.Response(429), httpx.Response(429)]
    soracom.faults = [lambda request: left.pop() if left and "transfer_token" in request.url.path else None]
    token = issued(hands)
    hands.move(an_order(*SIMS, part=Part.ACCEPT, token=token))
    hands.cancel(token)
    for secret in (token.decode(), "t0ken-", "right"):
        assert secret not in caplog.text


def test_several_tokens_are_issued_side_by_side(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(*(shown(place) for place in range(40)))
    hands = crew.transferor
    assert hands is not None
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda place: hands.move(an_order(a_sim(place))), range(40)))
    assert {reply.said for reply in replies} == {Said.YES}
    assert len({reply.secret for reply in replies}) == 40
    assert len(soracom.asked("POST", "auth")) == 1
