"""The fault `goes_active`: devices connect with some SIMs of a transfer, at the worst time."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.faults import Act
from sandbox.soracom.ask import Ask
from sandbox.soracom.connecting import activate
from sandbox.soracom.ledger import BY_ITSELF
from sandbox.soracom.view import Sim


def connect_some(ask: Ask, sims: Sequence[Sim]) -> None:
    """Let the first of these SIMs become active, as many as the fault says: after an issue, or before a verify."""
    count = sum(rule.count for rule in ask.asked.inside if rule.act is Act.GOES_ACTIVE)
    for sim in sims[:count]:
        activate(ask.service, BY_ITSELF, ask.service.books.view.by_id(sim.id))
