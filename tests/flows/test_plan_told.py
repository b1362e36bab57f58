"""A plan as a person reads it: golden text for each provider, and what changes with its settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.limits import Limits
from domain.orders import Options
from domain.plan import Checked, Party, Plan
from flows.plan_told import of_plan
from tests.journal.journal_samples import plan_of, steps

GOLDEN = Path(__file__).parent / "golden"
SUPER_SIM = "http://127.0.0.1:8400"
NORTH, SOUTH, DEPOT = (Party(name, f"AC{at:032x}", SUPER_SIM) for at, name in enumerate(("north", "south", "depot"), 1))


def of_emnify() -> Plan:
    return replace(plan_of("2026-11-20-fleet", steps()), fingerprint="0f" * 32)


def of_super_sim() -> Plan:
    """A plan in which everything that only Super SIM has is there."""
    return replace(
        of_emnify(),
        provider="supersim",
        source=NORTH,
        target=SOUTH,
        parent=DEPOT,
        options=Options(deactivate_first=True, reactivate=True, inactive_moves=True),
        limits=Limits(calls_in_flight=64),
        counts={"MOVE": 1_300, "LEAVE": 2, "REFUSE": 41, "ASSIST": 0},
        reasons={"already_there": 2, "status_scheduled": 1, "fleet_unmapped": 40},
        ways={"move": 100, "deactivate move activate": 1_199, "deactivate move": 1},
        batches=4,
        consequences=("1,200 SIMs are offline from their deactivation until they are activated again.",),
        groups=(
            "Fleets by fleets.csv: West → West EU.",
            "40 SIMs of the list are in 1 fleet that nothing was said of.",
        ),
        checked=Checked(("two reads agree",), (), ("whether the provider takes it",)),
        preflight=("All SIMs of north were read, 2 pages of 1,000.",),
    )


@pytest.mark.parametrize(("name", "plan"), [("plan-emnify.txt", of_emnify()), ("plan-supersim.txt", of_super_sim())])
def test_a_plan_is_told_as_it_was(name: str, plan: Plan) -> None:
    assert of_plan(plan) + "\n" == (GOLDEN / name).read_text(encoding="utf-8")


def test_where_sims_are_only_moved_nothing_is_said_of_ways() -> None:
    assert "→ move" not in of_plan(replace(of_super_sim(), ways={"move": 3}))
    assert "  deactivate → move 1 SIM\n" in of_plan(replace(of_super_sim(), ways={"deactivate move": 1}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(), "ready and active SIMs: refused; inactive SIMs: refused (not unlocked for the source account)"),
        (Options(inactive_moves=True), "ready and active SIMs: refused; inactive SIMs: moved"),
        (Options(deactivate_first=True, inactive_moves=True), "SIMs: deactivated, moved, left inactive; inactive"),
        (Options(("new",)), "allowed statuses: new; ready"),
    ],
)
def test_the_settings_say_what_becomes_of_sims_that_are_not_new(options: Options, words: str) -> None:
    assert words in " ".join(of_plan(replace(of_super_sim(), options=options)).split())


def test_the_settings_say_how_long_is_waited() -> None:
    never = of_plan(replace(of_super_sim(), limits=Limits(await_s=0)))
    assert "waited for: not at all; a later execute or reconcile looks at it" in never
    assert "waited for: up to 90 s" in of_plan(replace(of_super_sim(), limits=Limits(await_s=90)))
    assert "waited for" not in of_plan(of_emnify())
