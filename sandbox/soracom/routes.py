"""Soracom's calls: method, path, and the function that answers, found by the pieces of the path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sandbox.exchange import Answer, Asked, RefusedError
from sandbox.soracom import groups, hanging, login, setting, sims, subscribers, transfer
from sandbox.soracom.ask import Ask
from sandbox.soracom.codes import Code
from sandbox.soracom.quota import Taken
from sandbox.soracom.refusals import refusal
from sandbox.soracom.returning import settle
from sandbox.soracom.service import Service

Handler: TypeAlias = Callable[[Ask], Answer]
Opener: TypeAlias = Callable[[Service, Asked, tuple[str, ...]], Answer]  # of those who are not let in yet

VERSION = "v1"
OPENERS: dict[str, Opener] = {
    "POST /v1/auth": login.log_in,
    "POST /v1/operators/{operator_id}/token": login.new_token,
}
HANDLERS: dict[str, Handler] = {
    "GET /v1/operators/{operator_id}": login.read_operator,
    "GET /v1/payment_methods/current": login.read_payment,
    "GET /v1/sims": sims.list_sims,
    "GET /v1/sims/{sim_id}": sims.read_sim,
    "GET /v1/sims/{sim_id}/statuses/history": sims.read_history,
    "GET /v1/subscribers": subscribers.list_subscribers,
    "GET /v1/subscribers/{imsi}": subscribers.read_subscriber,
    "GET /v1/groups": groups.list_groups,
    "GET /v1/event_handlers": hanging.list_handlers,
    "GET /v1/event_handlers/subscribers/{imsi}": hanging.list_handlers_of,
    "GET /v1/port_mappings": hanging.list_mappings,
    "GET /v1/port_mappings/sims/{sim_id}": hanging.list_mappings_of,
    "POST /v1/subscribers/transfer_token/issue": transfer.issue_token,
    "POST /v1/subscribers/transfer_token/verify": transfer.verify_token,
    "DELETE /v1/subscribers/transfer_token/{token}": transfer.cancel_token,
    "PUT /v1/sims/{sim_id}/tags": setting.put_tags,
    "DELETE /v1/sims/{sim_id}/tags/{tag_name}": setting.delete_tag,
    "POST /v1/sims/{sim_id}/set_group": setting.set_group,
    "POST /v1/sims/{sim_id}/unset_group": setting.unset_group,
    "POST /v1/sims/{sim_id}/set_imei_lock": setting.set_imei_lock,
    "POST /v1/sims/{sim_id}/unset_imei_lock": setting.unset_imei_lock,
    "POST /v1/sims/{sim_id}/set_expiry_time": setting.set_expiry_time,
    "POST /v1/sims/{sim_id}/unset_expiry_time": setting.unset_expiry_time,
    "POST /v1/sims/{sim_id}/update_speed_class": setting.update_speed_class,
    "POST /v1/sims/{sim_id}/disable_termination": setting.disable_termination,
    "POST /v1/sims/{sim_id}/enable_termination": setting.enable_termination,
    "POST /v1/sims/{sim_id}/activate": setting.activate_sim,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One documented call: its name, `METHOD /path/{name}`, and the pieces of its path, None where a name stands."""

    name: str
    method: str
    pieces: tuple[str | None, ...]

    def names_in(self, pieces: tuple[str, ...]) -> tuple[str, ...] | None:
        """The names in a path of as many pieces; None where it is another's."""
        if any(own is not None and own != given for own, given in zip(self.pieces, pieces, strict=True)):
            return None
        return tuple(given for own, given in zip(self.pieces, pieces, strict=True) if own is None)


@dataclass(frozen=True, slots=True)
class Found:
    """The call that a request is, and the names in its path; the methods there are where only the path is right."""

    call: Call | None
    names: tuple[str, ...] = ()
    allowed: str = ""


def _calls() -> dict[tuple[str, int], list[Call]]:
    """Calls by the second piece of their paths and the number of pieces; of two that fit, the one with fewer names."""
    table: dict[tuple[str, int], list[Call]] = {}
    for name in (*OPENERS, *HANDLERS):
        method, path = name.split(" ")
        pieces = tuple(None if piece.startswith("{") else piece for piece in path.split("/")[1:])
        table.setdefault((str(pieces[1]), len(pieces)), []).append(Call(name, method, pieces))
    return {key: sorted(calls, key=lambda call: call.pieces.count(None)) for key, calls in table.items()}


CALLS = _calls()
PREFIXES = tuple(sorted({f"/{VERSION}/{second}" for second, _ in CALLS}))


def find(asked: Asked) -> Found:
    """What a request asks for."""
    pieces = _pieces(asked.path)
    allowed = []
    for call in CALLS.get((pieces[1], len(pieces)), ()) if len(pieces) > 1 else ():
        names = call.names_in(pieces)
        if names is not None and call.method == asked.method:
            return Found(call, names)
        if names is not None:
            allowed.append(call.method)
    return Found(None, allowed=", ".join(sorted(set(allowed))))


def _pieces(path: str) -> tuple[str, ...]:
    """The pieces of a path; a tag may have slashes in its name, which come unquoted."""
    pieces = tuple(path.split("/")[1:])
    return (*pieces[:4], "/".join(pieces[4:])) if len(pieces) > 5 and pieces[3] == "tags" else pieces


def route_of(asked: Asked) -> str:
    """The name of the call that a request is, or its bare method and `?`."""
    call = find(asked).call
    return call.name if call is not None else f"{asked.method} ?"


def answer(service: Service, asked: Asked, *, keep: bool = True) -> Answer:
    """The answer, with what is left of the caller's minute; what it changed is kept unless `keep` is false."""
    settle(service)
    found = find(asked)
    if found.call is None:
        return _no_call(found)
    taken = _taken(service, asked, found.call)
    said = _said(service, asked, found.call, found.names, keep=keep) if taken.fits else refusal(Code.TOO_MANY)
    return replace(said, headers={**said.headers, **taken.headers}) if taken.headers else said


def _no_call(found: Found) -> Answer:
    if found.allowed:
        return replace(refusal(Code.METHOD), headers={"Allow": found.allowed})
    return refusal(Code.NO_SUCH_CALL)


def _taken(service: Service, asked: Asked, call: Call) -> Taken:
    """One more request of the caller's, or of its address where it has not been let in."""
    now_s, switches = service.clock.now_s(), service.switches
    if call.name == "POST /v1/auth":
        return service.quota.take(asked.client, "auth", switches.logins_per_minute, now_s)
    caller = service.recognised(asked)
    whose = asked.client if caller is None else caller.operator.operator
    return service.quota.take(whose, str(call.pieces[1]), switches.requests_per_minute, now_s)


def _said(service: Service, asked: Asked, call: Call, names: tuple[str, ...], *, keep: bool) -> Answer:
    try:
        if call.name in OPENERS:
            return OPENERS[call.name](service, asked, names)
        ask = Ask(service, service.caller(asked), asked, names)
        if call.method == "GET":
            return HANDLERS[call.name](ask)
        one_sim = "/transfer_token/" not in call.name
        with service.books.change(keep=keep and not (one_sim and asked.spared)):
            return HANDLERS[call.name](ask)
    except RefusedError as refused:
        return refused.answer
