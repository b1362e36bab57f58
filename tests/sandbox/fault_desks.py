"""The three simulated providers behind one set of questions, so that one test can put each fault to each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import httpx
import polars as pl

from sandbox import accounts
from sandbox.exchange import JSON
from sandbox.homes import Name
from sandbox.remote import Sandbox
from sandbox.soracom.accounts import EAST, WEST
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH, TOKEN_PATH
from sandbox.supersim.truth import Truth as SuperSimTruth
from sandbox.truth import Truth
from tests.sandbox.soracom.conftest import ISSUE, VERIFY

ANSWER_S_MAX = 20.0


class Order(Protocol):
    """A change that is ready to be asked for."""

    sims: list[str]  # as the truth's frames call them
    request: httpx.Request

    def send(self) -> httpx.Response: ...


class Desk(Protocol):
    """One provider as the test asks it."""

    name: Name
    at_once: int  # SIMs of one order
    path: str  # of orders, as a pattern
    pages: str  # of the list of SIMs
    refusal_status: int
    expired_status: int
    twice_status: int  # of an order that has been carried out already
    code_key: str

    def order(self) -> Order: ...

    def page(self, after: httpx.Response | None = None) -> httpx.Response:
        """A page of a few SIMs: the first, or the one behind another."""

    def named(self, answer: httpx.Response) -> list[str]:
        """The SIMs that an answer names, as `ids` calls them."""

    def rows(self, page: httpx.Response) -> list[JSON]: ...

    def place(self, sims: list[str]) -> list[tuple[str, str, int]]:
        """Where the SIMs are, their status, and how often they were moved, by the books."""

    def ids(self, sims: list[str]) -> list[str]: ...

    def by_others(self, sims: list[str]) -> list[str]:
        """What nobody's request has changed in these SIMs, by the books."""

    @property
    def target(self) -> str: ...

    def read(self, sim: str) -> httpx.Response:
        """A SIM as its source sees it."""


@dataclass
class Sent:
    sims: list[str]
    client: httpx.Client
    request: httpx.Request

    def send(self) -> httpx.Response:
        return self.client.send(self.request)


@dataclass
class Emnify:
    client: httpx.Client
    truth: Truth
    left: Iterator[str]
    name: Name = Name.EMNIFY
    at_once: int = 3
    path: str = "/api/v1/sim/migration/workspace"
    pages: str = "/api/v1/sim"
    refusal_status: int = 422
    expired_status: int = 401
    twice_status: int = 404
    code_key: str = "error_code"
    target: str = str(accounts.TARGET)

    def order(self) -> Sent:
        sims = list(itertools.islice(self.left, self.at_once))
        body = {"target_workspace": {"id": accounts.TARGET}, "iccids": sims, "dry_run": False}
        return Sent(sims, self.client, self.client.build_request("POST", self.path, json=body))

    def page(self, after: httpx.Response | None = None) -> httpx.Response:
        number = 1 if after is None else int(after.headers["X-Current-Page"]) + 1
        return self.client.get(self.pages, params={"page": number, "per_page": 5})

    def named(self, answer: httpx.Response) -> list[str]:
        return [str(sim["iccid"]) for sim in answer.json()["sims"] if "error_code" not in sim]

    def rows(self, page: httpx.Response) -> list[JSON]:
        return list(page.json())

    def place(self, sims: list[str]) -> list[tuple[str, str, int]]:
        columns = (pl.col("workspace_id", "status").cast(pl.String), pl.col("moves"))
        return self.truth.where(sims).select(*columns).rows()

    def ids(self, sims: list[str]) -> list[str]:
        return sims

    def by_others(self, sims: list[str]) -> list[str]:
        ids = self.truth.where(sims)["sim_id"].implode()
        return self.truth.ledger().filter(pl.col("sim_id").is_in(ids), request=0)["change"].to_list()

    def read(self, sim: str) -> httpx.Response:
        return self.client.get(f"{self.pages}/{self.truth.where([sim])['sim_id'].item()}")


@dataclass
class SuperSim:
    client: httpx.Client
    reader: httpx.Client
    truth: SuperSimTruth
    left: Iterator[str]
    name: Name = Name.SUPERSIM
    at_once: int = 1
    path: str = "/v1/Sims/*"
    pages: str = "/v1/Sims"
    refusal_status: int = 400
    expired_status: int = 403
    twice_status: int = 200
    code_key: str = "code"
    target: str = SOUTH.sid

    def order(self) -> Sent:
        return self.update({"AccountSid": SOUTH.sid})

    def update(self, form: Mapping[str, str]) -> Sent:
        sim = next(self.left)
        return Sent([sim], self.client, self.client.build_request("POST", f"/v1/Sims/{self.sid(sim)}", data=form))

    def sid(self, sim: str) -> str:
        return str(self.truth.where([sim])["sim_id"].item())

    def page(self, after: httpx.Response | None = None) -> httpx.Response:
        url = f"{self.pages}?PageSize=5" if after is None else str(after.json()["meta"]["next_page_url"])
        return self.reader.get(url)

    def named(self, answer: httpx.Response) -> list[str]:
        return [str(answer.json()["sid"])] if "sid" in answer.json() else []

    def rows(self, page: httpx.Response) -> list[JSON]:
        return list(page.json()["sims"])

    def place(self, sims: list[str]) -> list[tuple[str, str, int]]:
        return self.truth.where(sims).select("account", "status", "moves").rows()

    def ids(self, sims: list[str]) -> list[str]:
        return [self.sid(sim) for sim in sims]

    def by_others(self, sims: list[str]) -> list[str]:
        rows = self.truth.ledger().filter(pl.col("sim_id").is_in(self.ids(sims)), request=0)
        return rows.filter(pl.col("change") != "fleet")["change"].to_list()

    def read(self, sim: str) -> httpx.Response:
        return self.reader.get(f"/v1/Sims/{self.sid(sim)}")


