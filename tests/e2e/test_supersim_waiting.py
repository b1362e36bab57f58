"""Super SIM accepts changes and carries them out later, or never: what waits for what, and for how long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from domain.errors import ProviderUnavailable
from domain.events import Kind
from domain.orders import Part
from domain.plan import utc_of
from sandbox.remote import Sandbox
from sandbox.supersim.truth import Truth
from tasks.awaiting import KEPT_S_MAX
from tests.e2e.crossings import Rule
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_crossings import LIMITS, Crossing, Taker, ended_otherwise, outlast, planned

POST: Rule = {"method": "POST", "path": "/v1/Sims/*"}
PATIENT = replace(LIMITS, await_s=200.0)


def at_of(run: Crossing, kind: Kind, part: Part, key: str) -> float:
    """When the SIM was last written down so, in seconds."""
    return max(
        utc_of(event.at).timestamp()
        for event in run.log.events
        if event.kind == kind and event.part == part and key in event.sims
    )


def test_a_sim_that_is_never_done_keeps_no_other_one_offline(supersim: Sandbox, take: Taker, tmp_path: Path) -> None:
    run = planned(supersim, tmp_path, take(new=3, active=6), limits=PATIENT)
    books = Books.opened(Truth(supersim.home))
    stuck, *others = run.steps.filter(pl.col("batch") > 1, status="active").sort("key").select("key", "sim_id").rows()
    supersim.set_faults([{**POST, "act": "never_done", "sim": stuck[1], "nth": 1}])
    run.execute()
    outcomes = run.reconcile()
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {stuck[0]: "awaiting"}) == []
    for key, _ in others:
        off_at = at_of(run, Kind.INTENDED, Part.DEACTIVATE, key)
        assert at_of(run, Kind.SEEN, Part.ACTIVATE, key) - off_at < 3 * KEPT_S_MAX < PATIENT.await_s
    waited_s = run.clock.now().timestamp() - at_of(run, Kind.INTENDED, Part.DEACTIVATE, stuck[0])
    assert waited_s >= PATIENT.await_s


def test_a_change_that_comes_true_long_after_an_error_is_waited_for(
    supersim: Sandbox, take: Taker, tmp_path: Path
) -> None:
    run = planned(supersim, tmp_path, take(active=3), limits=replace(PATIENT, canary_sims=3))
    books = Books.opened(Truth(supersim.home))
    slow = run.steps["sim_id"][0]
    supersim.set_faults(
        [
            {**POST, "act": "done_late", "sim": slow, "seconds": 1.0, "nth": 1},
            {**POST, "act": "error_after", "sim": slow, "nth": 1},
        ]
    )
    run.execute()
    assert run.errors == []
    outcomes = run.reconcile()
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_what_is_awaited_is_taken_up_by_another_execution(supersim: Sandbox, take: Taker, tmp_path: Path) -> None:
    run = planned(supersim, tmp_path, take(new=2, active=5))
    books = Books.opened(Truth(supersim.home))
    whole = run.steps.filter(pl.col("batch") > 1, status="active").sort("key").select("key", "sim_id").rows()
    (off, off_id), (on, on_id) = whole[:2]
    late = {**POST, "act": "done_late", "seconds": 1.5}
    supersim.set_faults([{**late, "sim": off_id, "nth": 1}, {**late, "sim": on_id, "nth": 3}])
    run.execute()
    assert ended_otherwise(run.reconcile(), {off: "awaiting", on: "awaiting"}) == []
    supersim.advance_clock(2)
    run.execute()
    outcomes = run.reconcile()
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_what_is_awaited_and_done_by_the_time_of_a_reconciliation_is_confirmed_by_it(
    supersim: Sandbox, take: Taker, tmp_path: Path
) -> None:
    run = planned(supersim, tmp_path, take(new=2, active=4))
    (key, sim_id), *_ = run.steps.filter(pl.col("batch") > 1, status="active").select("key", "sim_id").rows()
    supersim.set_faults([{**POST, "act": "done_late", "seconds": 1.5, "sim": sim_id, "nth": 3}])
    run.execute()
    assert ended_otherwise(run.reconcile(), {key: "awaiting"}) == []
    supersim.advance_clock(2)
    assert ended_otherwise(run.reconcile(), {}) == []


def test_a_canary_that_has_arrived_in_part_is_not_said_to_have_failed_later(
    supersim: Sandbox, take: Taker, tmp_path: Path
) -> None:
    run = planned(supersim, tmp_path, take(new=8), limits=replace(LIMITS, calls_in_flight=1))
    books = Books.opened(Truth(supersim.home))
    *_, (key, sim_id) = run.steps.filter(batch=1).sort("key").select("key", "sim_id").rows()
    supersim.set_faults([{**POST, "act": "throttle", "sim": sim_id}])
    run.execute()
    assert [type(error) for error in run.errors] == [ProviderUnavailable]
    supersim.set_faults([{**POST, "act": "refuse", "code": 83010, "sim": sim_id}])
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {key: "declined"}) == []
