"""`GET /endpoint`, `GET /endpoint/{id}` and `PATCH /endpoint/{id}`: attaching SIMs to devices and releasing them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sandbox.emnify import shown
from sandbox.emnify.pages import page_asked
from sandbox.emnify.service import Service
from sandbox.emnify.words import ENDPOINT_STATUSES, Status, forbidden, not_found, unprocessable
from sandbox.exchange import JSON, Answer, Asked
from sandbox.shapes import a_text, an_id, an_object, body_object, refuse

PLAIN_FIELDS = frozenset({"name", "tags", "imei"})


class Endpoint(NamedTuple):
    """One device as the books hold it."""

    id: int
    workspace_id: int
    name: str
    tags: str | None
    imei: str | None
    status: int
    sim_id: int | None


COLUMNS = ", ".join(Endpoint._fields)


def list_endpoints(service: Service, asked: Asked) -> Answer:
    """One page of the endpoints of the token's workspace."""
    workspace_id = service.caller(asked).workspace_id
    books = service.reading().connection
    total = books.execute("SELECT count(*) FROM endpoint WHERE workspace_id = ?", (workspace_id,)).fetchone()[0]
    page = page_asked(asked, total, ())
    query = f"SELECT {COLUMNS} FROM endpoint WHERE workspace_id = ? ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608 - constant
    rows = books.execute(query, (workspace_id, page.per_page, page.skip)).fetchall()
    return page.answer([_shown(service, Endpoint._make(row)) for row in rows])


def read_endpoint(service: Service, asked: Asked) -> Answer:
    """One endpoint of the token's workspace."""
    workspace_id = service.caller(asked).workspace_id
    row = _row(service.reading().connection, asked.ids["endpoint"], workspace_id)
    return Answer.of(200, _shown(service, row))


def update_endpoint(service: Service, asked: Asked) -> Answer:
    """Change name, tags, IMEI, status or SIM; `{"sim": {"id": null}}` releases the SIM."""
    caller = service.caller(asked)
    if caller.user_id is not None and caller.workspace_id not in service.administers(caller.user_id):
        raise forbidden()
    body = body_object(asked, {"sim", "status", *PLAIN_FIELDS})
    endpoint_id = asked.ids["endpoint"]
    books = service.books.live
    row = _row(books, endpoint_id, caller.workspace_id)
    for name in sorted(PLAIN_FIELDS & set(body)):
        text = a_text(body[name], name)
        books.execute(f"UPDATE endpoint SET {name} = ? WHERE id = ?", (text, endpoint_id))  # noqa: S608 - closed names
    if "status" in body:
        status = an_id(body["status"], "status", "description")
        if status not in ENDPOINT_STATUSES:
            refuse(400, "status.id is none of the statuses")
        books.execute("UPDATE endpoint SET status = ? WHERE id = ?", (status, endpoint_id))
    if "sim" in body:
        _put_sim(service, asked, row, _wanted_sim(body["sim"]))
    return Answer(204)


def _wanted_sim(value: JSON) -> int | None:
    if value is None:
        return None
    sim = an_object(value, "sim", {"id"}, {"id"})
    return None if sim["id"] is None else an_id(value, "sim")


def _put_sim(service: Service, asked: Asked, endpoint: Endpoint, wanted: int | None) -> None:
    """Release what is attached, then attach what is wanted; each is a ledger line."""
    attached = endpoint.sim_id
    if wanted == attached:
        return
    if attached is not None:
        _attach(service, asked, attached, endpoint.id, None)
    if wanted is None:
        return
    sim = service.books.view.sim(wanted)
    if sim is None or sim.workspace_id != endpoint.workspace_id:
        raise not_found()
    if sim.endpoint_id is not None or sim.status == Status.DELETED:
        raise unprocessable("The SIM is attached to another device, or deleted")
    _attach(service, asked, wanted, None, endpoint.id)


def _attach(service: Service, asked: Asked, sim_id: int, was: int | None, became: int | None) -> None:
    books = service.books.live
    books.execute("UPDATE sim SET endpoint_id = ? WHERE id = ?", (became, sim_id))
    books.execute("UPDATE endpoint SET sim_id = ? WHERE id = ?", (sim_id if became else None, became or was))
    books.execute(
        "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, 'endpoint', ?, ?, ?)",
        (service.clock.stamp(), sim_id, was and str(was), became and str(became), asked.number),
    )


def _row(books: sqlite3.Connection, endpoint_id: int, workspace_id: int) -> Endpoint:
    query = f"SELECT {COLUMNS} FROM endpoint WHERE id = ? AND workspace_id = ?"  # noqa: S608 - constant
    row = books.execute(query, (endpoint_id, workspace_id)).fetchone()
    if row is None:
        raise not_found()
    return Endpoint._make(row)


def _shown(service: Service, endpoint: Endpoint) -> dict[str, JSON]:
    value: dict[str, JSON] = {
        "id": endpoint.id,
        "name": endpoint.name,
        "tags": endpoint.tags,
        "imei": endpoint.imei,
        "status": {"id": endpoint.status, "description": ENDPOINT_STATUSES[endpoint.status]},
        "service_profile": {"id": 1, "name": "Default"},
        "tariff_profile": {"id": 1, "name": "Default"},
    }
    sim = None if endpoint.sim_id is None else service.reading().sim(endpoint.sim_id)
    if sim is not None:
        value["sim"] = {
            "id": sim.id,
            "iccid": shown.iccid(sim.iccid),
            "imsi": sim.imsi,
            "msisdn": sim.msisdn,
            "status": shown.STATUSES[sim.status],
        }
    return value
