"""Die at every record and at every call, run again, and hold the journal and the books against each other."""

from __future__ import annotations

import polars as pl
import pytest

from domain.breakers import Tally
from domain.errors import FerryError
from domain.inventory import INVENTORY, Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options
from domain.outcomes import Outcome
from domain.planning import HELD, Terms, make_plan
from domain.reconciling import reconcile
from domain.state import fold
from tasks.crossing import carry_wave, look_back, settle_doubts, waves
from tasks.voyage import Voyage
from tests.fakes import Act, FakeClock, FakeLog, FakeProvider, Killed, fleet

LIMITS = Limits(batch_sims=4, canary_sims=2, spot_sims=2)
SIMS = fleet(11)
REJECTED = pl.DataFrame(schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String})
SCRIPTS: dict[str, dict[int, Act]] = {
    "fair weather": {},
    "no answer, all done": {2: Act.SILENT_AFTER},
    "no answer, done late": {1: Act.SILENT_LATE, 3: Act.SILENT_LATE},
    "no answer, nothing done": {2: Act.SILENT_BEFORE},
    "no answer, a part done": {2: Act.SILENT_PART, 3: Act.SILENT_PART},
    "one declined": {3: Act.DECLINE},
    "yes and nothing done": {3: Act.LIE},
    "seen late": {2: Act.LAG},
}


def plan_of(provider: FakeProvider) -> pl.DataFrame:
    rows = [(place, place + 2, sim.key, sim.key, None, False, None) for place, sim in enumerate(SIMS)]
    lines = pl.DataFrame(rows, schema=LINES, orient="row")
    source = provider.survey(Side.SOURCE, lambda *_: None).sims
    empty = pl.DataFrame(schema=INVENTORY)
    return make_plan(lines, source, empty, Terms((), pl.DataFrame(schema=HELD), ("Activated",), LIMITS))


def execute(provider: FakeProvider, log: FakeLog, steps: pl.DataFrame) -> None:
    voyage = Voyage("a-run", provider, provider, log, provider.clock, LIMITS, Options(), lambda _: None)
    settle_doubts(voyage, steps, fold(log.events))
    tally = Tally()
    for wave in waves(voyage, steps, fold(log.events)):
        tally = carry_wave(voyage, wave, tally)
    look_back(voyage, steps, fold(log.events))


def outcomes_of(provider: FakeProvider, log: FakeLog, steps: pl.DataFrame) -> pl.DataFrame:
    source = provider.survey(Side.SOURCE, lambda *_: None).sims
    target = provider.survey(Side.TARGET, lambda *_: None).sims
    return reconcile(steps, REJECTED, fold(log.events), sights_of(steps["key"], source, target))


def no_lie_in(outcomes: pl.DataFrame, provider: FakeProvider) -> None:
    """Every outcome says what the books say."""
    truth = dict(provider.where.items())
    for iccid, outcome in outcomes.select("iccid", "outcome").iter_rows():
        if outcome == Outcome.CONFIRMED:
            assert truth[iccid] == Side.TARGET
        elif outcome in {Outcome.NOT_DONE, Outcome.DECLINED, Outcome.NOT_STARTED}:
            assert truth[iccid] == Side.SOURCE


def crash_and_resume(script: dict[int, Act], **death: int) -> bool:
    """Whether the death happened; raises where an invariant is broken."""
    clock = FakeClock()
    provider = FakeProvider(clock, {sim.key: Side.SOURCE for sim in SIMS}, dict(script))
    log = FakeLog()
    for name, number in death.items():
        setattr(provider if name == "die_at_move" else log, name, number)
    steps = plan_of(provider)
    died = False
    for _ in range(4):
        try:
            execute(provider, log, steps)
        except Killed:
            died = True
            provider.die_at_move = log.die_before = log.die_after = -1
            continue
        except FerryError:
            break
        break
    provider.clock.sleep(100)
    assert max(provider.moves.values(), default=0) <= 1
    outcomes = outcomes_of(provider, log, steps)
    assert outcomes.height == len(SIMS)
    no_lie_in(outcomes, provider)
    for event in log.events:
        assert event.at
    return died


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
@pytest.mark.parametrize("death", ["die_before", "die_after", "die_at_move"])
def test_wherever_it_dies_nothing_moves_twice_and_the_report_tells_the_truth(
    script: dict[int, Act], death: str
) -> None:
    number = 1
    while crash_and_resume(script, **{death: number}):
        number += 1
    assert number > 3


def test_in_fair_weather_every_sim_is_confirmed_with_one_call_per_batch() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    log, steps = FakeLog(), plan_of(FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}))
    execute(provider, log, steps)
    assert [len(order.sims) for order in provider.sent] == [2, 4, 4, 1]
    assert set(outcomes_of(provider, log, steps)["outcome"]) == {Outcome.CONFIRMED}


def test_nothing_goes_after_a_canary_that_was_declined() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}, {1: Act.DECLINE_ALL})
    log, steps = FakeLog(), plan_of(provider)
    with pytest.raises(FerryError, match="--resume-after canary"):
        execute(provider, log, steps)
    assert len(provider.sent) == 1


def test_nothing_goes_before_the_canary_has_arrived() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}, {1: Act.LIE})
    log, steps = FakeLog(), plan_of(provider)
    with pytest.raises(FerryError, match="--resume-after"):
        execute(provider, log, steps)
    assert len(provider.sent) == 1
    assert set(outcomes_of(provider, log, steps)["outcome"]) == {Outcome.NOT_DONE, Outcome.NOT_STARTED}
