"""A sandbox per test file, emnify's client logged in to it, and SIMs that no other test has touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.orders import Sim
from providers.accounts import Account, read_accounts
from providers.protocol import Crew
from providers.registry import open_mover
from sandbox.accounts import write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.switches import Switches
from sandbox.truth import Truth
from sandbox.world import seed
from tests.providers.asking import STATUSES
from tests.providers.doubles import Timepiece


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("emnify")
    seed(home, 4_000)
    with running(home, rate_scale=0) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**Switches().as_dict())
    world.forget_requests()
    return world


@pytest.fixture
def pair(sandbox: Sandbox) -> tuple[Account, Account]:
    known = read_accounts(sandbox.home / "accounts.toml")
    fast = {name: replace(one, numbers={**one.numbers, "requests_per_5_min": 10**8}) for name, one in known.items()}
    return fast["pilot"], fast["fleet"]


@pytest.fixture
def crew(pair: tuple[Account, Account]) -> Iterator[Crew]:
    with open_mover(*pair, clock=Timepiece().clock()) as opened:
        yield opened


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def books(world: Sandbox) -> dict[str, list[Sim]]:
    """SIMs of the source by what they are, consumed by `take` so that no two tests touch the same ones."""
    known: dict[str, list[Sim]] = {}
    for row in Truth(world.home).where().sort("iccid").iter_rows(named=True):
        status, device = STATUSES[row["status"]], row["endpoint_id"]
        kind = f"{row['workspace_id']} {status}{' attached' if device else ''}"
        sim = Sim(row["iccid"], str(row["sim_id"]), "", None, status, None if device is None else str(device))
        known.setdefault(kind, []).append(sim)
    return known
