"""A plan as a person reads it: golden text for each provider, and what changes with its settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.limits import Limits
from domain.orders import Options
from domain.plan import Checked, Party, Plan
from flows.plan_told import of_plan
from flows.transfer_told import BY_SUPPORT
from tests.journal.journal_samples import plan_of, steps
from validation.tables import PROVIDERS, move_rules

GOLDEN = Path(__file__).parent / "golden"
FOLDER = Path("runs/2026-11-20-fleet")
SUPER_SIM = SORACOM = "http://127.0.0.1:8400"
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


def of_soracom(*, accepts: bool) -> Plan:
    """A plan in which everything that only Soracom has is there."""
    way = "issue accept" if accepts else "offer"
    return replace(
        of_emnify(),
        provider="soracom",
        source=Party("east", "OP0012345678", SORACOM, "east@ferry.example", "global"),
        target=Party("far", "OP0087654321", SORACOM, "far@ferry.example", "global"),
        options=Options(accepts=accepts, restores=accepts, sims_per_token=500 if accepts else 1),
        limits=Limits(calls_in_flight=16, token_life_s=3600.0, await_s=0.0),
        counts={"MOVE": 1_300, "LEAVE": 2, "REFUSE": 1, "ASSIST": 12},
        reasons={"already_there": 2, "terminated": 1, BY_SUPPORT: 12},
        ways={way: 1_300},
        batches=4,
        consequences=("A transfer drops what SIMs are set to: names (3 SIMs).",),
        groups=("Groups of the same name in the target: Trackers.",),
    )


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("plan-emnify.txt", of_emnify()),
        ("plan-supersim.txt", of_super_sim()),
        ("plan-soracom.txt", of_soracom(accepts=True)),
        ("plan-soracom-offered.txt", of_soracom(accepts=False)),
    ],
)
def test_a_plan_is_told_as_it_was(name: str, plan: Plan) -> None:
    assert of_plan(plan, FOLDER) + "\n" == (GOLDEN / name).read_text(encoding="utf-8")


def test_where_sims_are_only_moved_nothing_is_said_of_ways() -> None:
    assert "→ move" not in of_plan(replace(of_super_sim(), ways={"move": 3}), FOLDER)
    assert "  deactivate → move 1 SIM\n" in of_plan(replace(of_super_sim(), ways={"deactivate move": 1}), FOLDER)


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
    assert words in " ".join(of_plan(replace(of_super_sim(), options=options), FOLDER).split())


def test_the_settings_say_how_long_is_waited() -> None:
    never = of_plan(replace(of_super_sim(), limits=Limits(await_s=0)), FOLDER)
    assert "waited for: not at all; a later execute or reconcile looks at it" in " ".join(never.split())
    assert "waited for: up to 90 s" in of_plan(replace(of_super_sim(), limits=Limits(await_s=90)), FOLDER)
    assert "waited for" not in of_plan(of_emnify(), FOLDER)


def test_sims_that_only_support_can_move_are_not_told_as_refused() -> None:
    rules = [rule for provider in PROVIDERS for rule in move_rules(provider, Options())]
    assert {rule.code for rule in rules if rule.step == "ASSIST"} == {BY_SUPPORT}
    told = of_plan(of_soracom(accepts=True), FOLDER)
    assert "REFUSE          1  terminated 1\n" in told
    assert "12 SIMs: send runs/2026-11-20-fleet/support-request.txt" in told
    assert "support" not in of_plan(of_emnify(), FOLDER)


def test_a_plan_says_who_accepts_and_what_is_put_back() -> None:
    ours, theirs = (" ".join(of_plan(of_soracom(accepts=accepts), FOLDER).split()) for accepts in (True, False))
    assert "We accept for far ourselves" in ours
    assert "put back, read back and compared" in ours
    assert "waited for" not in ours
    assert "For each token an e-mail goes to far@ferry.example" in theirs
    assert "each link ends 60 min after it was sent" in theirs
    assert "a token is for one SIM" in theirs
    assert "saved, and not put back by us" in theirs
    assert "is waited for: not at all; another execute looks again" in theirs


def test_a_plan_that_offers_nothing_asks_nobody_to_accept() -> None:
    nothing = replace(of_soracom(accepts=False), counts={"MOVE": 0, "LEAVE": 2, "REFUSE": 1, "ASSIST": 0}, batches=0)
    told = of_plan(nothing, FOLDER)
    assert "Who accepts" not in told
    assert "settings.csv" not in told
