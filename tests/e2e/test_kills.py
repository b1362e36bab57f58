"""kill -9 at any moment: nothing is moved twice, nothing is lost, and the report says what the books say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
import pytest

from sandbox.truth import Truth
from tests.e2e.agreement import MIGRATION, lies, lost
from tests.e2e.crossings import Rule
from tests.e2e.ferry import Afloat, Desk
from tests.e2e.killing import Moment, Scenario, Story, play
from tests.e2e.planned import Planned, quay

AT_ONCE = 2  # scenarios: the machine has as many cores
CHAOS = "SIMFERRY_CHAOS"  # set to 1 for every request of a run as a moment to die


def act(name: str, nth: int, **more: str | float | bool) -> Rule:
    return {"method": "POST", "path": MIGRATION, "dry_run": False, "act": name, "nth": nth, **more}


SCENARIOS = {
    "the canary is under way": Scenario((act("slow", 1, seconds=1.0),), (Moment(1, after_s=0.1),)),
    "a batch is done after the process has died": Scenario((act("late", 2, seconds=1.0),), (Moment(2, after_s=0.1),)),
}
if os.environ.get(CHAOS) == "1":
    SCENARIOS |= {
        "before a batch, and again at the next": Scenario(
            (act("slow", 2, seconds=1.0),), (Moment(2, dry_run=True), Moment(2, after_s=0.1))
        ),
        "a batch was cut off after it was done": Scenario((act("drop_after", 3),), (Moment(3, after_s=0.3),)),
        "the canary was answered": Scenario((), (Moment(1, after_s=0.05),)),
        "an error without effect is being waited out": Scenario((act("error_before", 2),), (Moment(2, after_s=0.8),)),
    }
    SCENARIOS |= {
        f"{fault} at request {nth}, dead {after_s} s later": Scenario(
            (act(fault, nth, seconds=1.0),), (Moment(nth, after_s=after_s),)
        )
        for fault in ("slow", "late", "drop_after", "drop_before", "error_after", "error_before", "partial", "lag")
        for nth in (1, 2, 4)
        for after_s in (0.0, 0.1, 0.5)
    }


@dataclass(frozen=True)
class Result:
    """What a scenario came to."""

    story: Story
    reconciled: int
    outcomes: pl.DataFrame
    before: pl.DataFrame
    truth: Truth


@pytest.fixture(scope="module")
def results(
    planned: Planned, tmp_path_factory: pytest.TempPathFactory, afloat: Afloat, desk: Desk
) -> Iterator[dict[str, Future[Result]]]:
    """Every scenario, some at a time: most of their time is waiting."""

    def one(scenario: Scenario) -> Result:
        with quay(planned, tmp_path_factory.mktemp("quay"), afloat, desk) as made:
            truth = Truth(made.sandbox.home)
            before = truth.where()
            story = play(made, scenario)
            reconciled = made.ferry.run("reconcile", made.run)
            return Result(story, reconciled.code, made.ferry.outcomes(made.run), before, truth)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield {name: pool.submit(one, scenario) for name, scenario in SCENARIOS.items()}
        pool.shutdown(cancel_futures=True)  # what nobody waited for, since few tests were chosen


@pytest.mark.parametrize("name", SCENARIOS)
def test_wherever_it_is_killed_nothing_moves_twice_and_the_report_is_true(
    name: str, results: dict[str, Future[Result]], planned: Planned
) -> None:
    result = results[name].result()
    truth = result.truth
    assert result.story.killed == len(SCENARIOS[name].deaths)
    assert (lies(result.outcomes, truth), lost(result.before, truth), truth.moved_twice()) == ([], [], [])
    assert truth.moves().height == planned.sims
    assert result.outcomes.filter(pl.col("outcome") == "confirmed").height == planned.sims
    assert result.story.ended[-1].code == 0
    assert result.reconciled == 3
