"""Super SIM's changing calls: what is sent for each part, and what every answer comes to."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from domain.orders import Order, Part, Refusal, Reply, Said
from providers.calls import Heard, Unreadable
from providers.supersim_update import Pair, read_update, update_call
from providers.wire import FORM, Answer
from tests.providers.doubles import answer
from tests.providers.supersim_doubles import (
    FLEET,
    NORTH,
    SOUTH,
    Answers,
    a_post,
    a_sim,
    an_order,
    body_of,
    refusal,
    shown,
    sid,
)

PAIR = Pair(NORTH, SOUTH)
MOVE = an_order(a_sim(1, group_to=FLEET))
OFF = an_order(a_sim(1, status="active"), part=Part.DEACTIVATE)
ON = an_order(a_sim(1, status="active"), part=Part.ACTIVATE)
CODE = "H3LL0W0RLD"
CLAIM = an_order(replace(a_sim(1), sim_id=""), part=Part.REGISTER, codes={body_of(1): CODE})


def fields(order: Order, callback_url: str = "") -> tuple[str, dict[str, str]]:
    request = update_call(order, PAIR, callback_url).request
    assert request.body is not None
    assert (request.method, request.body_type) == ("POST", FORM)
    form = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    return request.path, {name: text for name, (text,) in form.items()}


def test_each_part_sets_what_it_says_and_nothing_else() -> None:
    path = f"/v1/Sims/{sid(1)}"
    assert fields(MOVE) == (path, {"AccountSid": SOUTH, "Fleet": FLEET})
    assert fields(an_order(a_sim(1))) == (path, {"AccountSid": SOUTH})
    assert fields(an_order(a_sim(1, group_to=""))) == (path, {"AccountSid": SOUTH, "Fleet": ""})
    assert fields(OFF) == (path, {"Status": "inactive"})
    assert fields(ON) == (path, {"Status": "active"})
    assert fields(CLAIM) == ("/v1/Sims", {"Iccid": a_sim(1).iccid, "RegistrationCode": CODE})


def test_an_iccid_without_check_digit_is_registered_with_it() -> None:
    short = an_order(replace(a_sim(1), sim_id="", iccid=body_of(1)), part=Part.REGISTER, codes={body_of(1): CODE})
    assert fields(short)[1]["Iccid"] == a_sim(1).iccid


def test_a_callback_goes_with_every_update_and_with_no_registration() -> None:
    url = "https://hooks.example/s?x=1"
    assert fields(OFF, url)[1] == {"Status": "inactive", "CallbackUrl": url, "CallbackMethod": "POST"}
    assert "CallbackUrl" not in fields(CLAIM, url)[1]


def test_no_call_is_made_for_what_is_no_sid_or_not_one_sim() -> None:
    with pytest.raises(ValueError, match="addressed by its sid"):
        update_call(an_order(replace(a_sim(1), sim_id="../Fleets/x")), PAIR)
    for sims in ((), (a_sim(1), a_sim(2))):
        with pytest.raises(ValueError, match="one SIM a call"):
            update_call(an_order(*sims), PAIR)


def test_no_update_may_be_repeated_and_no_repr_shows_a_code() -> None:
    for order in (MOVE, OFF, ON, CLAIM):
        assert not update_call(order, PAIR).repeatable
    assert CODE not in repr(CLAIM)
    assert CODE not in repr(update_call(CLAIM, PAIR).request)


@pytest.mark.parametrize(
    ("order", "got", "said"),
    [
        (MOVE, answer(200, shown(1, SOUTH, fleet_sid=FLEET)), Said.YES),
        (MOVE, answer(200, shown(1, SOUTH.lower(), fleet_sid=FLEET.lower())), Said.YES),
        (MOVE, answer(202, shown(1, NORTH, status="scheduled", fleet_sid=None)), Said.LATER),
        (MOVE, answer(202, shown(1, SOUTH, status="inactive", fleet_sid=FLEET)), Said.LATER),
        (MOVE, answer(200, shown(1, SOUTH, status="scheduled", fleet_sid=FLEET)), Said.LATER),
        (an_order(a_sim(1)), answer(200, shown(1, SOUTH)), Said.YES),
        (an_order(a_sim(1, group_to="")), answer(200, shown(1, SOUTH)), Said.YES),
        (OFF, answer(202, shown(1, status="scheduled")), Said.LATER),
        (OFF, answer(200, shown(1, status="scheduled")), Said.LATER),
        (OFF, answer(200, shown(1, status="inactive")), Said.YES),
        (ON, answer(202, shown(1, SOUTH, status="scheduled")), Said.LATER),
        (ON, answer(200, shown(1, SOUTH, status="active")), Said.YES),
        (CLAIM, answer(201, shown(1, SOUTH)), Said.YES),
        (CLAIM, answer(200, shown(1, SOUTH, unique_name="")), Said.YES),
    ],
)
def test_a_yes_shows_what_was_asked_for_and_what_is_scheduled_is_for_later(
    order: Order, got: Answer, said: Said
) -> None:
    assert read_update(got, order, PAIR) == Reply(said, got.status)


@pytest.mark.parametrize(
    ("order", "got", "words"),
    [
        (MOVE, answer(200, shown(2, SOUTH, fleet_sid=FLEET)), "speaks of another SIM"),
        (MOVE, answer(200, shown(1, SOUTH, fleet_sid=FLEET, iccid=a_sim(2).iccid)), "speaks of another SIM"),
        (MOVE, answer(202, shown(2, NORTH, status="scheduled")), "speaks of another SIM"),
        (MOVE, answer(200, shown(1, NORTH, fleet_sid=FLEET)), f"account {SOUTH}, the answer says {NORTH}"),
        (MOVE, answer(202, shown(1, "AC" + "9" * 32)), f"Asked for account {SOUTH}"),
        (MOVE, answer(200, shown(1, SOUTH)), f"Asked for fleet {FLEET}, the answer says none"),
        (an_order(a_sim(1, group_to="")), answer(200, shown(1, SOUTH, fleet_sid=FLEET)), "Asked for fleet none"),
        (OFF, answer(200, shown(1, status="active")), "Asked for status inactive, the answer says active"),
        (OFF, answer(200, shown(1, SOUTH, status="inactive")), f"Asked for account {NORTH}"),
        (ON, answer(200, shown(1, SOUTH, status="inactive")), "Asked for status active"),
        (ON, answer(200, shown(1, NORTH, status="active")), f"Asked for account {SOUTH}"),
        (CLAIM, answer(201, shown(2, SOUTH)), "speaks of another SIM"),
        (CLAIM, answer(201, shown(1, NORTH)), f"Asked for account {SOUTH}"),
    ],
)
def test_an_answer_about_something_else_is_doubt_and_says_so(order: Order, got: Answer, words: str) -> None:
    reply = read_update(got, order, PAIR)
    assert reply.said is Said.UNHEARD
    assert words in " ".join(reply.problems)


@pytest.mark.parametrize("code", [83005, 83006, 83007, 83008, 83009, 83010, 83011, 83600, 20404, 20409, 83002, 12345])
@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_a_code_is_a_no_whatever_the_status_beside_it(code: int, status: int) -> None:
    reply = read_update(refusal(status, code, "it is so"), MOVE, PAIR)
    assert (reply.said, reply.refusals) == (Said.NO, (Refusal(body_of(1), str(code), "it is so"),))


@pytest.mark.parametrize("got", [refusal(401, 20003), refusal(403, 20006), answer(401), answer(403, {"message": "no"})])
def test_a_no_to_who_we_are_is_no_word_about_the_sim(got: Answer) -> None:
    reply = read_update(got, MOVE, PAIR)
    assert (reply.said, reply.credentials_refused, reply.refusals) == (Said.UNSENT, True, ())


@pytest.mark.parametrize(
    "got",
    [
        answer(200, {}),
        answer(200, []),
        Answer(200, {}, b"<html>"),
        answer(200, shown(1, SOUTH, iccid=8988)),
        answer(404),
        answer(400, {"message": "odd"}),
        answer(413),
        answer(204),
    ],
)
def test_what_nobody_can_read_is_no_yes_and_no_no(got: Answer) -> None:
    with pytest.raises(Unreadable):
        read_update(got, MOVE, PAIR)


@pytest.mark.parametrize(
    ("got", "sent"),
    [
        (refusal(500, 83004), 1),
        (refusal(400, 83004), 1),
        (refusal(500, 20500), 1),
        (answer(503), 1),
        (answer(404), 1),
        (refusal(429, 20429), 12),
        (refusal(400, 20429), 12),
    ],
)
def test_only_what_was_throttled_is_asked_for_again(got: Answer, sent: int) -> None:
    sender = Answers(lambda _: got)
    assert not isinstance(a_post(sender).call(update_call(MOVE, PAIR)), Heard)
    assert len(sender.sent) == sent


def test_a_message_about_a_code_does_not_repeat_it() -> None:
    reply = read_update(refusal(400, 83002, f"{CODE} does not fit"), CLAIM, PAIR)
    assert CODE not in repr(reply)
    assert reply.words == "(code) does not fit"
