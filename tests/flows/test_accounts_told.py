"""`simferry accounts`: where each account is, to which other it belongs, and who its credentials are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.errors import Exit
from flows.cli import main

DEPOT, NORTH, EAST = (f"AC{at:032x}" for at in (1, 2, 3))
ACCOUNTS = f"""
[accounts.pilot]
provider = "emnify"
workspace = 4001
application_token = "env:NOBODYS_TOKEN"

[accounts.depot]
provider = "supersim"
account = "{DEPOT}"
auth_token = "env:NOBODYS_TOKEN"

[accounts.north]
provider = "supersim"
account = "{NORTH}"
parent = "depot"
auth_token = "env:NOBODYS_TOKEN"

[accounts.east]
provider = "supersim"
account = "{EAST}"
client_id = "simferry"
client_secret = "env:NOBODYS_TOKEN"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.toml"
    file.write_text(ACCOUNTS)
    return file


def test_each_account_is_told_with_its_vendor_and_its_parent(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accounts", "--accounts", str(file)]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  pilot            emnify 4001 at https://cdn.emnify.net",
        f"  depot            supersim (Twilio) {DEPOT} at https://supersim.twilio.com",
        f"  north            supersim (Twilio) {NORTH} at https://supersim.twilio.com, child of depot",
        f"  east             supersim (KORE) {EAST} at https://supersim.api.korewireless.com",
    ]


def test_machines_are_told_the_same_and_why_an_account_lets_nobody_in(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOBODYS_TOKEN", raising=False)
    assert main(["accounts", "--check", "--json", "--accounts", str(file)]) == Exit.PROVIDER
    told = {each["name"]: each for each in json.loads(capsys.readouterr().out)["accounts"]}
    assert [(each["vendor"], each["parent"]) for each in told.values()] == [
        (None, None),
        ("Twilio", None),
        ("Twilio", "depot"),
        ("KORE", None),
    ]
    assert not any(each["ok"] for each in told.values())
    assert all("NOBODYS_TOKEN" in each["says"] for each in told.values())


EDO, FAR = "OP0000000003", "OP0000000004"
WITHOUT = "without credentials: only a target, which accepts SIMs itself"
OPERATORS = f"""
[accounts.edo]
provider = "soracom"
operator = "{EDO}"
coverage = "japan"
user = "simferry"
user_password = "env:NOBODYS_PASSWORD"

[accounts.far]
provider = "soracom"
operator = "{FAR}"
coverage = "global"
email = "ops@far.example"
"""


@pytest.fixture
def operators(tmp_path: Path) -> Path:
    file = tmp_path / "operators.toml"
    file.write_text(OPERATORS)
    return file


def test_an_account_without_credentials_is_told_as_such_with_its_coverage(
    operators: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["accounts", "--accounts", str(operators)]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"  edo              soracom {EDO} at https://api.soracom.io, japan coverage",
        f"  far              soracom {FAR} at https://g.api.soracom.io, global coverage, {WITHOUT}",
    ]


def test_nobody_logs_in_to_an_account_without_credentials_and_that_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "far.toml"
    file.write_text(OPERATORS[OPERATORS.index("[accounts.far]") :])
    assert main(["accounts", "--check", "--json", "--accounts", str(file)]) == Exit.OK
    (far,) = json.loads(capsys.readouterr().out)["accounts"]
    assert (far["ok"], far["blind"], far["coverage"]) == (None, True, "global")
    assert far["says"].startswith("Not checked: it has no credentials here")


def test_a_plan_between_accounts_of_two_families_is_refused_early(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["plan", "none.csv", "--from", "north", "--to", "east", "--accounts", str(file)]
    assert main(asked) == Exit.USAGE
    assert "accounts of one parent" in capsys.readouterr().err
