"""The audit's settings file: read strictly, and written to without touching what a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.audit.terms import Rule
from domain.errors import UsageError
from inputs.audit_settings import AuditSettings, RegisterSettings, read_settings, remember
from inputs.registers import RegisterColumns

WHOLE = """
currency = "EUR"  # of prices

[registers.assets]
iccid = "ICCID"
account = "Workspace"
whole = false
settings = { group = "Fleet" }

[accounts]
"Pilot workspace" = "pilot"

[statuses]
"in Betrieb" = "active"

[[policy]]
name = "unpaid"
statuses = ["active"]
not_in = "finance"
over_days = 30
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "audit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, WHOLE)) == AuditSettings(
        registers={
            "assets": RegisterSettings(
                iccid="ICCID", whole=False, columns=RegisterColumns(account="Workspace", settings={"group": "Fleet"})
            )
        },
        accounts={"Pilot workspace": "pilot"},
        statuses={"in Betrieb": "active"},
        rules=(Rule("unpaid", "unpaid", ("active",), not_in="finance", over_days=30),),
        currency="EUR",
    )


def test_without_a_file_the_usual_settings_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "audit.toml") == AuditSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curency = 1", "keys that nobody reads: curency"),
        ("currency = 1", "currency is a text in quotes"),
        ("registers = 1", "registers are tables"),
        ("[registers]\nassets = 1", r"\[registers.assets\] is no table"),
        ("[registers.assets]\nicid = 'A'", r"\[registers.assets\] has keys that nobody reads: icid"),
        ("[registers.assets]\nwhole = 1", "whole is true or false"),
        ("[registers.assets]\nsettings = 'x'", "settings is a table of texts"),
        ("policy = 1", "the policy is at most"),
        ("[[policy]]\nstatuses = ['a']", "has no name"),
        ("[[policy]]\nname = 'a'", "has no statuses"),
        ("[[policy]]\nname = 'a'\nstatuses = 'a'", "statuses is a list of texts"),
        ("[[policy]]\nname = 'a'\nstatuses = ['a']\nover_days = true", "over_days is a number of days"),
        ("[[policy]", "is not TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        read_settings(written(tmp_path, text))


def test_columns_that_were_found_are_remembered_behind_what_a_person_wrote(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    found = RegisterSettings(iccid='Card "no"', sheet="Öl", columns=RegisterColumns("A", "B", "C"))
    assert remember(path, "finance 2", found)
    assert path.read_text(encoding="utf-8").startswith(WHOLE)
    assert read_settings(path).registers["finance 2"] == found
    assert not remember(path, "finance 2", RegisterSettings())
    assert read_settings(path).registers["finance 2"] == found


def test_the_first_register_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    assert remember(path, "assets", RegisterSettings(iccid="ICCID"))
    assert read_settings(path) == AuditSettings(registers={"assets": RegisterSettings(iccid="ICCID")})
