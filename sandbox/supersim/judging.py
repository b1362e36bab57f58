"""What an update comes to, or why it is refused: decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.supersim.order import Order
from sandbox.supersim.parties import Account, Caller
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.switches import InactiveMoves, ReadyToInactive, SameStatus
from sandbox.supersim.view import Sim
from sandbox.supersim.words import (
    MAY_BECOME,
    MOVE_REFUSED,
    MOVE_WITHOUT_FLEET,
    NO_FLEET,
    NO_NAME,
    ON_AIR,
    Code,
    Status,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a SIM is to be; status and fleet come later where the change is `scheduled`, all else at once."""

    account_id: int
    unique_name: str | None
    status: Status
    fleet_id: int | None
    scheduled: bool


def judge(service: Service, caller: Caller, sim: Sim, order: Order) -> Change:
    """The change that an order makes of a SIM; raises the refusal that stands against it."""
    now = Status(sim.status)
    target = _target(service, caller, sim, order)
    moves = target.id != sim.account_id
    if now is Status.SCHEDULED and (moves or order.status is not None or order.fleet is not None):
        refuse(Code.UNDER_WAY)
    if moves:
        _may_move(service, sim, order, now)
    fleet_id = _fleet(service, sim, order, target)
    status = now if order.status is None else _becomes(service, now, order.status)
    if status in ON_AIR and fleet_id is None:
        refuse(Code.KEEPS_FLEET if now in ON_AIR else Code.NEEDS_FLEET)
    name = sim.unique_name if order.unique_name is None else order.unique_name
    name = None if name == NO_NAME else name
    _free(service, sim, target, name)
    scheduled = status is not now or (now in ON_AIR and fleet_id != sim.fleet_id)
    return Change(target.id, name, status, fleet_id, scheduled)


def first_parts(sim: Sim, change: Change, count: int | None) -> Change:
    """Of what a change does (account, fleet, status, name) the first `count` parts; all of them with None.

    A SIM whose account alone is changed has no fleet: the old one is another account's.
    """
    moves, named = change.account_id != sim.account_id, change.unique_name != sim.unique_name
    done = [moves, change.fleet_id != sim.fleet_id, change.status != sim.status, named]
    if count is None or count >= sum(done):
        return change
    left = iter(range(count))
    takes_account, takes_fleet, takes_status, takes_name = (wanted and next(left, None) is not None for wanted in done)
    return Change(
        account_id=change.account_id if takes_account else int(sim.account_id or 0),
        unique_name=change.unique_name if takes_name else sim.unique_name,
        status=change.status if takes_status else Status(sim.status),
        fleet_id=change.fleet_id if takes_fleet else None if takes_account else sim.fleet_id,
        scheduled=change.scheduled and (takes_status or takes_fleet),
    )


def _target(service: Service, caller: Caller, sim: Sim, order: Order) -> Account:
    """The account that the SIM is to be in; only the parent's credentials may name another, of its family."""
    assert sim.account_id is not None
    holder = service.accounts[sim.account_id]
    if order.account_sid is None or order.account_sid == holder.sid:
        return holder
    if caller.account.parent_id is not None:
        refuse(Code.ACCESS_DENIED, "AccountSid wants the parent account's credentials")
    target = service.account_by_sid(order.account_sid)
    if target is None or target.family_id != caller.account.id:
        refuse(Code.ACCOUNT_INVALID, "AccountSid is neither this account nor a child of it")
    return target


def _may_move(service: Service, sim: Sim, order: Order, now: Status) -> None:
    assert sim.account_id is not None
    unlocked = {
        InactiveMoves.ALL: True,
        InactiveMoves.NONE: False,
        InactiveMoves.BY_ACCOUNT: service.accounts[sim.account_id].inactive_moves,
    }[service.switches.inactive_moves]
    if now is not Status.NEW and not (now is Status.INACTIVE and unlocked):
        refuse(MOVE_REFUSED, f"AccountSid cannot be changed while the Super SIM is {now}")
    if order.status is not None:
        refuse(MOVE_REFUSED, "AccountSid and Status cannot be changed in one request")
    if sim.fleet_id is not None and order.fleet is None:
        refuse(MOVE_WITHOUT_FLEET, "The Super SIM has a fleet: name one of the new account, or null")


def _fleet(service: Service, sim: Sim, order: Order, target: Account) -> int | None:
    if order.fleet is None:
        return sim.fleet_id
    if order.fleet == NO_FLEET:
        return None
    fleet = service.fleet_of(target.id, order.fleet)
    if fleet is None:
        refuse(Code.FLEET_NOT_FOUND)
    return fleet.id


def _becomes(service: Service, now: Status, wanted: Status) -> Status:
    if wanted is now:
        if service.switches.same_status is SameStatus.REFUSED:
            refuse(Code.NO_SUCH_TRANSITION, f"The Super SIM is {now} already")
        return wanted
    may = MAY_BECOME.get(now, frozenset())
    if service.switches.ready_to_inactive is ReadyToInactive.REFUSED and now is Status.READY:
        may -= {Status.INACTIVE}
    if wanted not in may:
        refuse(Code.NO_SUCH_TRANSITION, f"A Super SIM cannot go from {now} to {wanted}")
    return wanted


def _free(service: Service, sim: Sim, target: Account, name: str | None) -> None:
    if name is None or (name == sim.unique_name and target.id == sim.account_id):
        return
    holder = service.books.view.by_name(target.id, name)
    if holder is not None and holder.id != sim.id:
        refuse(Code.NAME_TAKEN)
