"""kill -9 at any moment of a run across Super SIM: nothing is done twice, and the report says what the books say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.e2e.crossings import Rule
from tests.e2e.ferry import Afloat, Desk
from tests.e2e.killing import Moment, Scenario, Story, play
from tests.e2e.planned import Planned, quay
from tests.e2e.supersim_ways import CHANGES, verified

AT_ONCE = 2  # scenarios: the machine has as many cores
CHAOS = "SIMFERRY_CHAOS"  # set to 1 for many more moments to die


def act(name: str, nth: int, **more: str | float | bool) -> Rule:
    return {"method": "POST", "path": "/v1/Sims/*", "act": name, "nth": nth, **more}


SCENARIOS = {
    "the canary is under way, and again in the middle of a wave": Scenario(
        (act("slow", 2, seconds=1.0), act("drop_after", 20)), (Moment(2, after_s=0.1), Moment(12, after_s=0.05))
    ),
}
if os.environ.get(CHAOS) == "1":
    SCENARIOS["three times"] = Scenario((act("drop_after", 28),), (Moment(3), Moment(9), Moment(9, after_s=0.3)))
    SCENARIOS |= {
        f"{fault} at change {nth}, dead {after_s} s later": Scenario(
            (act(fault, nth, seconds=1.0),), (Moment(nth, after_s=after_s),)
        )
        for fault in ("slow", "late", "drop_after", "drop_before", "error_after", "error_before", "done_late", "lag")
        for nth in (1, 3, 6, 12, 22, 33, CHANGES)
        for after_s in (0.0, 0.2)
    }


@dataclass(frozen=True)
class Result:
    """What a scenario came to."""

    story: Story
    reconciled: int
    counted: dict[str, int]
    disagreements: list[str]


@pytest.fixture(scope="module")
def results(
    supersim_planned: Planned, tmp_path_factory: pytest.TempPathFactory, supersim_afloat: Afloat, desk: Desk
) -> Iterator[dict[str, Future[Result]]]:
    """Every scenario, some at a time: most of their time is waiting."""

    def one(scenario: Scenario) -> Result:
        with quay(supersim_planned, tmp_path_factory.mktemp("quay"), supersim_afloat, desk) as made:
            truth = verified(made)
            story = play(made, scenario)
            reconciled = made.ferry.run("reconcile", made.run)
            return Result(story, reconciled.code, truth.counted, truth.disagreements)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield {name: pool.submit(one, scenario) for name, scenario in SCENARIOS.items()}
        pool.shutdown(cancel_futures=True)  # what nobody waited for, since few tests were chosen


@pytest.mark.parametrize("name", SCENARIOS)
def test_wherever_it_is_killed_nothing_is_done_twice_and_the_report_is_true(
    name: str, results: dict[str, Future[Result]], supersim_planned: Planned
) -> None:
    result = results[name].result()
    assert result.story.killed == len(SCENARIOS[name].deaths)
    assert result.disagreements == []
    assert result.counted == {"confirmed": supersim_planned.sims}
    assert [ended.code for ended in result.story.ended[-1:]] == [0]
    assert result.reconciled == 0
