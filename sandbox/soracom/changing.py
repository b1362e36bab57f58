"""A SIM put into the books as it is after a change, with the ledger's lines."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.soracom.ledger import write_all
from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim

_UPDATE = (
    "UPDATE sim SET operator_id = ?, status = ?, group_id = ?, tags = ?, imei_lock = ?, expiry_ms = ?,"
    " expiry_action = ?, speed_class = ?, protected = ?, online = ?, modified_ms = ?, token_id = ?,"
    " moves = moves + ? WHERE id = ?"
)


def change(service: Service, request: int, before: Sim, after: Sim) -> Sim:
    """The SIM as it is now in the books, its time of modification included."""
    return change_all(service, request, [(before, after)])[0]


def change_all(service: Service, request: int, pairs: Iterable[tuple[Sim, Sim]]) -> list[Sim]:
    """The same of many SIMs."""
    now_ms = int(service.clock.now_s() * 1000)
    stamped = [(before, after._replace(modified_ms=now_ms)) for before, after in pairs]
    service.books.live.executemany(
        _UPDATE,
        [
            (
                now.operator_id,
                now.status,
                now.group_id,
                now.tags,
                now.imei_lock,
                now.expiry_ms,
                now.expiry_action,
                now.speed_class,
                now.protected,
                now.online,
                now.modified_ms,
                now.token_id,
                now.operator_id != before.operator_id,
                now.id,
            )
            for before, now in stamped
        ],
    )
    write_all(service, request, stamped)
    return [now for _, now in stamped]
