"""`GET /v1/sims`, `GET /v1/sims/{id}` and its history, and which SIMs a caller may see."""

from __future__ import annotations

from sandbox.exchange import JSON, Answer
from sandbox.soracom import shown
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import number_in, one_of, query_of
from sandbox.soracom.codes import Code
from sandbox.soracom.pages import page_asked
from sandbox.soracom.refusals import refuse
from sandbox.soracom.view import Sim, View
from sandbox.soracom.words import HISTORY_ROWS

HISTORY_NUMBER_MAX = 10**12
BIRTH = 0  # the place of a history's first entry, before any that the books have


def list_sims(ask: Ask) -> Answer:
    """One page of the caller's own SIMs, one row each."""
    page = page_asked(ask.service, ask.asked)
    view = ask.service.reading()
    behind = _place_of(view, page.key)
    found = view.page("operator_id = ? AND id > ?", (ask.caller.operator.id, behind), page.rows + 1)
    return page.of(found, lambda sim: shown.sim(ask.service, sim, view.further(sim)), lambda sim: sim.sim_id)


def read_sim(ask: Ask) -> Answer:
    """One SIM by its id; 404 for one that is not the caller's."""
    query_of(ask.asked)
    view = ask.service.reading()
    found = own_sim(ask, view)
    return Answer.of(200, shown.sim(ask.service, found, view.further(found)))


def read_history(ask: Ask) -> Answer:
    """The SIM's statuses, the latest first unless asked otherwise; times are seconds."""
    page = page_asked(ask.service, ask.asked, ("from", "to", "sort"), HISTORY_ROWS)
    view = ask.service.reading()
    sim, query = own_sim(ask, view), ask.asked.query
    since_s = number_in(query, "from", 0, HISTORY_NUMBER_MAX, 0)
    until_s = number_in(query, "to", 0, HISTORY_NUMBER_MAX, HISTORY_NUMBER_MAX)
    rows = [(BIRTH, sim.created_ms // 1000, "ready", None, sim.speed_class)]
    rows += view.connection.execute(
        "SELECT number, at_s, status, group_id, speed_class FROM history WHERE sim_id = ? ORDER BY number", (sim.id,)
    )
    rows = [row for row in rows if since_s <= row[1] <= until_s]
    if one_of(query, "sort", {"asc", "desc"}, "desc") == "desc":
        rows.reverse()
    places = [str(row[0]) for row in rows]
    start = places.index(page.key) + 1 if page.key in places else 0

    def entry(row: tuple[int, int, str, int | None, str]) -> JSON:
        _, at_s, status, group_id, speed_class = row
        group = ask.service.id_of_group(group_id)
        told: dict[str, JSON] = {
            "simId": sim.sim_id,
            "imsi": sim.imsi,
            "primaryImsi": sim.imsi,
            "isPrimary": True,
            "status": shown.status_word(ask.service, status),
            "speedClass": speed_class,
            "subscription": sim.subscription,
            "bundles": [],
            "applyDateTimeEpochSec": at_s,
        }
        return told if group is None else told | {"groupId": group}

    return page.of(rows[start : start + page.rows + 1], entry, lambda row: str(row[0]))


def own_sim(ask: Ask, view: View) -> Sim:
    """The caller's SIM that the path names; raises a 404."""
    found = view.by_sim_id(ask.names[0])
    if found is None or found.operator_id != ask.caller.operator.id:
        refuse(Code.SIM_NOT_FOUND)
    return found


def _place_of(view: View, key: str) -> int:
    if not key:
        return 0
    last = view.by_sim_id(key)
    if last is None:
        refuse(Code.QUERY, "last_evaluated_key is none that a page gave")
    return last.id
