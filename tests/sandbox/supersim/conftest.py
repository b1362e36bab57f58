"""A Super SIM sandbox per test file, a client per account, and SIMs that no other test has touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypedDict

import httpx
import polars as pl
import pytest

from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH, STRANGER, Account
from sandbox.supersim.switches import Switches
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed

DONE_AFTER_S = 0.05
WAIT_S_MAX = 10.0
Take: TypeAlias = Callable[..., str]  # (status, *conditions) → sid of a SIM of the north
Settled: TypeAlias = Callable[[str], str]  # sid → its status when nothing is under way any more


def client_of(sandbox: Sandbox, account: Account) -> httpx.Client:
    return httpx.Client(base_url=sandbox.base_url, auth=(account.sid, account.auth_token), trust_env=False, timeout=20)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("sandbox")
    seed(home, 2_000, provider=Name.SUPERSIM)
    with running(home) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**as_texts(Switches(done_after_s=DONE_AFTER_S)))
    world.forget_requests()
    return world


@pytest.fixture
def anonymous(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def depot(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox, DEPOT) as client:
        yield client


@pytest.fixture
def north(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox, NORTH) as client:
        yield client


@pytest.fixture
def south(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox, SOUTH) as client:
        yield client


@pytest.fixture
def stranger(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox, STRANGER) as client:
        yield client


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def take(world: Sandbox) -> Take:
    """The next SIM of the north with that status, by sid; other conditions are expressions over `WHERE`."""
    left = Truth(world.home).where().filter(pl.col("account") == NORTH.sid)

    def next_one(status: str, *conditions: pl.Expr) -> str:
        nonlocal left
        found = left.filter(pl.col("status") == status, *conditions)["sim_id"][0]
        left = left.filter(pl.col("sim_id") != found)
        return str(found)

    return next_one


@pytest.fixture
def settled(truth: Truth) -> Settled:
    def status(sid: str) -> str:
        deadline = time.monotonic() + WAIT_S_MAX
        while (now := where(truth, sid)["status"]) == "scheduled" and time.monotonic() < deadline:
            time.sleep(0.01)
        return str(now)

    return status


class Place(TypedDict):
    """A row of frame `WHERE`."""

    iccid: str
    account_name: str
    status: str
    fleet: str | None
    fleet_name: str | None
    name: str | None
    moves: int


def where(truth: Truth, sid: str) -> Place:
    names = list(Place.__annotations__)
    place: Place = truth.where().select("sim_id", *names).row(by_predicate=pl.col("sim_id") == sid, named=True)  # type: ignore[assignment] # of the schema
    return place


def refused(answer: httpx.Response) -> int:
    """The code of a refusal, after a look at its body."""
    body = answer.json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == answer.status_code >= 400
    assert str(body["code"]) in body["more_info"]
    return int(body["code"])


def in_fleet(name: str | None) -> pl.Expr:
    return pl.col("fleet_name").is_null() if name is None else pl.col("fleet_name") == name
