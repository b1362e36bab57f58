"""The retry table, carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ProviderUnavailable
from domain.orders import Fate
from providers.calls import (
    NEXT,
    RETRY_AFTER_S_MAX,
    TRIES_MAX,
    TRIES_THROTTLED_MAX,
    WAIT_S_MAX,
    Call,
    Heard,
    Next,
    Signs,
    Unauthorised,
    Unheard,
    Unreadable,
    perform,
    required,
    retry_after_s,
)
from providers.pace import Budget
from providers.secrets import Secret
from providers.wire import Answer, Lost, Request
from tests.providers.doubles import Script, Timepiece, answer

GOOD = answer(200, {"fine": True})
MET: dict[Fate, Answer | Lost] = {
    Fate.ANSWERED: GOOD,
    Fate.NOT_SENT: Lost(Fate.NOT_SENT, "ConnectError"),
    Fate.THROTTLED: answer(429),
    Fate.BROKEN: answer(502),
    Fate.SILENT: Lost(Fate.SILENT, "ReadTimeout"),
}


def read(got: Answer) -> str:
    if not got.body.startswith(b"{"):
        raise Unreadable("no object")
    return got.body.decode()


def call(*, repeatable: bool, bearer: Secret | None = None) -> Call[str]:
    return Call("a call", Request("POST", "/x", bearer=bearer), read, repeatable)


def run(script: Script, time: Timepiece, *, repeatable: bool) -> Heard[str] | Unheard | Unauthorised:
    clock = time.clock()
    return perform(call(repeatable=repeatable), script, Budget({}, clock), clock)


def test_the_table_answers_every_fate_for_both_kinds_of_call() -> None:
    assert set(NEXT) == set(Fate)
    assert {fate for fate, (_, once) in NEXT.items() if once is Next.DOUBT} == {Fate.BROKEN, Fate.SILENT}
    assert all(repeatable is not Next.DOUBT for repeatable, _ in NEXT.values())


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_the_table_says_is_done(fate: Fate, *, repeatable: bool) -> None:
    script = Script([MET[fate], GOOD])
    outcome = run(script, Timepiece(), repeatable=repeatable)
    match NEXT[fate][0 if repeatable else 1]:
        case Next.READ:
            assert isinstance(outcome, Heard)
            assert len(script.sent) == 1
        case Next.AGAIN:
            assert isinstance(outcome, Heard)
            assert len(script.sent) == 2
        case Next.DOUBT:
            assert isinstance(outcome, Unheard)
            assert outcome.fate is fate
            assert len(script.sent) == 1


@given(st.lists(st.sampled_from(list(Fate)), min_size=1, max_size=20))
def test_a_call_for_once_is_never_sent_again_after_it_may_have_arrived(fates: list[Fate]) -> None:
    script = Script([MET[fate] for fate in fates])
    run(script, Timepiece(), repeatable=False)
    met = [fates[min(place, len(fates) - 1)] for place in range(len(script.sent))]
    assert not {Fate.BROKEN, Fate.SILENT, Fate.ANSWERED} & set(met[:-1])


@pytest.mark.parametrize(("fate", "tries"), [(f, TRIES_MAX) for f in (Fate.NOT_SENT, Fate.BROKEN, Fate.SILENT)])
def test_repeats_are_bounded_and_said(fate: Fate, tries: int) -> None:
    script, time = Script([MET[fate]]), Timepiece()
    outcome = run(script, time, repeatable=True)
    assert isinstance(outcome, Unheard)
    assert (len(script.sent), outcome.tries) == (tries, tries)
    assert time.slept == [0.25, 0.5, 1.0, 2.0]
    with pytest.raises(ProviderUnavailable, match=r"a call: no usable answer in 5 tries \(.+\)\. Nothing was changed"):
        required(outcome)


def test_throttling_is_waited_out_for_minutes_and_not_for_ever() -> None:
    script, time = Script([MET[Fate.THROTTLED]]), Timepiece()
    outcome = run(script, time, repeatable=False)
    assert isinstance(outcome, Unheard)
    assert outcome.fate is Fate.THROTTLED
    assert len(script.sent) == TRIES_THROTTLED_MAX
    assert 60 < sum(time.slept) <= WAIT_S_MAX * TRIES_THROTTLED_MAX


def test_retry_after_is_honoured_in_place_of_our_own_wait() -> None:
    time = Timepiece()
    run(Script([answer(429, retry_after="7"), GOOD]), time, repeatable=False)
    assert sum(time.slept) == 7


@pytest.mark.parametrize(
    "odd", [answer(301), answer(302, {}), answer(408), answer(408, {}), Answer(200, {}, b"<html>")]
)
def test_an_answer_that_nobody_can_read_is_silence(odd: Answer) -> None:
    once, again = Script([odd, GOOD]), Script([odd, GOOD])
    outcome = run(once, Timepiece(), repeatable=False)
    assert isinstance(outcome, Unheard)
    assert outcome.fate is Fate.SILENT
    assert isinstance(run(again, Timepiece(), repeatable=True), Heard)


def test_a_401_for_a_token_is_handed_up_at_once_and_for_a_login_it_is_read() -> None:
    refused, time = answer(401, {}), Timepiece()
    clock, script = time.clock(), Script([refused])
    bearing = call(repeatable=True, bearer=Secret("t"))
    assert perform(bearing, script, Budget({}, clock), clock) == Unauthorised(refused)
    assert len(script.sent) == 1
    assert isinstance(run(Script([refused]), time, repeatable=True), Heard)


def test_a_provider_may_have_signs_of_its_own() -> None:
    signs = Signs(
        fate=lambda got: Fate.THROTTLED if got.body == b"{1}" else Fate.ANSWERED,
        token_refused=lambda got: got.status == 403,
    )
    bearing = replace(call(repeatable=False, bearer=Secret("t")), signs=signs)
    clock = Timepiece().clock()
    script = Script([Answer(400, {}, b"{1}"), answer(403, {}), GOOD])
    assert perform(bearing, script, Budget({}, clock), clock) == Unauthorised(answer(403, {}))
    assert isinstance(perform(bearing, script, Budget({}, clock), clock), Heard)
    assert len(script.sent) == 3


def test_retry_after_may_be_a_date_and_is_capped() -> None:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    later = format_datetime(now.replace(second=30), usegmt=True)
    assert retry_after_s(answer(429, retry_after=later), now.timestamp()) == 30
    assert retry_after_s(answer(429, retry_after="Fri, 20 Nov 2026 11:00:00 GMT"), now.timestamp()) == 0
    assert retry_after_s(answer(429, retry_after="86400"), 0) == RETRY_AFTER_S_MAX
    assert retry_after_s(answer(429, retry_after="soon"), 0) is None
    assert retry_after_s(answer(429), 0) is None


@given(st.text(max_size=40))
def test_any_retry_after_is_read_or_passed_over(text: str) -> None:
    wait_s = retry_after_s(Answer(429, {"retry-after": text}, b""), 0.0)
    assert wait_s is None or 0 <= wait_s <= RETRY_AFTER_S_MAX
