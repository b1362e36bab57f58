"""The accounts file: what it gives, and that every mistake in it is named with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import UsageError
from providers.accounts import parent_of, pick, read_accounts

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
        ("[accounts.a]\nworkspace = 1", "provider is one of emnify, soracom, supersim"),
        (GOOD + "\n[other]\nx = 1", "tables that nobody reads: other"),
        (one('username = "u"\npassword = "hunter22"'), 'password = "env:NAME"'),
        (one('fingerprint = "hunter22"\nrefresh_token = "env:A"'), "fingerprint holds the secret itself"),
        (one('username = "u"\npasword = "env:A"'), "unknown keys pasword. There are: .*password"),
        (one('username = "u"'), "has no credentials. Give exactly one"),
        (one('username = "u"\npassword = "env:A"\nrefresh_token = "env:B"'), "has password and refresh_token"),
        (one('password = "env:A"'), "password needs username beside it"),
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


DEPOT, NORTH, SOUTH = (f"AC{digit * 32}" for digit in "0aF")

FAMILY = f"""
[accounts.depot]
provider = "supersim"
account = "{DEPOT}"
auth_token = "file:depot.token"

[accounts.north]
provider = "supersim"
account = "{NORTH}"
parent = "depot"
username = "SKabc"
auth_token = "env:NORTH"
callback_url = "http://127.0.0.1:8080/callbacks"
inactive_moves = true
calls_in_flight = 32

[accounts.south]
provider = "supersim"
account = "{SOUTH}"
parent = "depot"
auth_token = "env:SOUTH"

[accounts.kore]
provider = "supersim"
account = "{DEPOT}"
client_id = "abc"
client_secret = "env:KORE"
token_url = "https://api.kore.example/token"
callback_secret = "file:callback"

[accounts.lone]
provider = "supersim"
account = "{"AC" + "7" * 32}"
auth_token = "env:LONE"
"""


def test_a_super_sim_account_says_its_vendor_by_its_credentials(tmp_path: Path) -> None:
    accounts = read_accounts(written(tmp_path, FAMILY + GOOD))
    north, kore = accounts["north"], accounts["kore"]
    assert (north.account_id, north.base_url, north.way_in) == (NORTH, "https://supersim.twilio.com", "auth_token")
    assert (north.parent, north.flags, north.numbers) == ("depot", {"inactive_moves": True}, {"calls_in_flight": 32})
    assert north.texts == {"username": "SKabc", "callback_url": "http://127.0.0.1:8080/callbacks"}
    assert (kore.base_url, kore.way_in) == ("https://supersim.api.korewireless.com", "client_secret")
    assert (kore.texts["token_url"], kore.parent) == ("https://api.kore.example/token", "")
    assert accounts["pilot"].way_in == "password"


def test_the_parent_moves_sims_and_is_named_where_it_is_neither_side(tmp_path: Path) -> None:
    accounts = read_accounts(written(tmp_path, FAMILY + GOOD))
    depot, north, south = (accounts[name] for name in ("depot", "north", "south"))
    assert parent_of(accounts, north, south) is depot
    assert parent_of(accounts, depot, north) is parent_of(accounts, north, depot) is None
    assert parent_of(accounts, accounts["pilot"], accounts["fleet"]) is None
    with pytest.raises(UsageError, match="north belongs to depot while lone names none"):
        parent_of(accounts, north, accounts["lone"])
    with pytest.raises(UsageError, match="depot names none while lone names none"):
        parent_of(accounts, depot, accounts["lone"])


def sim(lines: str, account: str = SOUTH) -> str:
    return f'[accounts.a]\nprovider = "supersim"\naccount = "{account}"\n{lines}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (sim('auth_token = "env:A"', "AC123"), "account is AC and 32 hex digits. Write account ="),
        (sim('auth_token = "env:A"', SOUTH + "0"), "account is AC and 32 hex digits"),
        (sim(""), "has no credentials. Give exactly one of auth_token, client_secret"),
        (sim('auth_token = "env:A"\nclient_secret = "env:B"'), "has auth_token and client_secret"),
        (sim('client_secret = "env:A"'), "client_secret needs client_id beside it"),
        (sim('auth_token = "env:A"\nclient_id = "x"'), "client_id says nothing beside auth_token"),
        (sim('client_secret = "env:A"\nclient_id = "x"\nusername = "y"'), "username says nothing beside client_sec"),
        (sim('auth_token = "hunter22"'), "auth_token holds the secret itself"),
        (sim('auth_token = "env:A"\ncallback_secret = "hunter22"'), "callback_secret holds the secret itself"),
        (sim('auth_token = "env:A"\ninactive_moves = "yes"'), "inactive_moves is a switch"),
        (sim('auth_token = "env:A"\ncallback_url = "http://example.com/x"'), "callback_url: .* in the clear"),
        (sim('auth_token = "env:A"\ncalls_in_flight = 0'), "calls_in_flight is a whole number"),
        (sim('auth_token = "env:A"\nparent = "b"'), "parent is the name of another account .* There are: none"),
        (sim('auth_token = "env:A"\nparent = "a"'), "parent is the name of another account"),
        (FAMILY + sim('auth_token = "env:A"\nparent = "lonely"'), "There are: depot, kore, lone, north, south"),
        (FAMILY + sim('auth_token = "env:A"\nparent = "north"'), "its parent north belongs to depot itself"),
        (FAMILY + sim('auth_token = "env:A"\nparent = "depot"', DEPOT), "its parent depot is the same account"),
        (
            FAMILY + sim('auth_token = "env:A"\nparent = "depot"\nbase_url = "https://x.example"'),
            "its parent depot is at supersim, https://supersim.twilio.com, and itself at supersim, https://x.example",
        ),
        (
            FAMILY
            + sim('client_secret = "env:A"\nclient_id = "x"\nparent = "depot"\n')
            + 'base_url = "https://supersim.twilio.com"',
            "its parent depot with auth_token, so they are accounts of two vendors",
        ),
        (GOOD + sim('auth_token = "env:A"\nparent = "pilot"'), "its parent pilot is at emnify"),
        (one('refresh_token = "env:A"\nparent = "b"'), "unknown keys parent"),
    ],
)
def test_a_mistake_in_a_super_sim_account_is_named_too(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_accounts(written(tmp_path, text))
    assert "hunter22" not in str(caught.value)
