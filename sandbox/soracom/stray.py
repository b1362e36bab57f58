"""What others do to SIMs at the worst time: the faults `goes_active`, `changes` and `vanishes`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import orjson

from sandbox.exchange import JSON, Asked
from sandbox.faults import Act, Rule
from sandbox.soracom import offers
from sandbox.soracom.accounts import FRESH
from sandbox.soracom.ask import Ask
from sandbox.soracom.changing import change
from sandbox.soracom.connecting import activate
from sandbox.soracom.ledger import BY_ITSELF
from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim
from sandbox.soracom.words import Ended, Status


def connect_some(ask: Ask, sims: Sequence[Sim]) -> None:
    """Let the first of these SIMs become active, as many as the fault says: after an issue, or before a verify."""
    count = sum(rule.count for rule in ask.asked.inside if rule.act is Act.GOES_ACTIVE)
    for sim in sims[:count]:
        activate(ask.service, BY_ITSELF, ask.service.books.view.by_id(sim.id))


def disturb(service: Service, rule: Rule, asked: Asked, names: Sequence[str]) -> None:
    """Change the status of the first `count` SIMs that the request names, or give them to an operator out of sight."""
    for sim in _named(service, asked, names)[: rule.count]:
        with service.books.change():
            if rule.act is Act.VANISHES:
                _take_away(service, sim)
            elif sim.status == Status.ACTIVE:
                change(service, BY_ITSELF, sim, sim._replace(status=Status.INACTIVE))
            elif sim.status != Status.TERMINATED:
                activate(service, BY_ITSELF, sim)


def _named(service: Service, asked: Asked, names: Sequence[str]) -> list[Sim]:
    """By the path, by the IMSIs of an issue, or by the token of a transfer."""
    view = service.books.view
    if names:
        found_sims = (view.by_sim_id(name) for name in names)
        return [sim for sim in found_sims if sim is not None][:1]
    body = _body(asked)
    if isinstance(imsis := body.get("transferImsi"), list):
        found = view.by_imsis([str(imsi) for imsi in imsis])
        return [found[str(imsi)] for imsi in imsis if str(imsi) in found]
    offer = offers.by_token(service, str(body.get("token")))
    return [] if offer is None else view.of_token(offer.id)


def _body(asked: Asked) -> dict[str, JSON]:
    """The request's body, or of one without what its path ends in."""
    with suppress(orjson.JSONDecodeError):
        body: JSON = orjson.loads(asked.body)
        if isinstance(body, dict):
            return body
    return {"token": asked.path.rpartition("/")[2]}


def _take_away(service: Service, sim: Sim) -> None:
    """Its move is none of ours, so `moves` stays."""
    gone = sim._replace(operator_id=FRESH.id, status=Status.READY, group_id=None, token_id=None)
    change(service, BY_ITSELF, sim, gone)
    service.books.live.execute("UPDATE sim SET moves = moves - 1 WHERE id = ?", (sim.id,))
    if sim.token_id is not None:
        offers.leave(service, sim.token_id, [sim.id], Ended.ABORTED)
