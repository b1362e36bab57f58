"""Every way Super SIM can go wrong under a run, at every part of a SIM's way: the report never lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from providers import supersim_update
from providers.wire import Request
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.supersim.truth import Truth
from tests.e2e.crossings import Rule
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_crossings import Crossing, Taker, ended_otherwise, outlast, planned

READ_S_MAX = 0.25  # for the answer of a change, in these tests
WHOLE = "deactivate move activate"
CONFIRMED = dict.fromkeys(("deactivate", "move", "activate", "alone"), "confirmed")
DECLINED = dict.fromkeys(CONFIRMED, "declined")
POST = {"method": "POST", "path": "/v1/Sims/*"}


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
    "an answer after we stopped listening": Case("slow", more={"seconds": READ_S_MAX * 2}),
    "an error, done later": Case("late", more={"seconds": 0.1}),
    "no answer, done later": Case("late", more={"seconds": 0.1, "drop": True}),
    "half an answer": Case("truncate"),
    "a web page for an answer": Case("not_json"),
    "an answer with nothing in it": Case("keyless"),
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


@pytest.fixture
def run(supersim: Sandbox, take: Taker, tmp_path: Path) -> Crossing:
    return planned(supersim, tmp_path, take(new=4, inactive=2, active=4, ready=2))


@pytest.fixture
def books(supersim: Sandbox, run: Crossing) -> Books:
    assert run.steps.height
    return Books.opened(Truth(supersim.home))


def victims(steps: pl.DataFrame) -> dict[str, dict[str, str]]:
    """A SIM for each part, none of the canary: three that go the whole way, and one that is moved alone."""
    others = steps.filter(pl.col("batch") > 1)
    whole = others.filter(parts=WHOLE).head(3).rows(named=True)
    alone = others.filter(parts="move").head(1).rows(named=True)
    return dict(zip(CONFIRMED, [*whole, *alone], strict=True))


def rules(case: Case, chosen: dict[str, dict[str, str]]) -> list[dict[str, JSON]]:
    nth = {"deactivate": 1, "move": 2, "activate": 3, "alone": 1}
    return [{**POST, "act": case.act, "sim": chosen[at]["sim_id"], "nth": nth[at], **case.more} for at in case.at]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_whatever_the_provider_does_nothing_is_done_twice_and_the_report_is_true(
    case: Case, run: Crossing, books: Books, supersim: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supersim_update, "Request", partial(Request, answer_s_max=READ_S_MAX))
    chosen = victims(run.steps)
    supersim.set_faults(rules(case, chosen))
    outcomes = outlast(run)
    assert books.disagreements(run.steps, outcomes) == []
    ends = {chosen[at]["key"]: end for at, end in case.ends.items()}
    assert ended_otherwise(outcomes, ends) == []
    assert run.errors == []
