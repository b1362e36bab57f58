"""The faults `changes` and `vanishes`: what others do to a request's SIMs just before it is looked at."""

from __future__ import annotations

from sandbox.accounts import OUT_OF_SIGHT
from sandbox.emnify.ordered import named_sims, read_order
from sandbox.emnify.service import Service
from sandbox.emnify.sims import set_status
from sandbox.emnify.view import Sim
from sandbox.emnify.words import Status
from sandbox.exchange import Asked, RefusedError
from sandbox.faults import Act, Rule

BY_OTHERS = 0  # the request number of what no request asked for
BECOMES = {
    Status.ISSUED: Status.ACTIVATED,
    Status.SUSPENDED: Status.ACTIVATED,
    Status.FACTORY_TEST: Status.ACTIVATED,
    Status.ACTIVATED: Status.SUSPENDED,
}


def disturb(service: Service, rule: Rule, asked: Asked) -> None:
    """Change the status of the first `count` SIMs that the request names, or take them out of everybody's sight."""
    for sim in _named(service, asked)[: rule.count]:
        with service.books.change():
            if rule.act is Act.VANISHES:
                _take_away(service, sim)
            elif becomes := BECOMES.get(Status(sim.status)):
                set_status(service, sim, becomes, BY_OTHERS)


def _named(service: Service, asked: Asked) -> list[Sim]:
    if "sim" in asked.ids:
        sim = service.books.view.sim(asked.ids["sim"])
        return [] if sim is None else [sim]
    try:
        return named_sims(service, read_order(service, asked))[0]
    except RefusedError:  # a request that names no SIMs
        return []


def _take_away(service: Service, sim: Sim) -> None:
    """Its move is none of ours, so `moves` stays."""
    books = service.books.live
    service.books.view.shift(sim.workspace_id, OUT_OF_SIGHT, sim.id)
    books.execute("UPDATE endpoint SET sim_id = NULL WHERE sim_id = ?", (sim.id,))
    books.execute("UPDATE sim SET workspace_id = ?, endpoint_id = NULL WHERE id = ?", (OUT_OF_SIGHT, sim.id))
    books.execute(
        "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, 'workspace', ?, ?, ?)",
        (service.clock.stamp(), sim.id, str(sim.workspace_id), str(OUT_OF_SIGHT), BY_OTHERS),
    )
