"""A clock that only moves when somebody sleeps, scripted answers, and accounts that point at them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson

from domain.orders import Options, Order, Sim
from providers.accounts import Account
from providers.clock import Clock
from providers.wire import Answer, Lost, Request

SOURCE, TARGET = 4001, 4002


@dataclass
class Timepiece:
    """Its clock starts at noon of some day; `slept` is every pause taken, in order."""

    now_s: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.slept.append(seconds)
            self.now_s += seconds

    def clock(self) -> Clock:
        return Clock(
            steady_s=lambda: self.now_s,
            wall_s=lambda: 1_700_000_000.0 + self.now_s,
            sleep=self.sleep,
            share_of=lambda span_s: span_s / 2,
        )


@dataclass
class Script:
    """Hands out answers in order and keeps the requests; the last answer is handed out for ever."""

    answers: list[Answer | Lost]
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer | Lost:
        self.sent.append(request)
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


def answer(status: int, value: object = None, **headers: str) -> Answer:
    body = b"" if value is None else orjson.dumps(value)
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def sims(count: int, step: int = 1, status: str = "Issued") -> tuple[Sim, ...]:
    """SIMs whose bodies go up by `step`."""
    bodies = [f"{8988303000000000000 + place * step:019d}" for place in range(count)]
    return tuple(Sim(body, str(7_000 + place), body + "0", None, status) for place, body in enumerate(bodies))


def order(count: int = 3, **options: object) -> Order:
    return Order(2, 1, sims(count, step=2), Options(**options))  # type: ignore[arg-type] # as the test says


def shown(sim: Sim, workspace: int = SOURCE, status: int = 0) -> dict[str, object]:
    """A SIM as a migration's answer names it."""
    return {
        "id": int(sim.sim_id),
        "iccid": sim.key,
        "iccid_with_luhn": sim.iccid,
        "status": {"id": status, "description": "As it is"},
        "source_workspace": {"id": workspace, "name": "Somewhere"},
    }


def summary(asked: Order, *, dry_run: bool, **changes: object) -> dict[str, object]:
    """The answer of a success, with some fields changed."""
    return {
        "sim_count": len(asked.sims),
        "dry_run": dry_run,
        "auto_detach_devices": asked.options.detach_devices,
        "target_workspace": {"id": TARGET, "name": "Acme Fleet"},
        "allowed_sim_statuses": None,
        "sims": [shown(sim) for sim in asked.sims],
    } | changes


Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Host:
    """A host in memory: answers by method and path, every request kept."""

    routes: Mapping[str, Handler]
    seen: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def count(self, route: str) -> int:
        return sum(f"{request.method} {request.url.path}" == route for request in self.seen)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self.routes[f"{request.method} {request.url.path}"](request)


def replies(*answers: httpx.Response | Exception) -> Handler:
    """A handler that gives these in order, and the last for ever."""
    left: Iterator[httpx.Response | Exception] = iter(answers[:-1])

    def handle(_request: httpx.Request) -> httpx.Response:
        following = next(left, answers[-1])
        if isinstance(following, Exception):
            raise following
        # a response is consumed once, so each request gets its own
        return httpx.Response(following.status_code, headers=following.headers, content=following.content)

    return handle


def account(folder: Path, workspace: int, **secrets: str) -> Account:
    """An account whose secrets are files made here."""
    references = {}
    for name, text in secrets.items():
        file = folder / f"{workspace}.{name}"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        references[name] = f"file:{file.name}"
    return Account(
        name={SOURCE: "pilot", TARGET: "fleet"}.get(workspace, "other"),
        provider="emnify",
        account_id=str(workspace),
        base_url="https://emnify.test",
        texts={"username": "ann@acme.example"},
        secrets=references,
        numbers={"requests_per_5_min": 1_000_000},
        folder=folder,
    )
