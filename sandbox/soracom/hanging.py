"""What hangs on operators, groups and SIMs: event handlers and port mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sandbox.exchange import JSON, Answer
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import one_of, query_of
from sandbox.soracom.codes import Code
from sandbox.soracom.pages import page_asked
from sandbox.soracom.refusals import refuse
from sandbox.soracom.service import Service
from sandbox.soracom.sims import own_sim

TARGETS = frozenset({"operator", "group", "sim", "imsi"})
HANDLER = "handler_id, operator_id, name, status, target, group_id, sim_id"
MAPPING = "id, operator_id, sim_id, ip, port, inner_port, created_ms, expires_ms"


class Handler(NamedTuple):
    """An event handler, of an operator, a group, a SIM or an IMSI."""

    handler_id: str
    operator_id: int
    name: str
    status: str
    target: str
    group_id: int | None
    sim_id: int | None


class Mapping(NamedTuple):
    """An entry of On-Demand Remote Access."""

    id: int
    operator_id: int
    sim_id: int
    ip: str
    port: int
    inner_port: int
    created_ms: int
    expires_ms: int


def list_handlers(ask: Ask) -> Answer:
    """All event handlers of the caller, perhaps of one kind of target."""
    target = one_of(query_of(ask.asked, ("target",)), "target", TARGETS | {""}, "")
    found = _handlers(ask, "operator_id = ?", (ask.caller.operator.id,))
    return Answer.of(200, [_handler(ask.service, one) for one in found if target in {"", one.target}])


def list_handlers_of(ask: Ask) -> Answer:
    """Those of an IMSI, of its SIM and of its group; 404 where there are none."""
    query_of(ask.asked)
    found = ask.service.reading().by_imsi(ask.names[0])
    if found is None or found[0].operator_id != ask.caller.operator.id:
        refuse(Code.NO_HANDLERS)
    sim = found[0]
    handlers = _handlers(ask, "sim_id = ?", (sim.id,))
    if sim.group_id is not None:
        own = _handlers(ask, "operator_id = ?", (sim.operator_id,))
        handlers += [one for one in own if one.group_id == sim.group_id]
    if not handlers:
        refuse(Code.NO_HANDLERS)
    return Answer.of(200, [_handler(ask.service, one) for one in handlers])


def list_mappings(ask: Ask) -> Answer:
    """One page of the caller's port mappings."""
    page = page_asked(ask.service, ask.asked)
    behind = int(page.key) if page.key.isdecimal() else 0
    found = _mappings(ask, "operator_id = ? AND id > ?", (ask.caller.operator.id, behind), page.rows + 1)
    return page.of(found, lambda one: _mapping(ask.service, one), lambda one: str(one.id))


def list_mappings_of(ask: Ask) -> Answer:
    """Those of one SIM; 404 where there are none."""
    query_of(ask.asked)
    sim = own_sim(ask, ask.service.reading())
    found = _mappings(ask, "sim_id = ?", (sim.id,), -1)
    if not found:
        refuse(Code.NO_MAPPINGS)
    return Answer.of(200, [_mapping(ask.service, one) for one in found])


def _handlers(ask: Ask, where: str, values: Sequence[int]) -> list[Handler]:
    query = f"SELECT {HANDLER} FROM handler WHERE {where} ORDER BY id"  # noqa: S608 - closed words only
    return [Handler._make(row) for row in ask.service.reading().connection.execute(query, values)]


def _mappings(ask: Ask, where: str, values: Sequence[int], take: int) -> list[Mapping]:
    """Those that are not over."""
    now_ms = int(ask.service.clock.now_s() * 1000)
    query = f"SELECT {MAPPING} FROM mapping WHERE {where} AND expires_ms > ? ORDER BY id LIMIT ?"  # noqa: S608 - likewise
    return [Mapping._make(row) for row in ask.service.reading().connection.execute(query, (*values, now_ms, take))]


def _handler(service: Service, found: Handler) -> JSON:
    whom: dict[str, JSON] = {}
    match found.target:
        case "group":
            whom["targetGroupId"] = service.id_of_group(found.group_id)
        case "sim" | "imsi":
            assert found.sim_id is not None
            sim = service.reading().by_id(found.sim_id)
            whom |= {"targetSimId": sim.sim_id} if found.target == "sim" else {"targetImsi": sim.imsi}
        case _:
            whom["targetOperatorId"] = service.name_of_operator(found.operator_id)
    return whom | {
        "handlerId": found.handler_id,
        "name": found.name,
        "description": "",
        "status": found.status,
        "ruleConfig": {
            "type": "SimMonthlyTotalTrafficRule",
            "properties": {
                "inactiveTimeoutDateConst": "BEGINNING_OF_NEXT_MONTH",
                "limitTotalTrafficMegaByte": "100",
            },
        },
        "actionConfigList": [
            {
                "type": "SendMailToOperatorAction",
                "properties": {
                    "title": found.name,
                    "message": "More than 100 MiB this month",
                    "executionDateTimeConst": "IMMEDIATELY",
                },
            }
        ],
    }


def _mapping(service: Service, found: Mapping) -> JSON:
    sim = service.reading().by_id(found.sim_id)
    return {
        "operatorId": service.name_of_operator(found.operator_id),
        "simId": sim.sim_id,
        "destination": {"simId": sim.sim_id, "port": found.inner_port},
        "source": {"ipRanges": ["0.0.0.0/0"]},
        "ipAddress": found.ip,
        "hostname": f"{found.ip.replace('.', '-')}.napter.example",
        "port": found.port,
        "endpoint": f"{found.ip}:{found.port}",
        "duration": (found.expires_ms - found.created_ms) // 1000,
        "createdTime": found.created_ms,
        "expiredTime": found.expires_ms,
        "expired": False,
        "tlsRequired": False,
    }
