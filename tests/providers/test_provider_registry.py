"""Accounts opened by name: who may work together, and what is shared between logins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from domain.errors import UsageError
from providers import supersim_open
from providers.accounts import Account, read_accounts
from providers.registry import PROVIDERS, open_mover, open_reader, open_registrar
from tests.providers.doubles import SOURCE, TARGET, Timepiece, account
from tests.providers.supersim_doubles import DEPOT, NORTH, SOUTH, shown

FAMILY = "".join(
    f"""
[accounts.{name}]
provider = "supersim"
account = "{sid}"
auth_token = "file:token"
base_url = "https://supersim.test"
{'parent = "depot"' if name != "depot" else ""}
"""
    for name, sid in (("depot", DEPOT), ("north", NORTH), ("south", SOUTH))
)


@pytest.fixture
def family(tmp_path: Path) -> dict[str, Account]:
    (tmp_path / "token").write_text("t0ken")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "accounts.toml").write_text(FAMILY)
    return read_accounts(tmp_path / "accounts.toml")


def test_every_provider_of_the_accounts_file_can_be_opened() -> None:
    assert set(PROVIDERS) == {"emnify", "soracom", "supersim"}


def test_accounts_that_cannot_work_together_are_refused_before_anything_is_sent(
    family: dict[str, Account], tmp_path: Path
) -> None:
    emnify = account(tmp_path, SOURCE, refresh_token="r")
    pairs = [
        (family["north"], emnify, "SIMs do not move between providers"),
        (family["north"], replace(family["south"], base_url="https://other.test"), "different base URLs"),
        (family["north"], replace(family["south"], account_id=NORTH.lower()), "one and the same"),
        (emnify, replace(account(tmp_path, TARGET, refresh_token="r"), account_id=str(SOURCE)), "one and the same"),
        (family["north"], family["south"], "Neither of north and south is the other's parent"),
    ]
    for source, target, words in pairs:
        with pytest.raises(UsageError, match=words), open_reader(source, target):
            pass


def test_only_super_sim_has_sims_to_register(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="not registered with a code"),
        open_registrar(account(tmp_path, SOURCE, refresh_token="r")),
    ):
        pass


def test_nothing_is_sent_before_it_is_asked_for_and_one_account_is_opened_once(family: dict[str, Account]) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"sims": [shown(1, DEPOT)], "meta": {"next_page_url": None}})

    clock, transport = Timepiece().clock(), httpx.MockTransport(handle)
    with open_mover(family["depot"], family["north"], clock=clock, transport=transport) as crew:
        assert seen == []
        assert crew.reader.traits.name == "supersim"
    with open_registrar(family["depot"], clock=clock, transport=transport) as crew:
        assert len(crew.reader.preflight()) == 1
    assert len(seen) == 1


def test_the_limit_that_was_found_out_is_kept_by_account_for_the_next_login(family: dict[str, Account]) -> None:
    clock = Timepiece().clock()
    known = supersim_open._lanes_of(family["north"], 8, clock)
    assert supersim_open._lanes_of(replace(family["north"], name="again"), 8, clock) is known
    assert supersim_open._lanes_of(family["south"], 8, clock) is not known
    assert supersim_open._lanes_of(family["north"], 9, clock) is not known


def test_the_least_number_of_calls_that_an_account_allows_holds_for_all(family: dict[str, Account]) -> None:
    narrow = replace(family["south"], numbers={"calls_in_flight": 7})
    with open_reader(family["north"], narrow, family["depot"]) as reader:
        assert reader.traits.calls_in_flight == 7
    with open_reader(family["north"], family["south"], family["depot"]) as reader:
        assert reader.traits.calls_in_flight == 64
