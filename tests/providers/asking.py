"""What tests of emnify's client ask for, and what they see of it: orders, requests that change, where SIMs are."""

from __future__ import annotations

from domain.orders import Options, Order, Sim
from sandbox.remote import Sandbox
from sandbox.truth import Truth

STATUSES = {0: "Issued", 1: "Activated", 2: "Suspended", 3: "Deleted", 4: "Factory Test"}
MIGRATION = "/api/v1/sim/migration/workspace"


def take(books: dict[str, list[Sim]], count: int, kind: str = "4001 Suspended") -> tuple[Sim, ...]:
    taken, books[kind] = books[kind][:count], books[kind][count:]
    assert len(taken) == count, kind
    return tuple(taken)


def an_order(sims: tuple[Sim, ...], options: Options | None = None) -> Order:
    return Order(1, 1, sims, options or Options(tuple(STATUSES.values())))


def acts(sandbox: Sandbox) -> int:
    """Requests that were to change something."""
    return sum(sent.path == MIGRATION and sent.dry_run is False for sent in sandbox.requests())


def places(truth: Truth, sims: tuple[Sim, ...]) -> set[int]:
    return set(truth.where([sim.key for sim in sims])["workspace_id"])


def quiet(*_: int) -> None:
    """Progress for nobody."""
