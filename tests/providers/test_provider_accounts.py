"""The accounts file: what it gives, and that every mistake in it is named with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import UsageError
from providers.accounts import pick, read_accounts

GOOD = """
[accounts.pilot]
provider = "emnify"
workspace = 4001
username = "ann@acme.example"
password = "env:PILOT"
fingerprint = "file:device"
user_id = 77

[accounts.fleet]
provider = "emnify"
workspace = "4002"
base_url = "https://white-label.example/"
refresh_token = "prefect:fleet"
requests_per_5_min = 500
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "accounts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_account_is_its_table_with_references_kept_as_such(tmp_path: Path) -> None:
    accounts = read_accounts(written(tmp_path, GOOD))
    pilot, fleet = accounts["pilot"], accounts["fleet"]
    assert (pilot.account_id, pilot.base_url, pilot.numbers) == ("4001", "https://cdn.emnify.net", {"user_id": 77})
    assert pilot.secrets == {"fingerprint": "file:device", "password": "env:PILOT"}
    assert (fleet.account_id, fleet.base_url) == ("4002", "https://white-label.example")
    assert fleet.numbers == {"requests_per_5_min": 500}
    assert fleet.folder == tmp_path


def one(lines: str) -> str:
    return f'[accounts.a]\nprovider = "emnify"\nworkspace = 1\n{lines}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"no \[accounts.NAME\] table"),
        ("accounts = 3", r"no \[accounts.NAME\] table"),
        ("[accounts]\na = 3", r"\[accounts.a\] is no table"),
        ("[[", "is not TOML"),
        ('[accounts.a]\nprovider = "emnify"', "workspace is a whole number"),
        ("[accounts.a]\nworkspace = 1", "provider is one of emnify"),
        (GOOD + "\n[other]\nx = 1", "tables that nobody reads: other"),
        (one('username = "u"\npassword = "hunter22"'), 'password = "env:NAME"'),
        (one('fingerprint = "hunter22"\nrefresh_token = "env:A"'), "fingerprint holds the secret itself"),
        (one('username = "u"\npasword = "env:A"'), "unknown keys pasword. There are: .*password"),
        (one('username = "u"'), "has no credentials. Give exactly one"),
        (one('username = "u"\npassword = "env:A"\nrefresh_token = "env:B"'), "has password and refresh_token"),
        (one('password = "env:A"'), "needs its username"),
        (one('refresh_token = "env:A"\nuser_id = true'), "user_id is a whole number"),
        (one('refresh_token = "env:A"\nrequests_per_5_min = 0'), "requests_per_5_min is a whole number"),
        (one('refresh_token = ""'), "refresh_token is text"),
    ],
)
def test_a_mistake_is_named_with_what_to_write(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_accounts(written(tmp_path, text))
    assert "hunter22" not in str(caught.value)


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--accounts FILE"):
        read_accounts(tmp_path / "none.toml")


def test_an_unknown_account_names_the_nearest(tmp_path: Path) -> None:
    accounts = read_accounts(written(tmp_path, GOOD))
    assert pick(accounts, "pilot").name == "pilot"
    with pytest.raises(UsageError, match=r"no account pilto. Did you mean pilot\? Configured: fleet, pilot"):
        pick(accounts, "pilto")
