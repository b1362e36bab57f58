"""The faults `changes` and `vanishes`: what others do to a request's SIM just before it is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.faults import Act, Rule
from sandbox.supersim import periods
from sandbox.supersim.accounts import STRANGER
from sandbox.supersim.ledger import BY_ITSELF, Entry, write
from sandbox.supersim.service import Service
from sandbox.supersim.view import Sim
from sandbox.supersim.words import Status

BECOMES = {
    Status.NEW: Status.ACTIVE,
    Status.READY: Status.ACTIVE,
    Status.INACTIVE: Status.ACTIVE,
    Status.ACTIVE: Status.INACTIVE,
}


def disturb(service: Service, rule: Rule, names: Iterable[str]) -> None:
    """Change the status of the SIM that is called so, or give it to a stranger; one under way is left alone."""
    view = service.books.view
    sim = next((found for name in names if (found := view.by_sid(name) or view.by_iccid(name))), None)
    if sim is None or sim.account_id is None or sim.status == Status.SCHEDULED or not rule.count:
        return
    with service.books.change():
        if rule.act is Act.VANISHES:
            _take_away(service, sim)
        else:
            _change(service, sim)


def _change(service: Service, sim: Sim) -> None:
    """On air it needs a fleet, and gets the account's first where it has none."""
    becomes = BECOMES[Status(sim.status)]
    fleet_id = sim.fleet_id or next(fleet.id for fleet in service.fleets.values() if fleet.account_id == sim.account_id)
    service.books.live.execute(
        "UPDATE sim SET status = ?, fleet_id = ?, ready_since_s = NULL, updated = ? WHERE id = ?",
        (becomes, fleet_id, service.clock.stamp_s(), sim.id),
    )
    write(
        service,
        sim.id,
        BY_ITSELF,
        Entry("fleet", service.sid_of_fleet(sim.fleet_id), service.sid_of_fleet(fleet_id)),
        Entry("status", sim.status, becomes),
    )
    periods.turn(service, sim.id, was=sim.status)


def _take_away(service: Service, sim: Sim) -> None:
    """Its move is none of ours, so `moves` stays."""
    fleet_id = next(fleet.id for fleet in service.fleets.values() if fleet.account_id == STRANGER.id)
    service.books.live.execute(
        "UPDATE sim SET account_id = ?, fleet_id = ?, unique_name = NULL, updated = ? WHERE id = ?",
        (STRANGER.id, fleet_id, service.clock.stamp_s(), sim.id),
    )
    write(service, sim.id, BY_ITSELF, Entry("account", service.sid_of_account(sim.account_id), STRANGER.sid))
