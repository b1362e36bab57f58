"""Somebody else at work on the same Super SIMs: what they have done is seen, left alone, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sandbox.remote import Sandbox
from sandbox.supersim.accounts import ANNEX, DEPOT, NORTH, SOUTH
from sandbox.supersim.truth import Truth
from tests.e2e.console import Console
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_crossings import LIMITS, Crossing, Taker, ended_otherwise, outlast, planned

ONE_BY_ONE = replace(LIMITS, canary_sims=3, calls_in_flight=1)  # three SIMs, each part of their way in order of keys
NAME = "a name that one SIM may have"


@pytest.fixture
def console(supersim: Sandbox) -> Console:
    return Console(supersim)


def test_what_others_have_changed_since_the_plan_is_held_back_and_the_rest_goes(
    supersim: Sandbox, take: Taker, tmp_path: Path, console: Console
) -> None:
    run = planned(supersim, tmp_path, take(new=6, active=6, inactive=2, ready=1))
    others = run.steps.filter(pl.col("batch") > 1).sort("batch", "key")
    moved, activated, away = others.filter(status="new")["key"].head(3)
    off, gone, elsewhere = others.filter(status="active")["key"].head(3)
    console.set(moved, DEPOT, AccountSid=SOUTH.sid, Fleet="")
    console.set(activated, NORTH, Status="ready", Fleet="Pilot")
    console.set(away, DEPOT, AccountSid=ANNEX.sid, Fleet="")
    console.set(off, NORTH, Status="inactive")
    console.set(gone, NORTH, Status="inactive")
    console.set(gone, DEPOT, AccountSid=ANNEX.sid, Fleet="")
    (now,) = Truth(supersim.home).where([elsewhere])["fleet_name"]
    console.set(elsewhere, NORTH, Fleet="Meters" if now == "Pilot" else "Pilot")
    drifted = (activated, away, off, gone, elsewhere)
    books = Books.opened(Truth(supersim.home))
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes, by_others=(moved, *drifted)) == []
    assert ended_otherwise(outcomes, dict.fromkeys(drifted, "drifted") | {moved: "left"}) == []


def reactivated(run: Crossing, console: Console) -> Callable[[], None]:
    return lambda: console.set(last(run), NORTH, Status="active")


def taken_back(run: Crossing, console: Console) -> Callable[[], None]:
    return lambda: console.set(last(run), DEPOT, AccountSid=NORTH.sid, Fleet="")


def activated_there(run: Crossing, console: Console) -> Callable[[], None]:
    return lambda: console.set(last(run), SOUTH, Status="active")


@pytest.mark.parametrize(
    ("deed", "at", "end"),
    [(reactivated, 4, "declined"), (taken_back, 7, "drifted"), (activated_there, 7, "confirmed")],
)
def test_what_others_do_between_two_parts_of_a_way_is_told_as_it_is(
    supersim: Sandbox,
    take: Taker,
    tmp_path: Path,
    console: Console,
    deed: Callable[[Crossing, Console], Callable[[], None]],
    at: int,
    end: str,
) -> None:
    run = planned(supersim, tmp_path, take(active=3), limits=ONE_BY_ONE)
    books = Books.opened(Truth(supersim.home))
    run.meddle = (at, deed(run, console))  # before the first move, or the first activation
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes, by_others=(last(run),)) == []
    assert ended_otherwise(outcomes, {last(run): end}) == []
    assert not outcomes["reason"].str.contains("offline").any()  # whoever it was left it active, or has it elsewhere


def test_a_name_that_is_taken_meanwhile_declines_its_sim_alone(
    supersim: Sandbox, take: Taker, tmp_path: Path, console: Console
) -> None:
    run = planned(supersim, tmp_path, take(active=2, new=4))
    named = run.steps.filter(status="active", batch=2)["key"][0]
    there = Truth(supersim.home).where().filter(account_name="south", status="new")["iccid"][0]
    console.set(named, NORTH, UniqueName=NAME)
    console.set(there, SOUTH, UniqueName=NAME)
    books = Books.opened(Truth(supersim.home))
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {named: "declined"}) == []
    (reason,) = outcomes.filter(outcome="declined")["reason"]
    assert "it is offline (restore.csv)" in reason


def last(run: Crossing) -> str:
    """The SIM that is the last to be sent through each part."""
    return str(run.steps["key"].max())
