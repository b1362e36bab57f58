"""The ledger: a line for each change that took effect, with the number of the request that asked for it.

Changes are `operator`, `status` and the settings of a SIM by the names that domain/settings gives
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim
from sandbox.soracom.words import OWN_TAGS

BY_ITSELF = 0  # the request number of what nobody asked for
NO_ACTION = "none"  # of an expiry that only has a time


class Entry(NamedTuple):
    """One property of one SIM before and after."""

    sim_id: int
    change: str
    was: str | None
    became: str | None


def write(service: Service, request: int, before: Sim, after: Sim) -> None:
    """Write down in what a SIM is another than before: ledger, and history where that is told by it."""
    write_all(service, request, [(before, after)])


def write_all(service: Service, request: int, pairs: list[tuple[Sim, Sim]]) -> None:
    """The same of many SIMs."""
    at, live = service.clock.stamp(), service.books.live
    live.executemany(
        "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, ?, ?, ?, ?)",
        [(at, *entry, request) for before, after in pairs for entry in _entries(service, before, after)],
    )
    at_s = int(service.clock.now_s())
    live.executemany(
        "INSERT INTO history (sim_id, at_s, status, group_id, speed_class) VALUES (?, ?, ?, ?, ?)",
        [(now.id, at_s, now.status, now.group_id, now.speed_class) for old, now in pairs if _told(old) != _told(now)],
    )


def settings_of(service: Service, sim: Sim) -> dict[str, str]:
    """What a SIM is set to, by setting; what it has not is absent."""
    tags: dict[str, str] = orjson.loads(sim.tags)
    found = {f"tag:{name}": value for name, value in tags.items() if name not in OWN_TAGS}
    if sim.group_id is not None:
        found["group"] = service.groups[sim.group_id].group_id
    if sim.imei_lock is not None:
        found["imei_lock"] = sim.imei_lock
    if sim.expiry_ms is not None:
        found["expiry"] = expiry_text(sim.expiry_ms, sim.expiry_action)
    found["speed_class"] = sim.speed_class
    found["termination_protection"] = "on" if sim.protected else "off"
    return found


def expiry_text(time_ms: int, action: str | None) -> str:
    """Instant and action, as domain/settings has them."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z {action or NO_ACTION}"


def _entries(service: Service, before: Sim, after: Sim) -> Iterator[Entry]:
    if before.operator_id != after.operator_id:
        was, became = service.name_of_operator(before.operator_id), service.name_of_operator(after.operator_id)
        yield Entry(after.id, "operator", was, became)
    if before.status != after.status:
        yield Entry(after.id, "status", before.status, after.status)
    old, new = settings_of(service, before), settings_of(service, after)
    for setting in sorted(old.keys() | new.keys()):
        if old.get(setting) != new.get(setting):
            yield Entry(after.id, setting, old.get(setting), new.get(setting))


def _told(sim: Sim) -> tuple[str, int | None, str]:
    return sim.status, sim.group_id, sim.speed_class
