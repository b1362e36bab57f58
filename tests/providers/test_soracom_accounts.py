"""Soracom in the accounts file: three ways in and none at all, two coverages, and who may work together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import UsageError
from providers.accounts import Account, read_accounts
from providers.registry import open_mover, open_reader
from tests.providers.doubles import SOURCE, account

OPERATOR = "OP0012345678"

GOOD = f"""
[accounts.east]
provider = "soracom"
operator = "{OPERATOR}"
coverage = "global"
email = "ops@east.example"
password = "env:EAST"
calls_in_flight = 8
token_life_s = 60

[accounts.west]
provider = "soracom"
operator = "OP0000000002"
coverage = "global"
email = "ops+sims@west.co.example"
auth_key_id = "keyId-west"
auth_key = "file:west.key"

[accounts.edo]
provider = "soracom"
operator = "OP0000000003"
coverage = "japan"
user = "simferry"
user_password = "prefect:edo"
base_url = "http://127.0.0.1:9/"

[accounts.osaka]
provider = "soracom"
operator = "OP0000000004"
coverage = "japan"
email = "ops@osaka.example"
"""


@pytest.fixture
def operators(tmp_path: Path) -> dict[str, Account]:
    (tmp_path / "accounts.toml").write_text(GOOD)
    return read_accounts(tmp_path / "accounts.toml")


def test_the_coverage_says_where_an_operator_is_unless_its_table_does(operators: dict[str, Account]) -> None:
    assert {name: (each.coverage, each.base_url) for name, each in operators.items()} == {
        "east": ("global", "https://g.api.soracom.io"),
        "west": ("global", "https://g.api.soracom.io"),
        "edo": ("japan", "http://127.0.0.1:9"),
        "osaka": ("japan", "https://api.soracom.io"),
    }


def test_there_are_three_ways_in_and_an_account_without_any_is_blind(operators: dict[str, Account]) -> None:
    assert {name: (each.way_in, each.is_blind) for name, each in operators.items()} == {
        "east": ("password", False),
        "west": ("auth_key", False),
        "edo": ("user_password", False),
        "osaka": ("", True),
    }
    assert operators["east"].account_id == OPERATOR
    assert operators["east"].numbers == {"calls_in_flight": 8, "token_life_s": 60}
    assert operators["west"].texts == {
        "coverage": "global",
        "auth_key_id": "keyId-west",
        "email": "ops+sims@west.co.example",
    }
    assert operators["osaka"].texts["email"] == "ops@osaka.example"
    assert (operators["osaka"].secrets, operators["osaka"].vendor) == ({}, "")


def table(lines: str, operator: str = OPERATOR, coverage: str = 'coverage = "global"') -> str:
    return f'[accounts.a]\nprovider = "soracom"\noperator = "{operator}"\n{coverage}\n{lines}\n'


MAIL = 'email = "a@b.example"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(
            (table(MAIL, operator), "operator is OP and 10 digits. Write operator =")
            for operator in (
                "",
                "OP001234567",
                "OP00123456789",
                "op0012345678",
                "0012345678",
                "OP00１2345678",
                "OP\\n1",
            )
        ),
        (table(MAIL, coverage=""), "coverage is one of global, japan. Set it"),
        (table(MAIL, coverage='coverage = "Japan"'), "coverage is one of global, japan"),
        (table(MAIL, coverage='coverage = ["japan"]'), "coverage is one of global, japan"),
        *(
            (table(f'email = "{email}"'), 'email is one e-mail address. Write email = "NAME@DOMAIN"')
            for email in ("ops", "ops@", "@b.example", "ops@b", "a@b@c.example", "a b@c.example", "a@b..example")
        ),
        (table('email = "Ann <a@b.example>"'), "email is one e-mail address"),
        (table('email = "a@b.example, c@d.example"'), "email is one e-mail address"),
        (table("email = 3"), "email is text"),
        (
            table(""),
            "has no credentials. Give exactly one of password, auth_key, user_password; or, .* themselves|email",
        ),
        (table(MAIL + 'auth_key_id = "k"'), "auth_key_id says nothing without auth_key. Add that, or take it out"),
        (table(MAIL + 'user = "u"'), "user says nothing without user_password"),
        (table('password = "env:A"'), "password needs email beside it"),
        (table('auth_key = "env:A"'), "auth_key needs auth_key_id beside it"),
        (table(MAIL + 'user_password = "env:A"'), "user_password needs user beside it"),
        (table(MAIL + 'password = "env:A"\nuser = "u"'), "user says nothing beside password"),
        (table(MAIL + 'password = "env:A"\nauth_key = "env:B"'), "has password and auth_key. Give exactly one"),
        (table(MAIL + 'password = "hunter22"'), "password holds the secret itself"),
        (table('auth_key_id = "k"\nauth_key = "hunter22"'), "auth_key holds the secret itself"),
        (table('user = "u"\nuser_password = "hunter22"'), "user_password holds the secret itself"),
        (table('email = "hunter22"'), "email is one e-mail address"),
        (table(MAIL + "token_life_s = 0"), "token_life_s is a whole number from 1 on"),
        (table(MAIL + "calls_in_flight = 1.5"), "calls_in_flight is a whole number from 1 on"),
        (table(MAIL + 'parent = "b"'), "unknown keys parent"),
        (table(MAIL + 'mfa_secret = "env:A"'), "unknown keys mfa_secret"),
    ],
)
def test_a_mistake_in_an_operator_is_named_with_what_to_write(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        read_accounts(file)
    assert "hunter22" not in str(caught.value)


def test_an_e_mail_may_be_kept_elsewhere_as_any_text_may(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(table('email = "env:OPS"'))
    assert read_accounts(file)["a"].texts["email"] == "env:OPS"


def test_the_other_providers_have_no_coverage_and_no_account_without_credentials(tmp_path: Path) -> None:
    emnify = account(tmp_path, SOURCE, refresh_token="r")
    assert (emnify.coverage, emnify.is_blind) == ("", False)
    file = tmp_path / "accounts.toml"
    file.write_text('[accounts.a]\nprovider = "emnify"\nworkspace = 1\ncoverage = "global"\n')
    with pytest.raises(UsageError, match="unknown keys coverage"):
        read_accounts(file)


@pytest.mark.parametrize("opened", [open_reader, open_mover])
def test_operators_that_cannot_work_together_are_refused_before_anything_is_sent(
    operators: dict[str, Account], opened: type
) -> None:
    east, west, osaka = (operators[name] for name in ("east", "west", "osaka"))
    pairs = [
        (
            osaka,
            operators["edo"],
            r"osaka has no credentials.* Give it password \(with email\) or auth_key \(with auth_k",
        ),
        (east, osaka, "east is an account of global coverage and osaka of japan"),
        (east, replace(west, base_url="https://other.test"), "different base URLs"),
        (east, replace(west, account_id=OPERATOR), "one and the same"),
    ]
    for source, target, words in pairs:
        with pytest.raises(UsageError, match=words), opened(source, target):
            pass