@dataclass
class Soracom:
    """Its order is the acceptance of SIMs that are offered already."""

    source: httpx.Client
    client: httpx.Client
    truth: SoracomTruth
    left: Iterator[str]
    name: Name = Name.SORACOM
    at_once: int = 3
    path: str = "*/transfer_token/verify"
    pages: str = "/v1/sims"
    refusal_status: int = 400
    expired_status: int = 401
    twice_status: int = 404
    code_key: str = "code"
    target: str = WEST.operator

    def order(self) -> Sent:
        sims = list(itertools.islice(self.left, self.at_once))
        offer = {
            "transferDestinationOperatorEmail": WEST.email,
            "transferDestinationOperatorId": WEST.operator,
            "transferImsi": self.ids(sims),
        }
        issued = self.source.post(ISSUE, json=offer)
        assert issued.status_code == 200, issued.text
        request = self.client.build_request("POST", VERIFY, json={"token": issued.json()["token"]})
        return Sent(sims, self.client, request)

    def page(self, after: httpx.Response | None = None) -> httpx.Response:
        key = {} if after is None else {"last_evaluated_key": after.headers["x-soracom-next-key"]}
        return self.source.get(self.pages, params={"limit": "5", **key})

    def named(self, answer: httpx.Response) -> list[str]:
        return [str(imsi) for imsi in answer.json()["transferredImsi"]]

    def rows(self, page: httpx.Response) -> list[JSON]:
        return list(page.json())

    def place(self, sims: list[str]) -> list[tuple[str, str, int]]:
        return self.truth.where(sims).select("operator", "status", "moves").rows()

    def ids(self, sims: list[str]) -> list[str]:
        return self.truth.where(sims)["imsi"].to_list()

    def by_others(self, sims: list[str]) -> list[str]:
        rows = self.truth.ledger().filter(pl.col("iccid").is_in(sims), request=0)
        return rows.filter(pl.col("change").is_in(["operator", "status"]))["change"].to_list()

    def read(self, sim: str) -> httpx.Response:
        return self.source.get(f"{self.pages}/{sim}")


@dataclass
class Desks:
    """One sandbox with all three providers, and a client to each of its parties."""

    sandbox: Sandbox
    stack: ExitStack = field(default_factory=ExitStack)

    def client(self) -> httpx.Client:
        return self.stack.enter_context(
            httpx.Client(base_url=self.sandbox.base_url, trust_env=False, timeout=ANSWER_S_MAX)
        )

    def emnify(self, left: Iterator[str]) -> Emnify:
        client = self.client()
        login = {"username": accounts.TRIAL.username, "password": accounts.TRIAL.password_sha1}
        client.headers["Authorization"] = (
            f"Bearer {client.post('/api/v1/authenticate', json=login).json()['auth_token']}"
        )
        return Emnify(client, Truth(self.sandbox.home), left)

    def supersim(self, left: Iterator[str]) -> SuperSim:
        """By KORE's credentials, whose tokens can expire."""
        clients = (self.client(), self.client())
        for client, account in zip(clients, (DEPOT, NORTH), strict=True):
            grant = {"grant_type": "client_credentials", "client_id": account.client_id}
            token = client.post(TOKEN_PATH, data=grant | {"client_secret": account.client_secret}).json()
            client.headers["Authorization"] = f"Bearer {token['access_token']}"
        return SuperSim(*clients, SuperSimTruth(self.sandbox.home), left)

    def soracom(self, left: Iterator[str]) -> Soracom:
        clients = (self.client(), self.client())
        for client, operator in zip(clients, (EAST, WEST), strict=True):
            granted = client.post("/v1/auth", json={"email": operator.email, "password": operator.password}).json()
            client.headers["X-Soracom-API-Key"] = granted["apiKey"]
            client.headers["X-Soracom-Token"] = granted["token"]
        return Soracom(*clients, SoracomTruth(self.sandbox.home), left)


@contextmanager
def desks(sandbox: Sandbox) -> Iterator[Desks]:
    """Clients that are closed on leaving."""
    opened = Desks(sandbox)
    with opened.stack:
        yield opened
