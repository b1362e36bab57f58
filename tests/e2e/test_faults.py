"""Every way the provider can go wrong under a run: the report never lies, and no SIM is moved twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pytest

from domain.errors import ProviderUnavailable, RefusedToRun
from domain.inventory import Side
from providers import emnify_migration
from sandbox.accounts import SOURCE, write_accounts
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.truth import Truth
from sandbox.world import Mix, seed
from tests.e2e.agreement import MIGRATION, lies, lost
from tests.e2e.crossings import LIMITS, Crossing, Rule, counted, crossing, migrations

SIMS = 12
EXECUTIONS_MAX = 3
LOOKUPS = "/api/v1/sim/1*"
LIST = "/api/v1/sim"
ALL = {"confirmed": SIMS}
HELD_BACK = {"confirmed": 7, "drifted": 5}  # a batch whose look spoke of something else is not sent
READ_S_MAX = 1.0  # for the answer of a migration, in these tests
LAG_S = 3.0  # for which reads show the past; the settle time passes in 0.6 s here


@dataclass(frozen=True)
class Case:
    """A fault at a migration of the run (the second, unless said otherwise) and what must come of it."""

    rule: Rule
    outcomes: dict[str, int]
    sent: int  # migration requests in all; three are what a run without faults takes
    stopped: type[Exception] | None = None
    gone: int = 0  # SIMs that others take away


def move(act: str, **more: JSON) -> Rule:
    return {"method": "POST", "path": MIGRATION, "dry_run": False, "act": act, "nth": 2, **more}


def look(act: str, **more: JSON) -> Rule:
    return {"method": "POST", "path": MIGRATION, "dry_run": True, "act": act, "nth": 2, **more}


def every(act: str, path: str, **more: JSON) -> Rule:
    return {"path": path, "act": act, "every": 2, **more}


CASES = {
    "fair weather": Case({"method": "NONE", "act": "lie"}, ALL, 3),
    "throttled": Case(move("throttle"), ALL, 4),
    "throttled with a time to wait": Case(move("throttle", retry_after_s=30), ALL, 4),
    "an error, nothing done": Case(move("error_before"), ALL, 4),
    "an error, all done": Case(move("error_after"), ALL, 3),
    "no answer, nothing done": Case(move("drop_before"), ALL, 4),
    "no answer, all done": Case(move("drop_after"), ALL, 3),
    "an answer after we stopped listening": Case(move("slow", seconds=READ_S_MAX * 1.5), ALL, 3),
    "an error, done late": Case(move("late", seconds=0.3), ALL, 3),
    "no answer, done late": Case(move("late", seconds=0.3, drop=True), ALL, 3),
    "half an answer": Case(move("truncate"), ALL, 3),
    "a web page for an answer": Case(move("not_json"), ALL, 3),
    "a yes, and nothing done": Case(move("lie"), {"confirmed": 2, "not_done": 5, "not_started": 5}, 2, RefusedToRun),
    "a yes to the canary, and nothing done": Case(
        move("lie", nth=1), {"not_done": 2, "not_started": 10}, 1, RefusedToRun
    ),
    "an error, some done": Case(move("partial", count=3), ALL, 4),
    "an answer that leaves SIMs out": Case(move("omit", count=2), ALL, 3),
    "an answer about other SIMs": Case(move("foreign", count=2), ALL, 3),
    "reads that lag": Case(move("lag", seconds=0.2), ALL, 3),
    "tokens recalled": Case(move("expire"), ALL, 4),
    "a look without an answer": Case(look("drop_before"), ALL, 3),
    "a look that is half an answer": Case(look("truncate"), ALL, 3),
    "a look that leaves SIMs out": Case(look("omit", count=2), HELD_BACK, 2),
    "a look at other SIMs": Case(look("foreign", count=2), HELD_BACK, 2),
    "a refusal": Case(move("refuse", code=1207), {"confirmed": 7, "declined": 5}, 3),
    "a refusal by a code that is a text": Case(move("refuse", code="SEM0123"), {"confirmed": 7, "declined": 5}, 3),
    "an answer with nothing in it": Case(move("keyless"), ALL, 3),
    "a yes, and done a little later": Case(move("done_late", seconds=0.3), ALL, 3),
    "a yes, and done after the settle time": Case(
        move("done_late", seconds=LAG_S), {"confirmed": 2, "not_done": 5, "not_started": 5}, 2, RefusedToRun
    ),
    "a yes with errors for some": Case(
        move("item_errors", count=2), {"confirmed": 5, "not_done": 2, "not_started": 5}, 2, RefusedToRun
    ),
    "a request that arrives twice": Case(move("arrive_twice"), ALL, 3),
    "an answer that comes twice": Case(move("answer_twice"), ALL, 3),
    "a look answered twice": Case(look("answer_twice"), ALL, 3),
    "every third answer twice": Case({"path": "/api/*", "act": "answer_twice", "every": 3}, ALL, 3),
    "SIMs changed before the move": Case(move("changes", count=2), {"confirmed": 10, "declined": 2}, 4),
    "SIMs changed before the look": Case(look("changes", count=2), {"confirmed": 10, "drifted": 2}, 3),
    "SIMs gone before the move": Case(
        move("vanishes", count=2), {"confirmed": 7, "declined": 3, "drifted": 2}, 3, gone=2
    ),
    "SIMs gone before the look": Case(look("vanishes", count=2), {"confirmed": 10, "drifted": 2}, 3, gone=2),
    "a SIM gone before it is read back": Case(
        {"path": LOOKUPS, "act": "vanishes", "nth": 2},
        {"confirmed": 1, "drifted": 1, "not_started": 10},
        1,
        RefusedToRun,
        gone=1,
    ),
    "every second look-up an error in itself": Case(every("item_errors", LOOKUPS), ALL, 3),
    "every second look-up broken": Case(every("error_before", LOOKUPS), ALL, 3),
    "every second look-up cut in half": Case(every("truncate", LOOKUPS), ALL, 3),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("faults")
    seed(home, 3_200, mix=Mix.PLAIN)  # more than a page of the list
    with running(home, rate_scale=0) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Iterator[Sandbox]:
    yield world
    world.set_faults([])


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[Crossing]:
    left = Truth(sandbox.home).where().filter(pl.col("workspace_id") == SOURCE)
    with crossing(sandbox, left["iccid"].gather_every(2).head(SIMS).to_list()) as planned:
        sandbox.forget_requests()
        yield planned


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_whatever_the_provider_does_no_sim_moves_twice_and_the_report_is_true(
    case: Case, run: Crossing, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emnify_migration, "MIGRATION_ANSWER_S_MAX", READ_S_MAX)
    truth = Truth(sandbox.home)
    before = truth.where(run.steps["key"])
    sandbox.set_faults([case.rule])
    for _ in range(EXECUTIONS_MAX):
        run.execute()
        if not run.errors or isinstance(run.errors[-1], RefusedToRun):
            break
    sent = migrations(sandbox)
    sandbox.set_faults([])
    outcomes = run.outcomes()
    assert (lies(outcomes, truth), len(lost(before, truth)), truth.moved_twice()) == ([], case.gone, [])
    assert sent == case.sent
    assert counted(outcomes) == case.outcomes
    assert [type(error) for error in run.errors[-1:]] == ([case.stopped] if case.stopped else [])


def test_a_view_older_than_the_settle_time_stops_the_run_and_nothing_is_asked_for_again(
    run: Crossing, sandbox: Sandbox
) -> None:
    truth = Truth(sandbox.home)
    sandbox.set_faults([move("lag", seconds=LAG_S)])
    began_s = time.monotonic()
    run.execute()
    assert [type(error) for error in run.errors] == [RefusedToRun]
    time.sleep(max(0.0, began_s + LAG_S + 1 - time.monotonic()))
    outcomes = run.outcomes()
    assert migrations(sandbox) == 2
    assert counted(outcomes) == {"confirmed": 7, "not_started": 5}
    assert (lies(outcomes, truth), truth.moved_twice()) == ([], [])


def test_a_run_that_an_outage_ended_many_times_is_taken_up_when_it_is_over(run: Crossing, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"path": MIGRATION, "dry_run": False, "act": "throttle"}])
    for _ in range(LIMITS.attempts_max + 1):
        run.execute()
    sandbox.set_faults([])
    assert [type(error) for error in run.errors] == [ProviderUnavailable] * (LIMITS.attempts_max + 1)
    assert counted(run.outcomes()) == {"not_started": SIMS}
    run.execute()
    assert counted(run.outcomes()) == ALL


@pytest.mark.parametrize("more", [{"count": 1}, {"repeat": True}, {"count": -1}, {"empty": True}], ids=str)
def test_a_list_of_sims_whose_pages_are_wrong_is_never_taken_for_the_account(
    more: Rule, run: Crossing, sandbox: Sandbox
) -> None:
    sandbox.set_faults([{"method": "GET", "path": LIST, "act": "wrong_pages"} | more])
    with pytest.raises(ProviderUnavailable, match="again"):
        run.crew.reader.survey(Side.SOURCE, lambda *_: None)
