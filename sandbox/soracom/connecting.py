"""A SIM becomes active, by an operator's call or by itself when a device connects with it."""

from __future__ import annotations

from sandbox.soracom.changing import change
from sandbox.soracom.offers import leave
from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim
from sandbox.soracom.words import Ended, Status


def activate(service: Service, request: int, sim: Sim) -> Sim:
    """The SIM, active now; under way, it has left its transfer by that."""
    if sim.status == Status.ACTIVE:
        return sim
    now = change(service, request, sim, sim._replace(status=Status.ACTIVE, token_id=None))
    if sim.token_id is not None:
        leave(service, sim.token_id, [sim.id], Ended.ABORTED)
    return now
