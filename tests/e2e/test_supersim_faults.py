"""Every way Super SIM can go wrong under a run, at every part of a SIM's way: the report never lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pytest

from domain.errors import FerryError, RefusedToRun
from providers import supersim_update
from providers.wire import Request
from sandbox.remote import Sandbox
from sandbox.supersim.truth import Truth
from tests.e2e.crossings import Rule
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_crossings import LIMITS, Taker, ended_otherwise, outlast, planned

RUNS = 6  # among which the cases are dealt
READ_S_MAX = 1.0  # for the answer of a change, in these tests
CONFIRMED = dict.fromkeys(("deactivate", "move", "activate", "alone"), "confirmed")
DECLINED = dict.fromkeys(CONFIRMED, "declined")
POST: Rule = {"method": "POST", "path": "/v1/Sims/*"}
Carry: TypeAlias = "Callable[[tuple[str, ...]], Carried]"


@dataclass(frozen=True)
class Case:
    """A fault at one request of each of four SIMs, and how these end; all others are confirmed."""

    act: str
    ends: dict[str, str] = field(default_factory=lambda: CONFIRMED)
    more: Rule = field(default_factory=dict)
    at: tuple[str, ...] = tuple(CONFIRMED)


CASES = {
    "refused before anything is done": Case("refuse", DECLINED, {"code": 83010}),
    "refused since another operation is in progress": Case("refuse", DECLINED, {"code": 83009}),
    "out of sight": Case("refuse", DECLINED, {"code": 20404}),
    "an internal error of the update": Case("refuse", more={"code": 83004}),
    "too many requests": Case("throttle"),
    "too many requests, with a time to wait": Case("throttle", more={"retry_after_s": 20}),
    "an error, nothing done": Case("error_before"),
    "an error, done": Case("error_after"),
    "no answer, nothing done": Case("drop_before"),
    "no answer, done": Case("drop_after"),
    "an answer after we stopped listening": Case("slow", more={"seconds": READ_S_MAX * 1.5}),
    "an error, done later": Case("late", more={"seconds": 0.1}),
    "no answer, done later": Case("late", more={"seconds": 0.1, "drop": True}),
    "half an answer": Case("truncate"),
    "a web page for an answer": Case("not_json"),
    "an answer with nothing in it": Case("keyless"),
    "an answer without its SIM": Case("omit"),
    "a yes with an error in it": Case("item_errors"),
    "a request that arrives twice": Case("arrive_twice", CONFIRMED | {"deactivate": "drifted"}),
    "an answer that comes twice": Case("answer_twice"),
    "a part done, then an error": Case("partial", CONFIRMED | {"move": "drifted"}),  # there, and without a fleet
    "changed by others": Case(
        "changes", {"deactivate": "drifted", "move": "declined", "activate": "confirmed", "alone": "declined"}
    ),
    "gone": Case("vanishes", dict.fromkeys(CONFIRMED, "drifted")),
    "refused by a code that is a text": Case("refuse", DECLINED, {"code": "SEM0123"}),
    "an answer about another SIM": Case("foreign"),
    "reads that lag": Case("lag", more={"seconds": 0.1}),
    "accepted, and done late": Case("done_late", more={"seconds": 0.3}, at=("deactivate", "activate")),
    "accepted, and never done": Case(
        "never_done", {"deactivate": "awaiting", "activate": "awaiting"}, at=("deactivate", "activate")
    ),
    "accepted, and fallen back": Case(
        "fall_back", {"deactivate": "not_done", "activate": "not_done"}, at=("deactivate", "activate")
    ),
}


@dataclass(frozen=True)
class Carried:
    """A run that met the faults of several cases, and what came of it."""

    outcomes: pl.DataFrame
    hit: dict[tuple[str, str], str]  # case and part -> the SIM
    disagreements: list[str]
    errors: list[FerryError]


@pytest.fixture(scope="module")
def carry(supersim_world: Sandbox, take: Taker, tmp_path_factory: pytest.TempPathFactory) -> Carry:
    """The run that a case is part of, carried out when the first of its cases asks for it."""

    @cache
    def carried(names: tuple[str, ...]) -> Carried:
        bodies = take(new=2 + len(names), inactive=2, active=3 * len(names), ready=2)
        run = planned(supersim_world, tmp_path_factory.mktemp("run"), bodies, limits=replace(LIMITS, batch_sims=8))
        hit = victims(run.steps, names)
        supersim_world.set_faults([rule for name in names for rule in rules(CASES[name], name, run.steps, hit)])
        books = Books.opened(Truth(supersim_world.home))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(supersim_update, "Request", partial(Request, answer_s_max=READ_S_MAX))
            outcomes = outlast(run)
        return Carried(outcomes, hit, books.disagreements(run.steps, outcomes), run.errors)

    return carried


def victims(steps: pl.DataFrame, names: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """For each case a SIM at each part, none of the canary: three that go the whole way, and one that moves alone."""
    others = steps.filter(pl.col("batch") > 1).sort("key")
    whole, alone = (iter(others.filter(parts=way)["key"]) for way in ("deactivate move activate", "move"))
    return {(name, at): next(alone if at == "alone" else whole) for name in names for at in CONFIRMED}


def rules(case: Case, name: str, steps: pl.DataFrame, hit: dict[tuple[str, str], str]) -> list[Rule]:
    nth = {"deactivate": 1, "move": 2, "activate": 3, "alone": 1}
    sids = dict(steps.select("key", "sim_id").iter_rows())
    return [{**POST, "act": case.act, "sim": sids[hit[name, at]], "nth": nth[at], **case.more} for at in case.at]


@pytest.mark.usefixtures("supersim")
@pytest.mark.parametrize("name", CASES)
def test_whatever_the_provider_does_nothing_is_done_twice_and_the_report_is_true(name: str, carry: Carry) -> None:
    carried = carry(tuple(list(CASES)[list(CASES).index(name) % RUNS :: RUNS]))
    assert carried.errors == []
    assert carried.disagreements == []
    ends = {carried.hit[name, at]: end for at, end in CASES[name].ends.items()}
    mine = pl.col("iccid").str.slice(0, 19).is_in([key for (whose, _), key in carried.hit.items() if whose == name])
    assert ended_otherwise(carried.outcomes.filter(mine), ends) == []


@pytest.mark.usefixtures("supersim")
def test_a_sim_that_no_fault_met_has_arrived(carry: Carry) -> None:
    for first in range(RUNS):
        carried = carry(tuple(list(CASES)[first::RUNS]))
        hit = pl.col("iccid").str.slice(0, 19).is_in(list(carried.hit.values()))
        assert ended_otherwise(carried.outcomes.filter(~hit), {}) == []


@pytest.mark.parametrize("rule", [{"act": "lie"}, {"act": "done_late", "seconds": 30}], ids=str)
def test_a_yes_without_an_effect_that_is_seen_stops_the_run_and_the_report_is_true(
    rule: Rule, supersim: Sandbox, take: Taker, tmp_path: Path
) -> None:
    run = planned(supersim, tmp_path, take(new=8), limits=replace(LIMITS, spot_sims=4))
    supersim.set_faults([{**POST, **rule, "nth": 5}])
    books = Books.opened(Truth(supersim.home))
    outcomes = outlast(run)
    assert [type(error) for error in run.errors] == [RefusedToRun]
    assert books.disagreements(run.steps, outcomes) == []
    assert outcomes.filter(pl.col("outcome") == "not_done").height == 1
