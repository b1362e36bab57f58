"""What an execution does first that comes after one that died or was stopped."""

from __future__ import annotations

import polars as pl
import pytest

from domain.breakers import Cause
from domain.errors import FerryError, ProviderUnavailable, RefusedToRun
from domain.events import Kind
from domain.inventory import Side
from domain.orders import Options
from domain.outcomes import Deed
from domain.queue import left_to_send, with_deeds
from domain.state import fold
from tasks.crossing import waves
from tasks.voyage import Voyage
from tests.engine.test_crash_points import LIMITS, SIMS, execute, plan_of
from tests.fakes import Act, FakeClock, FakeLog, FakeProvider, Killed

CANARY_ANSWERED = 2  # records written when the canary's answer is in the journal


def provider_with(*acts: Act) -> FakeProvider:
    return FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}, dict(enumerate(acts, start=1)))


def died_after_the_canary_was_answered(provider: FakeProvider) -> FakeLog:
    log = FakeLog(die_after=CANARY_ANSWERED)
    with pytest.raises(Killed):
        execute(provider, log, plan_of(provider))
    return log


def test_a_canary_that_nobody_looked_at_is_looked_at_before_anything_else_goes() -> None:
    provider = provider_with()
    steps = plan_of(provider)
    log = died_after_the_canary_was_answered(provider)
    execute(provider, log, steps)
    assert [len(order.sims) for order in provider.sent] == [2, 4, 4, 1]
    kinds = [event.kind for event in log.events]
    assert kinds.index(Kind.SEEN) < [place for place, kind in enumerate(kinds) if kind == Kind.INTENDED][1]


def test_a_lie_about_the_canary_is_found_before_anything_else_goes() -> None:
    provider = provider_with(Act.LIE)
    log = died_after_the_canary_was_answered(provider)
    log.die_after = -1
    steps = plan_of(provider)
    execute(provider, log, steps)
    assert [len(order.sims) for order in provider.sent] == [2, 2, 4, 4, 1]


def test_a_canary_declined_to_a_process_that_died_stops_the_next_one() -> None:
    provider = provider_with(Act.DECLINE_ALL)
    steps = plan_of(provider)
    log = died_after_the_canary_was_answered(provider)
    with pytest.raises(RefusedToRun, match="--resume-after canary"):
        execute(provider, log, steps)
    assert len(provider.sent) == 1


def test_an_operator_who_names_the_canary_may_go_on_without_it() -> None:
    provider = provider_with(Act.DECLINE_ALL)
    steps = plan_of(provider)
    log = died_after_the_canary_was_answered(provider)
    voyage = Voyage("a-run", provider, provider, log, provider.clock, LIMITS, Options(), lambda _: None)
    left = pl.concat(waves(voyage, steps, fold(log.events), [Cause.CANARY]))
    assert left["batch"].unique().sort().to_list() == [2, 3, 4]


def test_outages_however_many_take_no_sim_out_of_the_run() -> None:
    outages = LIMITS.attempts_max + 2
    provider = provider_with(*[Act.UNSENT] * outages)
    log, steps = FakeLog(), plan_of(provider)
    for _ in range(outages):
        with pytest.raises(ProviderUnavailable):
            execute(provider, log, steps)
    execute(provider, log, steps)
    assert set(fold(log.events)["deed"]) == {Deed.ARRIVED}


def test_what_reads_have_shown_untouched_too_often_is_left_to_a_new_plan() -> None:
    provider = provider_with(*[Act.SILENT_BEFORE] * 99)
    log, steps = FakeLog(), plan_of(provider)
    with pytest.raises(FerryError):
        execute(provider, log, steps)
    canary = with_deeds(steps, fold(log.events)).filter(batch=1)
    assert set(canary["deed"]) == {Deed.STILL}
    assert left_to_send(canary, LIMITS).is_empty()


def test_the_settle_time_of_what_a_dead_process_sent_is_counted_from_now() -> None:
    provider = provider_with(Act.SILENT_LATE)
    steps, log = plan_of(provider), FakeLog(die_before=CANARY_ANSWERED)
    with pytest.raises(Killed):
        execute(provider, log, steps)
    log.die_before = -1
    execute(provider, log, steps)
    assert [len(order.sims) for order in provider.sent] == [2, 4, 4, 1]


def test_three_batches_declined_for_one_cause_stop_the_run_and_say_so_in_the_journal() -> None:
    sims = {str(place): Side.SOURCE for place in range(10)}
    provider = FakeProvider(FakeClock(), sims, dict.fromkeys(range(2, 99), Act.DECLINE_ALL))
    steps, log = plan_of(FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})).head(10), FakeLog()
    steps = steps.with_columns(key=pl.Series(list(sims)), batch=pl.int_range(1, 11, dtype=pl.UInt32))
    with pytest.raises(RefusedToRun, match="--resume-after declined-in-a-row"):
        execute(provider, log, steps)
    assert len(provider.sent) == 1 + LIMITS.breaker_batches_in_a_row
    assert log.events[-1].kind == Kind.STOPPED
    assert log.events[-1].body["cause"] == Cause.DECLINED_IN_A_ROW
