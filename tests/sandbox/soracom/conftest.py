"""A Soracom of each test file's own, asked in this process; a client per operator, and SIMs that nobody touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import httpx
import polars as pl
import pytest

from sandbox.clock import Clock
from sandbox.exchange import Answer, Asked
from sandbox.homes import FILES
from sandbox.positions import as_texts
from sandbox.provider import Provider
from sandbox.soracom.accounts import EAST, EDO, FAR, KANSAI, OSAKA, WEST, Operator
from sandbox.soracom.switches import Switches
from sandbox.soracom.truth import Truth
from sandbox.table import PROVIDERS
from sandbox.world import Name, seed

TRANSFER = "/v1/subscribers/transfer_token"
ISSUE, VERIFY = f"{TRANSFER}/issue", f"{TRANSFER}/verify"


@dataclass(frozen=True, slots=True)
class Sim:
    """A SIM's two names."""

    sim_id: str
    imsi: str


Take: TypeAlias = Callable[..., list[Sim]]  # (count, *conditions, status=, operator=) → SIMs


@dataclass(slots=True)
class Direct(httpx.BaseTransport):
    """Answers out of a provider in this process; nothing is sent."""

    provider: Provider
    clock: Clock
    count: int = 0
    client: str = "127.0.0.1"
    paths: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        self.paths.append(request.url.path)
        answer = self.provider.answer(
            Asked(
                number=self.count,
                method=request.method,
                path=request.url.path,
                query=dict(request.url.params),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.read(),
                client=self.client,
            )
        )
        return response(answer)


def response(answer: Answer) -> httpx.Response:
    headers = dict(answer.headers) | ({"content-type": answer.content_type} if answer.body else {})
    return httpx.Response(answer.status, headers=headers, content=answer.body)


def opened(home: Path, rate_scale: float = 0) -> Direct:
    clock = Clock()
    return Direct(PROVIDERS[Name.SORACOM].open(home / FILES[Name.SORACOM], clock, rate_scale), clock)


def let_in(client: httpx.Client, operator: Operator) -> httpx.Client:
    """The client, with the headers of a login."""
    granted = client.post("/v1/auth", json={"email": operator.email, "password": operator.password}).json()
    client.headers["X-Soracom-API-Key"] = granted["apiKey"]
    client.headers["X-Soracom-Token"] = granted["token"]
    return client


def client_of(direct: Direct, operator: Operator | None = None) -> httpx.Client:
    client = httpx.Client(base_url="http://sandbox", transport=direct, trust_env=False)
    return client if operator is None else let_in(client, operator)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sandbox")
    seed(home, 4_000, provider=Name.SORACOM)
    return home


@pytest.fixture(scope="module")
def world(home: Path) -> Iterator[Direct]:
    direct = opened(home)
    yield direct
    direct.provider.close()


@pytest.fixture
def direct(world: Direct) -> Direct:
    """The provider, with all switches as they are by default."""
    world.provider.switch(as_texts(Switches()))
    return world


@pytest.fixture
def anonymous(direct: Direct) -> httpx.Client:
    return client_of(direct)


@pytest.fixture
def east(direct: Direct) -> httpx.Client:
    return client_of(direct, EAST)


@pytest.fixture
def west(direct: Direct) -> httpx.Client:
    return client_of(direct, WEST)


@pytest.fixture
def far(direct: Direct) -> httpx.Client:
    return client_of(direct, FAR)


@pytest.fixture
def edo(direct: Direct) -> httpx.Client:
    return client_of(direct, EDO)


@pytest.fixture
def osaka(direct: Direct) -> httpx.Client:
    return client_of(direct, OSAKA)


@pytest.fixture
def kansai(direct: Direct) -> httpx.Client:
    return client_of(direct, KANSAI)


@pytest.fixture
def truth(home: Path) -> Truth:
    return Truth(home)


@pytest.fixture(scope="module")
def take(home: Path) -> Take:
    """The next SIMs with one number in that status (ready, of the east); conditions are expressions over `WHERE`."""
    truth = Truth(home)
    left = truth.where().filter(~pl.col("iccid").is_in(truth.aliases()["key"].implode()))

    def some(
        count: int, *conditions: pl.Expr, status: str = "ready", operator: Operator = EAST, kind: str = "uicc"
    ) -> list[Sim]:
        nonlocal left
        rows = left.filter(
            *conditions, pl.col("status") == status, pl.col("operator") == operator.operator, pl.col("type") == kind
        ).head(count)
        assert rows.height == count, "the world has too few of them"
        left = left.filter(~pl.col("iccid").is_in(rows["iccid"].implode()))
        return [Sim(sim_id, imsi) for sim_id, imsi in rows.select("iccid", "imsi").iter_rows()]

    return some


def offer(sims: list[Sim], target: Operator = WEST) -> dict[str, object]:
    """The body of an issue."""
    return {
        "transferDestinationOperatorEmail": target.email,
        "transferDestinationOperatorId": target.operator,
        "transferImsi": [sim.imsi for sim in sims],
    }


def issued(source: httpx.Client, sims: list[Sim], target: Operator = WEST) -> str:
    """The token of an issue that has to succeed."""
    answer = source.post(ISSUE, json=offer(sims, target))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def refused(answer: httpx.Response) -> str:
    """The code of a refusal, after a look at its body."""
    body = answer.json()
    assert set(body) == {"code", "message"}
    assert body["code"].startswith("SBX")
    assert "the sandbox's own" in body["message"]
    assert answer.status_code >= 400
    return str(body["code"])


def statuses(truth: Truth, sims: list[Sim]) -> set[tuple[str, str]]:
    """(operator's name, status) of these SIMs."""
    return set(truth.where([sim.sim_id for sim in sims]).select("operator_name", "status").rows())
