"""Billing periods: 30 days each, running on wherever the SIM goes, and shown to the account they began in."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.exchange import JSON, Answer, Asked
from sandbox.supersim import shown
from sandbox.supersim.pages import page_asked
from sandbox.supersim.service import Service
from sandbox.supersim.sims import in_sight
from sandbox.supersim.words import ON_AIR, PERIOD_S, Status

RENEWALS_MAX = 1_000  # periods that a jump of the clock may add to one SIM


@dataclass(frozen=True, slots=True)
class Last:
    """A SIM's latest period."""

    id: int
    kind: str
    end_s: float


def list_periods(service: Service, asked: Asked, name: str) -> Answer:
    """The SIM's periods that belong to the account it is in, the latest first."""
    caller = service.caller(asked)
    sim = in_sight(service, caller, service.reading(), name)
    page = page_asked(service, asked, caller.account.id)
    with service.books.change():
        _renew(service, sim.id)
    rows = service.books.live.execute(
        "SELECT id, account_id, kind, start_s, end_s FROM period WHERE sim_id = ? AND account_id = ?"
        " ORDER BY start_s DESC",
        (sim.id, sim.account_id),
    )
    periods: list[JSON] = [
        {
            "sid": f"HB{period_id:032x}",
            "account_sid": service.accounts[account_id].sid,
            "sim_sid": sim.sid,
            "start_time": shown.instant(start_s),
            "end_time": shown.instant(end_s),
            "period_type": kind,
            "date_created": shown.instant(start_s),
            "date_updated": shown.instant(start_s),
        }
        for period_id, account_id, kind, start_s, end_s in rows
    ]
    return page.of_all("billing_periods", periods)


def turn(service: Service, sim_id: int, was: str) -> None:
    """After an update: end the count of renewals where a SIM goes off air, begin one where it comes on air."""
    sim, now_s = service.books.view.by_id(sim_id), service.clock.now_s()
    if was in ON_AIR:
        _renew(service, sim_id)
    elif sim.status in ON_AIR:
        last = _last(service, sim_id)
        if last is None or last.end_s <= now_s:
            _begin(service, sim_id, sim.status, now_s)


def ripen(service: Service, sim_id: int) -> None:
    """A ready period ends where the SIM becomes active, and an active one begins."""
    _renew(service, sim_id)
    last, now_s = _last(service, sim_id), service.clock.now_s()
    if last is not None and last.kind == Status.READY:
        service.books.live.execute("UPDATE period SET end_s = ? WHERE id = ?", (now_s, last.id))
        _begin(service, sim_id, Status.ACTIVE, now_s)


def _renew(service: Service, sim_id: int) -> None:
    """Add the periods that have begun since, in the account where the SIM is now, while it is on air."""
    if service.books.view.by_id(sim_id).status not in ON_AIR:
        return
    for _ in range(RENEWALS_MAX):
        last = _last(service, sim_id)
        if last is None or last.end_s > service.clock.now_s():
            return
        _begin(service, sim_id, last.kind, last.end_s)


def _begin(service: Service, sim_id: int, kind: str, start_s: float) -> None:
    account_id = service.books.view.by_id(sim_id).account_id
    service.books.live.execute(
        "INSERT INTO period (sim_id, account_id, kind, start_s, end_s) VALUES (?, ?, ?, ?, ?)",
        (sim_id, account_id, kind, start_s, start_s + PERIOD_S),
    )


def _last(service: Service, sim_id: int) -> Last | None:
    row = service.books.live.execute(
        "SELECT id, kind, end_s FROM period WHERE sim_id = ? ORDER BY start_s DESC LIMIT 1", (sim_id,)
    ).fetchone()
    return None if row is None else Last(*row)
