"""`GET /v1/subscribers` and `GET /v1/subscribers/{imsi}`: one row for each IMSI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sandbox.exchange import Answer
from sandbox.soracom import shown
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import one_of, query_of
from sandbox.soracom.codes import Code
from sandbox.soracom.pages import page_asked
from sandbox.soracom.refusals import refuse
from sandbox.soracom.view import Further, Sim, View
from sandbox.soracom.words import Status

FILTERS = (
    "tag_name",
    "tag_value",
    "tag_value_match_mode",
    "status_filter",
    "speed_class_filter",
    "serial_number_filter",
)
PRIMARY = 0  # the place of a SIM's primary IMSI before its further ones
Row: TypeAlias = "tuple[Sim, Further | None]"


def list_subscribers(ask: Ask) -> Answer:
    """One page of the caller's own IMSIs; words of the status filter are separated by `|`."""
    page = page_asked(ask.service, ask.asked, FILTERS)
    view = ask.service.reading()
    after = (0, PRIMARY)
    if page.key:
        last = view.by_imsi(page.key)
        if last is None:
            refuse(Code.QUERY, "last_evaluated_key is none that a page gave")
        after = _place((last[0], last[1]))
    rows = [*_primary(ask, view, after, page.rows + 1), *_further(ask, view, after, page.rows + 1)]
    rows.sort(key=_place)
    return page.of(rows, lambda row: shown.subscriber(ask.service, *row), _imsi)


def read_subscriber(ask: Ask) -> Answer:
    """One IMSI of the caller's."""
    query_of(ask.asked)
    found = ask.service.reading().by_imsi(ask.names[0])
    if found is None or found[0].operator_id != ask.caller.operator.id:
        refuse(Code.SUBSCRIBER_NOT_FOUND)
    return Answer.of(200, shown.subscriber(ask.service, *found))


def _where(ask: Ask, statuses: str) -> tuple[str, list[str | int]]:
    """The filters over table `sim`, and over whichever column the status is in."""
    query = ask.asked.query
    where, values = ["sim.operator_id = ?"], list[str | int]([ask.caller.operator.id])
    if words := _statuses(ask):
        where.append(f"{statuses} IN ({', '.join('?' * len(words))})")
        values += words
    for name, column in (("speed_class_filter", "speed_class"), ("serial_number_filter", "serial")):
        if name in query:
            where.append(f"sim.{column} = ?")
            values.append(query[name])
    if "tag_name" in query:
        found = f"SELECT 1 FROM json_each(sim.tags) WHERE key = ?{_tag_value(query)}"  # noqa: S608 - closed words only
        where.append(f"EXISTS ({found})")
        values += [query["tag_name"], *([query["tag_value"]] if "tag_value" in query else [])]
    return " AND ".join(where), values


def _tag_value(query: Mapping[str, str]) -> str:
    mode = one_of(query, "tag_value_match_mode", {"exact", "prefix"}, "exact")
    if "tag_value" not in query:
        return ""
    return " AND value = ?" if mode == "exact" else " AND instr(value, ?) = 1"


def _statuses(ask: Ask) -> list[str]:
    word = str(ask.service.switches.transferring_word).lower()
    asked = filter(None, ask.asked.query.get("status_filter", "").lower().split("|"))
    return [str(Status.TRANSFERRING) if one == word else one for one in asked]


def _primary(ask: Ask, view: View, after: tuple[int, int], take: int) -> list[Row]:
    where, values = _where(ask, "sim.status")
    return [(sim, None) for sim in view.page(f"{where} AND sim.id > ?", (*values, after[0]), take)]


def _further(ask: Ask, view: View, after: tuple[int, int], take: int) -> list[Row]:
    where, values = _where(ask, "further.status")
    columns = ", ".join(f"further.{name}" for name in Further._fields)
    rows = view.connection.execute(
        f"SELECT {columns} FROM further CROSS JOIN sim ON sim.id = further.sim_id"  # noqa: S608 - closed words only
        f" WHERE {where} AND (further.sim_id, further.place) > (?, ?) ORDER BY further.sim_id, further.place LIMIT ?",
        (*values, *after, take),
    )
    return [(view.by_id(row[0]), Further._make(row)) for row in rows.fetchall()]


def _place(row: Row) -> tuple[int, int]:
    sim, number = row
    return sim.id, PRIMARY if number is None else number.place


def _imsi(row: Row) -> str:
    sim, number = row
    return sim.imsi if number is None else number.imsi
