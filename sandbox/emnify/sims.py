"""`GET /sim`, `GET /sim/{id}` and `PATCH /sim/{id}`."""

from __future__ import annotations

from typing import NoReturn

from sandbox.emnify import shown
from sandbox.emnify.pages import filters, number, page_asked
from sandbox.emnify.service import Service
from sandbox.emnify.view import Sim
from sandbox.emnify.words import MAY_BECOME, Status, forbidden, not_found, unprocessable
from sandbox.exchange import Answer, Asked
from sandbox.shapes import an_id, body_object, refuse

# Name in `q` → condition; the value is bound as text, or as a number where it is compared with one.
TEXT_FILTERS = {
    "iccid": "CAST(s.iccid AS TEXT) LIKE '%' || ? || '%'",  # a partial match, as it looks from outside
    "imsi": "s.imsi LIKE '%' || ? || '%'",
    "msisdn": "s.msisdn LIKE '%' || ? || '%'",
    "eid": "s.eid = ?",
    "production_date": "substr(s.production_date, 1, 10) = ?",
}
NUMBER_FILTERS = {"id": "s.id = ?", "status": "s.status = ?", "customer_org": "s.workspace_id = ?"}
SORTS = {
    "id": "s.id",
    "iccid": "s.iccid",
    "imsi": "s.imsi",
    "status": "s.status",
    "production_date": "s.production_date",
    "activation_date": "s.activation_date",
    "endpoint": "s.endpoint_id",
    "customer_org": "s.workspace_id",
}


def list_sims(service: Service, asked: Asked) -> Answer:
    """One page of the inventory of the token's workspace."""
    workspace_id = service.caller(asked).workspace_id
    view = service.reading()
    also = {"q", "sort"}
    if not also & set(asked.query):
        page = page_asked(asked, view.total(workspace_id), also)
        found = view.page(workspace_id, page.skip, page.per_page)
        return page.answer([shown.sim(service, sim) for sim in found])
    where, values = _conditions(asked, workspace_id)
    page = page_asked(asked, view.count(where, values), also)
    found = view.filtered(where, values, _order(asked), page.skip, page.per_page)
    return page.answer([shown.sim(service, sim) for sim in found])


def read_sim(service: Service, asked: Asked) -> Answer:
    """One SIM of the token's workspace."""
    workspace_id = service.caller(asked).workspace_id
    return Answer.of(200, shown.sim(service, _in(service.reading().sim(asked.ids["sim"]), workspace_id)))


def update_sim(service: Service, asked: Asked) -> Answer:
    """Change a SIM's status along the allowed transitions."""
    caller = service.caller(asked)
    if caller.user_id is not None and caller.workspace_id not in service.administers(caller.user_id):
        raise forbidden()
    body = body_object(asked, {"status"}, {"status"})
    wanted = an_id(body["status"], "status", "description")
    if wanted not in shown.STATUSES:
        refuse(400, "status.id is none of the statuses")
    sim = _in(service.books.view.sim(asked.ids["sim"]), caller.workspace_id)
    if wanted not in MAY_BECOME[Status(sim.status)]:
        raise unprocessable(f"A SIM cannot go from status {sim.status} to {wanted}")
    set_status(service, sim, Status(wanted), asked.number)
    return Answer(204)


def set_status(service: Service, sim: Sim, wanted: Status, request: int) -> None:
    """Write a new status and its ledger line."""
    books, at = service.books.live, service.clock.stamp()
    first_use = ", activation_date = coalesce(activation_date, ?)" if wanted is Status.ACTIVATED else ""
    values = (int(wanted), at.replace("Z", "+0000"), sim.id) if first_use else (int(wanted), sim.id)
    books.execute(f"UPDATE sim SET status = ?{first_use} WHERE id = ?", values)  # noqa: S608 - one of two constants
    books.execute(
        "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, 'status', ?, ?, ?)",
        (at, sim.id, str(sim.status), str(int(wanted)), request),
    )


def _in(sim: Sim | None, workspace_id: int) -> Sim:
    if sim is None or sim.workspace_id != workspace_id:
        raise not_found()
    return sim


def _conditions(asked: Asked, workspace_id: int) -> tuple[str, list[str | int]]:
    """SQL of closed words and the values to bind."""
    parts, values = ["s.workspace_id = ?"], list[str | int]([workspace_id])
    for name, value in filters(asked):
        if name in TEXT_FILTERS:
            parts.append(TEXT_FILTERS[name])
            values.append(value)
        elif name in NUMBER_FILTERS:
            parts.append(NUMBER_FILTERS[name])
            values.append(number(value, name))
        elif name == "endpoint" and value == "null":
            parts.append("s.endpoint_id IS NULL")
        elif name == "endpoint":
            parts.append("s.endpoint_id = ?")
            values.append(number(value, name))
        else:
            _no_such("filter", name)
    return " AND ".join(parts), values


def _order(asked: Asked) -> str:
    wanted = asked.query.get("sort", "id")
    name = wanted.lstrip("+- ").lower()
    if name not in SORTS:
        _no_such("sort", name)
    return f"{SORTS[name]} {'DESC' if wanted.startswith('-') else 'ASC'}, s.id"


def _no_such(what: str, name: str) -> NoReturn:
    refuse(400, f"There is no {what} {name!r}")
