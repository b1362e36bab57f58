"""kill -9 at any moment of a transfer: nothing is transferred twice, and the report says what the books say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.errors import Exit
from tests.e2e.crossings import Rule
from tests.e2e.ferry import Afloat, Desk, Ended
from tests.e2e.killing import Moment, Scenario, die
from tests.e2e.planned import Planned, quay
from tests.e2e.soracom_traces import secrets_of, traces
from tests.e2e.soracom_ways import LIFE_S, SIMS, verified

AT_ONCE = 2  # scenarios: the machine has as many cores
CHAOS = "SIMFERRY_CHAOS"  # set to 1 for many more moments to die
LATENCY_MS = 40.0  # so that an execution is not over before anybody can kill it
ISSUE, VERIFY = "/v1/subscribers/transfer_token/issue", "/v1/subscribers/transfer_token/verify"
RESTORE, TAGS = "/v1/sims/*", "/v1/sims/*/tags"


def act(name: str, path: str, nth: int, **more: str | float | bool) -> Rule:
    return {"method": "P*", "path": path, "act": name, "nth": nth, **more}


# Of the first execution an issue and two acceptances are held when it dies, of the second one a restoring call.
HELD = tuple(act("slow", path, nth, seconds=2.0) for path, nth in ((ISSUE, 2), (VERIFY, 2), (VERIFY, 3), (TAGS, 5)))
SCENARIOS = {
    "issuing and accepting, then restoring": Scenario(
        HELD, (Moment(3, after_s=0.1, path=VERIFY), Moment(2, after_s=0.1, path=TAGS))
    ),
}
if os.environ.get(CHAOS) == "1":
    SCENARIOS |= {
        f"{fault} at {name} {nth}, dead {after_s} s later": Scenario(
            (act(fault, path, nth, seconds=1.0),), (Moment(nth, after_s=after_s, path=path),)
        )
        for name, path in (("issue", ISSUE), ("acceptance", VERIFY))
        for fault in ("slow", "late", "drop_after", "drop_before", "error_after", "error_before", "done_late", "lag")
        for nth in (1, 2, 4)
        for after_s in (0.0, 0.3)
    }
    SCENARIOS |= {
        f"slow at restoring call {nth}": Scenario(
            (act("slow", RESTORE, nth, seconds=1.0),), (Moment(nth, path=RESTORE),)
        )
        for nth in (1, 4, 15, 30)
    }


@dataclass(frozen=True)
class Result:
    """What a scenario came to: by a report right after the last execution, and by one after the life of any token."""

    killed: int
    held: set[str]  # paths of requests that were not answered yet at a death
    ended: list[Ended]
    disagreements: list[list[str]]
    counted: dict[str, int]
    settings: dict[str, int]
    secrets_in: list[str]


@pytest.fixture(scope="module")
def results(
    soracom_planned: Planned,
    tmp_path_factory: pytest.TempPathFactory,
    soracom_afloat: Afloat,
    desk: Desk,
    prefect_folder: Path,
) -> Iterator[dict[str, Future[Result]]]:
    """Every scenario, some at a time: most of their time is waiting."""

    def one(scenario: Scenario) -> Result:
        with quay(soracom_planned, tmp_path_factory.mktemp("quay"), soracom_afloat, desk) as made:
            run = verified(made)
            made.sandbox.set_faults(list(scenario.faults))
            made.sandbox.set_latency(LATENCY_MS)
            killed, held = 0, set[str]()
            for death in scenario.deaths:
                killed += die(made, death)
                held |= {sent.path for sent in made.sandbox.requests() if sent.status is None}
            ended = [made.ferry.run("execute", made.run), made.ferry.run("reconcile", made.run)]
            found = [run.disagreements]
            if "awaiting" in run.counted:  # its token was lost with the process
                made.sandbox.advance_clock(LIFE_S)
                ended.append(made.ferry.run("reconcile", made.run))
                found.append(run.disagreements)
            left = traces(made.ferry, prefect_folder, secrets_of(made.sandbox))
            return Result(killed, held, ended, found, run.counted, run.settings, left)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield {name: pool.submit(one, scenario) for name, scenario in SCENARIOS.items()}
        pool.shutdown(cancel_futures=True)  # what nobody waited for, since few tests were chosen


@pytest.mark.parametrize("name", SCENARIOS)
def test_wherever_it_is_killed_nothing_is_transferred_twice_and_the_report_is_true(
    name: str, results: dict[str, Future[Result]]
) -> None:
    result = results[name].result()
    assert result.killed == len(SCENARIOS[name].deaths)
    assert result.disagreements == [[] for _ in result.disagreements]
    assert set(result.counted) <= {"confirmed", "not_done"}
    assert sum(result.counted.values()) == SIMS
    lost = result.counted.get("not_done", 0)
    assert result.ended[-1].code == (Exit.UNCONFIRMED if lost else Exit.OK)
    assert "differs" not in result.settings
    assert result.secrets_in == []


def test_the_moments_to_die_were_those_that_were_meant(results: dict[str, Future[Result]]) -> None:
    held = results["issuing and accepting, then restoring"].result().held
    assert {ISSUE, VERIFY} < held
    assert any(path.endswith("/tags") for path in held)
