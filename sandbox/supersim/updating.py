"""`POST /v1/Sims/{sim}`: done at once (200), or accepted and done later (202)."""

from __future__ import annotations

from sandbox.exchange import Answer, Asked
from sandbox.faults import Act
from sandbox.supersim import shown
from sandbox.supersim.asking import SID
from sandbox.supersim.judging import Change, first_parts, judge
from sandbox.supersim.ledger import Entry, write
from sandbox.supersim.order import Order, read_order
from sandbox.supersim.parties import Caller
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.view import Sim
from sandbox.supersim.words import UPDATE_OUT_OF_SIGHT, Status


def update_sim(service: Service, asked: Asked, name: str) -> Answer:
    """The SIM as it is after the update, or while the update is under way."""
    caller = service.caller(asked)
    sim = _found(service, caller, name)
    order = read_order(service, asked)
    change = first_parts(sim, judge(service, caller, sim, order), asked.first_only)
    _at_once(service, sim, change, asked.number)
    if change.scheduled:
        _later(service, caller, sim, order, change, asked)
    after = service.books.view.by_id(sim.id)
    return Answer.of(202 if change.scheduled else 200, shown.sim(service, shown.base_of(asked), after))


def _found(service: Service, caller: Caller, name: str) -> Sim:
    """The caller's own SIM, or by its sid one of a child's."""
    own, view = caller.account.id, service.books.view
    found = view.by_sid(name) if SID.fullmatch(name) else view.by_name(own, name)
    if found is None or found.account_id is None:
        refuse(UPDATE_OUT_OF_SIGHT)
    if own not in {found.account_id, service.accounts[found.account_id].parent_id}:
        refuse(UPDATE_OUT_OF_SIGHT)
    return found


def _at_once(service: Service, sim: Sim, change: Change, request: int) -> None:
    """Account and name; the fleet too, unless it comes later with the status."""
    fleet_id = sim.fleet_id if change.scheduled else change.fleet_id
    status = Status.SCHEDULED if change.scheduled else sim.status
    moved = change.account_id != sim.account_id
    service.books.live.execute(
        "UPDATE sim SET account_id = ?, unique_name = ?, fleet_id = ?, status = ?, updated = ?, moves = moves + ?"
        " WHERE id = ?",
        (change.account_id, change.unique_name, fleet_id, status, service.clock.stamp_s(), moved, sim.id),
    )
    write(
        service,
        sim.id,
        request,
        Entry("account", service.sid_of_account(sim.account_id), service.sid_of_account(change.account_id)),
        Entry("fleet", service.sid_of_fleet(sim.fleet_id), service.sid_of_fleet(fleet_id)),
        Entry("name", sim.unique_name, change.unique_name),
        Entry("status", sim.status, status),
    )


def _later(service: Service, caller: Caller, sim: Sim, order: Order, change: Change, asked: Asked) -> None:
    """Note what is to be done when the time has come, as faults would have it."""
    twists = {rule.act: rule for rule in asked.inside}
    after_s = twists[Act.DONE_LATE].seconds if Act.DONE_LATE in twists else service.switches.done_after_s
    copies = 0 if Act.CALLBACK_NEVER in twists else 2 if Act.CALLBACK_TWICE in twists else 1
    service.books.live.execute(
        "INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sim.id,
            asked.number,
            None if Act.NEVER_DONE in twists else service.clock.now_s() + after_s,
            sim.status,
            change.status,
            change.fleet_id,
            Act.FALL_BACK in twists,
            caller.vendor,
            caller.account.id,
            order.callback_url,
            order.callback_method,
            copies,
            twists[Act.CALLBACK_LATE].seconds if Act.CALLBACK_LATE in twists else 0.0,
        ),
    )
