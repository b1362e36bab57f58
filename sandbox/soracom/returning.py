"""SIMs under way that become their source's again, ready: cancelled, or out of time."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.soracom import offers
from sandbox.soracom.changing import change_all
from sandbox.soracom.ledger import BY_ITSELF
from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim
from sandbox.soracom.words import Ended, Status


def give_back(service: Service, request: int, offer: offers.Offer, sims: Sequence[Sim], state: Ended) -> None:
    """Make these SIMs of an offer ready again."""
    change_all(service, request, [(sim, sim._replace(status=Status.READY, token_id=None)) for sim in sims])
    offers.leave(service, offer.id, [sim.id for sim in sims], state)


def settle(service: Service) -> None:
    """Bring about whatever is due by now: offers whose time is over."""
    over = offers.run_out(service, service.clock.now_s())
    if not over:
        return
    with service.books.change():
        for offer in over:
            give_back(service, BY_ITSELF, offer, service.books.view.of_token(offer.id), Ended.EXPIRED)
