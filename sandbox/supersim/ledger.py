"""The ledger: a line for each change that took effect, with the number of the request that asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.supersim.service import Service

BY_ITSELF = 0  # the request number of what nobody asked for


@dataclass(frozen=True, slots=True)
class Entry:
    """One property before and after."""

    change: str  # account, fleet, name or status
    was: str | None
    became: str | None


def write(service: Service, sim_id: int, request: int, *entries: Entry) -> None:
    """Write down those that differ."""
    at = service.clock.stamp()
    service.books.live.executemany(
        "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, ?, ?, ?, ?)",
        [(at, sim_id, one.change, one.was, one.became, request) for one in entries if one.was != one.became],
    )
