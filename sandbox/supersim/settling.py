"""What time brings: scheduled updates come to their end, and ready SIMs become active by themselves."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.supersim import periods
from sandbox.supersim.callbacks import queue
from sandbox.supersim.ledger import BY_ITSELF, Entry, write
from sandbox.supersim.service import Service
from sandbox.supersim.words import READY_BYTES_MAX, Status

AT_ONCE_MAX = 500  # ends that one transaction brings about; the rest follows at the next turn


class Pending(NamedTuple):
    """An update under way, as the table keeps it."""

    sim_id: int
    request: int
    due_s: float
    was_status: str
    status: str
    fleet_id: int | None
    falls_back: int
    vendor: str
    asker_id: int
    callback_url: str | None
    callback_method: str
    copies: int
    late_s: float


def settle(service: Service) -> None:
    """Bring about whatever is due by now."""
    now_s, live = service.clock.now_s(), service.books.live
    due = live.execute(
        "SELECT * FROM pending WHERE due_s <= ? ORDER BY due_s LIMIT ?",
        (now_s, AT_ONCE_MAX),
    ).fetchall()
    ripe = live.execute(
        "SELECT id FROM sim WHERE status = 'ready' AND ready_since_s <= ? LIMIT ?",
        (now_s - service.switches.ready_s, AT_ONCE_MAX),
    ).fetchall()
    if due or ripe:
        with service.books.change():
            for row in due:
                _end(service, Pending._make(row))
            for (sim_id,) in ripe:
                ripen(service, sim_id)


def use_data(service: Service, sim_id: int, amount: int) -> None:
    """Let a SIM use that many bytes now, half of them up; a ready one becomes active at 250 KB."""
    sim, live = service.books.view.by_id(sim_id), service.books.live
    hour_s = int(service.clock.now_s()) // 3600 * 3600
    live.execute(
        "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?)",
        (sim_id, sim.account_id, sim.fleet_id, hour_s, amount // 2, amount - amount // 2),
    )
    if sim.status == Status.READY:
        live.execute("UPDATE sim SET ready_bytes = ready_bytes + ? WHERE id = ?", (amount, sim_id))
        if sim.ready_bytes + amount >= READY_BYTES_MAX:
            ripen(service, sim_id)


def ripen(service: Service, sim_id: int) -> None:
    """Make a ready SIM active."""
    service.books.live.execute(
        "UPDATE sim SET status = 'active', ready_since_s = NULL, updated = ? WHERE id = ?",
        (service.clock.stamp_s(), sim_id),
    )
    write(service, sim_id, BY_ITSELF, Entry("status", Status.READY, Status.ACTIVE))
    periods.ripen(service, sim_id)


def _end(service: Service, ending: Pending) -> None:
    """Bring an update to its end: as asked for, or back to what was before."""
    sim = service.books.view.by_id(ending.sim_id)
    status = ending.was_status if ending.falls_back else ending.status
    fleet_id = sim.fleet_id if ending.falls_back else ending.fleet_id
    since = service.clock.now_s() if status == Status.READY else None
    if status == Status.READY == ending.was_status:
        since = sim.ready_since_s
    live = service.books.live
    live.execute("DELETE FROM pending WHERE sim_id = ?", (sim.id,))
    live.execute(
        "UPDATE sim SET status = ?, fleet_id = ?, ready_since_s = ?, updated = ? WHERE id = ?",
        (status, fleet_id, since, service.clock.stamp_s(), sim.id),
    )
    write(
        service,
        sim.id,
        ending.request,
        Entry("fleet", service.sid_of_fleet(sim.fleet_id), service.sid_of_fleet(fleet_id)),
        Entry("status", sim.status, status),
    )
    periods.turn(service, sim.id, was=ending.was_status)
    if ending.callback_url is not None:
        queue(service, ending)
