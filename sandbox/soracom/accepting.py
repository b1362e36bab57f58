"""A transfer accepted: by the call, or by the link in the e-mail."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from sandbox.soracom import offers
from sandbox.soracom.changing import change_all
from sandbox.soracom.codes import Code
from sandbox.soracom.parties import Operator
from sandbox.soracom.refusals import refuse
from sandbox.soracom.service import Service
from sandbox.soracom.switches import ImeiLocks, SpeedClasses
from sandbox.soracom.view import Sim
from sandbox.soracom.words import OWN_TAGS, SPEED_CLASS_DEFAULT, Ended, Payment, Status

ALL = slice(None)


def accept(service: Service, request: int, offer: offers.Offer, reach: slice = ALL) -> list[str]:
    """The primary IMSIs of the SIMs that are the destination's now, without what they had been set to.

    Those outside of `reach` stay under way. Raises the refusal of a destination that cannot pay.
    """
    if service.payments[offer.target_id] is not Payment.REGISTERED:
        refuse(Code.NO_PAYMENT)
    sims = service.books.view.of_token(offer.id)[reach]
    change_all(service, request, [(sim, _bare(service, sim, offer.target_id)) for sim in sims])
    _unhang(service, sims)
    offers.leave(service, offer.id, [sim.id for sim in sims], Ended.ACCEPTED)
    return [sim.imsi for sim in sims]


def accept_offers(service: Service, request: int, operator: Operator, latest: int | None) -> Iterator[list[str]]:
    """What `accept` gives for each of the latest so many open offers to an operator, or for all of them."""
    for offer in offers.offered_to(service, operator.id)[:latest]:
        yield accept(service, request, offer)


def transfer_by_support(service: Service, request: int, sims: list[Sim], target: Operator) -> None:
    """What Soracom's support does: SIMs of any status go over, with tags, expiry and IMEI lock.

    D: these three are kept; speed class, group and event handlers are dropped. A: protection is kept.
    """
    change_all(service, request, [(sim, _by_support(sim, target.id)) for sim in sims])
    _unhang(service, sims)


def _bare(service: Service, sim: Sim, target_id: int) -> Sim:
    """The SIM at its destination: ready, and without what a transfer drops."""
    tags: dict[str, str] = orjson.loads(sim.tags)
    locks, speeds = service.switches.imei_locks, service.switches.speed_classes
    return sim._replace(
        operator_id=target_id,
        status=Status.READY,
        token_id=None,
        group_id=None,
        tags=orjson.dumps({name: value for name, value in tags.items() if name in OWN_TAGS}).decode(),
        imei_lock=sim.imei_lock if locks is ImeiLocks.KEPT else None,
        expiry_ms=None,
        expiry_action=None,
        speed_class=sim.speed_class if speeds is SpeedClasses.CARRIED else _usual(sim),
        protected=0,
    )


def _by_support(sim: Sim, target_id: int) -> Sim:
    return sim._replace(operator_id=target_id, group_id=None, speed_class=_usual(sim))


def _usual(sim: Sim) -> str:
    return SPEED_CLASS_DEFAULT[sim.speed_class[:2]]


def _unhang(service: Service, sims: list[Sim]) -> None:
    """Take event handlers and port mappings off the SIMs."""
    ids = [(sim.id,) for sim in sims]
    service.books.live.executemany("DELETE FROM handler WHERE sim_id = ?", ids)
    service.books.live.executemany("DELETE FROM mapping WHERE sim_id = ?", ids)
