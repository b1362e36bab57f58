"""Every way Soracom can go wrong under a transfer, at an issue, an acceptance and a restoring call: no report lies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from sandbox.accounts import write_accounts
from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.soracom.switches import Switches
from sandbox.soracom.truth import Truth
from sandbox.world import Name, seed
from tests.e2e.crossings import Rule
from tests.e2e.hurry import TIMES_FASTER
from tests.e2e.soracom_crossings import LIFE_S, LIMITS, Crossing, Taker, outlast, planned
from tests.e2e.soracom_settings import settings_disagreements

CHAOS = os.environ.get("SIMFERRY_CHAOS") == "1"  # every fault at every call
SIMS = 4_000 if CHAOS else 2_000
LATE_S = LIMITS.settle_s / TIMES_FASTER / 2  # that an effect comes later than its answer: within the settle time
CANARY, BATCH = 3, 4
ALL = {"confirmed": CANARY + BATCH}
ISSUE, VERIFY = "/v1/subscribers/transfer_token/issue", "/v1/subscribers/transfer_token/verify"
RESTORE = "/v1/sims/*"


def act(name: str, path: str, nth: int = 2, **more: str | float | bool) -> Rule:
    """A fault at the n-th of these requests; the second is that of the batch after the canary."""
    return {"method": "P*", "path": path, "act": name, "nth": nth, **more}


@dataclass(frozen=True)
class Case:
    """Faults, what 7 SIMs in two batches come to under them, and what once every token has run out."""

    rules: tuple[Rule, ...]
    ends: dict[str, int] = field(default_factory=lambda: ALL)
    later: dict[str, int] = field(default_factory=lambda: ALL)


CASES = {
    "no answer to an issue that was done": Case(
        (act("drop_after", ISSUE),), {"confirmed": CANARY, "awaiting": BATCH}, {"confirmed": CANARY, "not_done": BATCH}
    ),
    "an answer that lacks SIMs which were accepted": Case((act("omit", VERIFY, count=2),)),
    "too many requests, with and without a time to wait": Case(
        (act("throttle", ISSUE, retry_after_s=20), act("throttle", VERIFY), act("throttle", RESTORE))
    ),
    "logins that have expired": Case((act("expire", ISSUE), act("expire", VERIFY), act("expire", RESTORE, nth=5))),
}
CONNECTED = {
    "a SIM connects right after its token was issued": act("goes_active", ISSUE),
    "a SIM connects right before its token is accepted": act("goes_active", VERIFY),
}
ACTS = (
    *("refuse", "error_before", "error_after", "drop_before", "drop_after", "slow", "late", "done_late", "truncate"),
    *("not_json", "keyless", "lie", "partial", "item_errors", "arrive_twice", "answer_twice", "omit", "foreign"),
    *("lag", "expire", "throttle", "changes", "vanishes", "goes_active"),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("soracom")
    seed(home, SIMS, provider=Name.SORACOM)
    with running(home, rate_scale=0) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture(scope="module")
def take(world: Sandbox) -> Taker:
    """SIMs that no other test of the file has been given."""
    return Taker.of(Truth(world.home))


@pytest.fixture
def run(world: Sandbox, take: Taker, tmp_path: Path) -> Iterator[Crossing]:
    """A planned run, its sandbox without faults before and after."""
    world.set_switches(**as_texts(Switches(transfer_life_s=LIFE_S)))
    yield planned(world, tmp_path, take(CANARY + BATCH))
    world.set_faults([])


def judged(run: Crossing, outcomes: pl.DataFrame) -> dict[str, int]:
    """SIMs per outcome, the report being true in all that it says."""
    assert run.books.disagreements(run.steps, outcomes) == []
    assert settings_disagreements(run.books, run.settings(), run.steps, {}) == []
    return dict(Counter(outcomes["outcome"].cast(pl.String)))


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_lived_through_or_told(name: str, run: Crossing) -> None:
    case = CASES[name]
    run.sandbox.set_faults(list(case.rules))
    outcomes = outlast(run)
    assert run.errors == []
    assert judged(run, outcomes) == case.ends
    assert "differs" not in set(run.settings()["result"])
    if case.later != case.ends:
        lost = outcomes.filter(outcome="awaiting")
        assert lost["reason"].str.contains("token lost").all()
        run.an_hour_later()
        assert judged(run, run.reconcile()) == case.later


@pytest.mark.parametrize("name", CONNECTED)
def test_a_sim_that_connects_under_way_is_drifted_and_left_to_support(name: str, run: Crossing) -> None:
    run.sandbox.set_faults([CONNECTED[name]])
    outcomes = outlast(run)
    assert run.errors == []
    assert judged(run, outcomes) == {"confirmed": CANARY + BATCH - 1, "drifted": 1}
    drifted = outcomes.row(by_predicate=pl.col("outcome") == "drifted", named=True)
    assert (str(drifted["side_now"]), drifted["status_now"]) == ("source", "active")
    assert "support" in drifted["next_step"].lower()


def test_a_report_that_lies_would_be_found_out(run: Crossing) -> None:
    outcomes = outlast(run)
    assert judged(run, outcomes) == ALL
    first = pl.col("sim_id") == run.batch(2)[0]
    for column, lie in (("outcome", "not_done"), ("outcome", "drifted"), ("side_now", "source"), ("status_now", "x")):
        told = pl.when(first).then(pl.lit(lie)).otherwise(pl.col(column).cast(pl.String))
        lying = outcomes.with_columns(told.cast(outcomes.schema[column]).alias(column))
        assert len(run.books.disagreements(run.steps, lying)) == 1
    assert len(run.books.disagreements(run.steps.head(6), outcomes)) == 1
    settings = run.settings()
    one = (pl.col("key") == run.batch(2)[0]) & (pl.col("setting") == "speed_class")
    for column, lie in (("now", "x"), ("before", "x"), ("result", "differs")):
        lying = settings.with_columns(pl.when(one).then(pl.lit(lie)).otherwise(column).alias(column))
        assert len(settings_disagreements(run.books, lying, run.steps, {})) == 2
    assert len(settings_disagreements(run.books, settings.filter(~one), run.steps, {})) == 1


@pytest.mark.skipif(not CHAOS, reason="takes long: with SIMFERRY_CHAOS=1")
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("path", [ISSUE, VERIFY, RESTORE])
@pytest.mark.parametrize("name", ACTS)
def test_whatever_goes_wrong_the_report_is_true(name: str, path: str, nth: int, run: Crossing) -> None:
    run.sandbox.set_faults([act(name, path, nth, seconds=LATE_S, code=3009)])
    judged(run, outlast(run))
    run.sandbox.set_faults([])
    run.an_hour_later()
    ends = judged(run, outlast(run))
    assert not ends.keys() & {"awaiting", "in_doubt"}
