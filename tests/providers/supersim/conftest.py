"""A Super SIM sandbox per test file, the client logged in to it at either vendor, and SIMs that no other test has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import polars as pl
import pytest

from domain.orders import Part, Sim
from providers.accounts import Account, parent_of, read_accounts
from providers.protocol import Crew
from providers.registry import open_mover
from sandbox.accounts import write_accounts
from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.switches import Switches
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed
from tests.providers.doubles import Timepiece

DONE_AFTER_S = 0.05
Family: TypeAlias = tuple[Account, Account, Account]
Take: TypeAlias = Callable[..., tuple[Sim, ...]]  # (how many, status, with a fleet or without, **fields of Sim)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("supersim")
    seed(home, 4_000, provider=Name.SUPERSIM)
    with running(home) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**as_texts(Switches(done_after_s=DONE_AFTER_S)))
    world.forget_requests()
    return world


@pytest.fixture(params=["", "kore-"], ids=["twilio", "kore"])
def family(sandbox: Sandbox, request: pytest.FixtureRequest) -> Family:
    """Source, target and parent, by either vendor's credentials."""
    known = read_accounts(sandbox.home / "accounts.toml")
    north, south = known[f"{request.param}north"], known[f"{request.param}south"]
    parent = parent_of(known, north, south)
    assert parent is not None
    return north, south, parent


@pytest.fixture
def crew(family: Family) -> Iterator[Crew]:
    with open_mover(*family, clock=Timepiece().clock()) as opened:
        yield opened


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def shelf(world: Sandbox) -> pl.DataFrame:
    """The north's SIMs without a name, as they were at first, in an order that every test takes from."""
    return Truth(world.home).where().filter(pl.col("account_name") == "north", pl.col("name").is_null())


@pytest.fixture(scope="module")
def taken() -> set[str]:
    return set()


@pytest.fixture
def take(shelf: pl.DataFrame, taken: set[str]) -> Take:
    def some(count: int, status: str = "new", *, fleet: bool = False, **fields: object) -> tuple[Sim, ...]:
        rows = shelf.filter(
            pl.col("status") == status,
            pl.col("fleet").is_not_null() == fleet,
            ~pl.col("iccid").is_in(list(taken)),
        ).head(count)
        assert rows.height == count, f"no {count} SIMs are left that are {status}"
        taken.update(rows["iccid"])
        known: dict[str, object] = {"parts": (Part.MOVE,)} | fields
        return tuple(
            Sim(key, sid, key + digit, status=status, group=group, **known)  # type: ignore[arg-type] # as the test says
            for key, digit, sid, group in rows.select("iccid", "check_digit", "sim_id", "fleet").iter_rows()
        )

    return some
