"""What was really sent: every request with its status, and how many were under way at once."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from sandbox.exchange import JSON, Asked
from sandbox.faults import Rule

ENTRIES_MAX = 200_000  # the oldest fall out


@dataclass(slots=True)
class Entry:
    """One request; `status` is None while it is under way and where the connection was cut."""

    number: int
    method: str
    path: str
    dry_run: bool | None
    at: str
    acts: tuple[str, ...]
    route: str
    in_flight: int  # requests of the same route under way, this one included
    status: int | None = None
    took_ms: float | None = None

    def as_json(self) -> JSON:
        """The entry as `GET /_sandbox/requests` shows it."""
        return {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "dry_run": self.dry_run,
            "at": self.at,
            "acts": list(self.acts),
            "in_flight": self.in_flight,
            "status": self.status,
            "took_ms": self.took_ms,
        }


@dataclass(slots=True)
class Traffic:
    """The record; numbers go on across restarts because the ledger's rows refer to them."""

    next_number: int = 1
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=ENTRIES_MAX))
    under_way: Counter[str] = field(default_factory=Counter)
    in_flight_max: Counter[str] = field(default_factory=Counter)

    def number(self) -> int:
        """A number for the next request."""
        self.next_number += 1
        return self.next_number - 1

    def enter(self, asked: Asked, route: str, at: str, fired: tuple[Rule, ...]) -> Entry:
        """Write down that a request has arrived."""
        self.under_way[route] += 1
        self.under_way["*"] += 1
        for key in (route, "*"):
            self.in_flight_max[key] = max(self.in_flight_max[key], self.under_way[key])
        acts = tuple(str(rule.act) for rule in fired)
        here = self.under_way[route]
        entry = Entry(asked.number, asked.method, asked.path, asked.dry_run(), at, acts, route, here)
        self.entries.append(entry)
        return entry

    def leave(self, entry: Entry, status: int | None, took_s: float) -> None:
        """Write down how it ended."""
        self.under_way[entry.route] -= 1
        self.under_way["*"] -= 1
        entry.status = status
        entry.took_ms = round(took_s * 1000, 3)

    def forget(self) -> None:
        """Start the record anew; what is under way stays counted."""
        self.entries.clear()
        self.in_flight_max.clear()

    def as_json(self) -> JSON:
        """Record and maxima, by route (`METHOD /path/{id}`) and `*` for all together."""
        return {"requests": [entry.as_json() for entry in self.entries], "in_flight_max": dict(self.in_flight_max)}
