"""What is typed to register SIMs, and how the plan of it reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Exit
from domain.orders import Part
from domain.outcomes import Deed
from domain.plan import Party, Plan, nobody
from flows.arguments import parser
from flows.cli import main
from flows.commands.register import registration_asked
from flows.move_arguments import numbers_asked
from flows.plan_told import of_plan
from flows.standing import At, Standing
from tasks.asked import ListAsked, NumbersAsked
from tests.flows.test_plan_told import FOLDER, SOUTH, SUPER_SIM, of_super_sim

ACCOUNTS = """
[accounts.pilot]
provider = "emnify"
workspace = 1
application_token = "env:NOBODY"
[accounts.depot]
provider = "supersim"
account = "AC00000000000000000000000000000001"
auth_token = "env:NOBODY"
"""


def registration() -> Plan:
    plan = of_super_sim()
    return replace(plan, source=nobody(SUPER_SIM), parent=None, ways={"register": 1_300}, groups=())


def test_what_is_typed_is_asked() -> None:
    words = "register sims.xlsx --to south --sheet Cards --column B --code-column PIN --settle 5 --canary 3"
    typed = parser().parse_args(words.split())
    assert registration_asked(typed) == ListAsked("Cards", "B", code_column="PIN")
    assert numbers_asked(typed) == NumbersAsked(canary_sims=3, settle_s=5.0)
    least = parser().parse_args(["register", "sims.csv", "--to", "south"])
    assert (registration_asked(least), numbers_asked(least)) == (ListAsked(), NumbersAsked())


@pytest.mark.parametrize(
    ("account", "file", "words"),
    [
        ("nowhere", "sims.csv", "There is no account nowhere"),
        ("pilot", "sims.csv", "no SIMs are registered by lists"),
        ("depot", "others.csv", "There is no file others.csv"),
    ],
)
def test_what_cannot_be_is_refused_at_once(
    account: str,
    file: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.toml").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "sims.csv").write_text("ICCID,Code\n", encoding="utf-8")
    assert main(["register", file, "--to", account]) == Exit.USAGE
    assert words in capsys.readouterr().err


def test_a_plan_to_register_reads_as_one() -> None:
    told = of_plan(registration(), FOLDER)
    assert f"supersim: to be registered in south ({SOUTH.account_id}) at {SUPER_SIM}" in told
    assert "\n  REGISTER    1,300  in 4 batches" in told
    assert "Why nothing is registered twice:" in told
    assert "requests at once: up to 64, as many as the provider takes" in told
    for of_a_move in ("MOVE", "unregistered", "status", "waited for", "→", "credentials of"):
        assert of_a_move not in told.replace("status_scheduled", "")


def test_a_registration_takes_the_targets_credentials_alone() -> None:
    plan = registration()
    assert plan.is_registration
    assert plan.accounts == (SOUTH,)
    move = of_super_sim()
    assert not move.is_registration
    assert move.accounts == (move.source, move.target, move.parent)
    assert not replace(move, source=Party("unregistered", "AC1", SUPER_SIM)).is_registration


def test_sims_that_are_registered_are_called_so() -> None:
    places = (At(Part.REGISTER, Deed.ARRIVED, begun=False, sims=3), At(Part.REGISTER, Deed.DECLINED, False, 1))
    assert str(Standing(places, in_parts=False)) == "3 of 4 SIMs registered; 1 declined"
