"""A sandbox per test file, a logged-in client per test, and SIMs that no other test has touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import httpx
import polars as pl
import pytest

from sandbox import accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.switches import Switches
from sandbox.truth import Truth
from sandbox.world import seed

Take: TypeAlias = Callable[[int], list[int]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("sandbox")
    seed(home, 2_000)
    with running(home, rate_scale=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**Switches().as_dict())
    world.forget_requests()
    return world


@pytest.fixture
def anonymous(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def api(anonymous: httpx.Client) -> httpx.Client:
    body = {"username": accounts.TRIAL.username, "password": accounts.TRIAL.password_sha1}
    token = anonymous.post("/api/v1/authenticate", json=body).json()["auth_token"]
    anonymous.headers["Authorization"] = f"Bearer {token}"
    return anonymous


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def take(world: Sandbox) -> Take:
    """The next few suspended SIMs of the source without a device, by id."""
    frame = (
        Truth(world.home)
        .where()
        .filter((pl.col("workspace_id") == accounts.SOURCE) & (pl.col("status") == 2) & pl.col("endpoint_id").is_null())
    )
    left = iter(frame["sim_id"].to_list())
    return lambda count: [next(left) for _ in range(count)]
