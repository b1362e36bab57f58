"""emnify's calls: method, path, and the function that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.emnify.endpoints import list_endpoints, read_endpoint, update_endpoint
from sandbox.emnify.login import authenticate, list_workspaces, switch_workspace
from sandbox.emnify.migration import migrate
from sandbox.emnify.service import Service
from sandbox.emnify.sims import list_sims, read_sim, update_sim
from sandbox.emnify.words import not_found, too_many
from sandbox.exchange import Answer, Asked, RefusedError
from sandbox.shapes import refuse

Handler = Callable[[Service, Asked], Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One documented call."""

    method: str
    path: str  # with `{name}` for numbers
    handler: Handler
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        """`METHOD /path/{id}`."""
        return f"{self.method} {self.path}"


def _call(method: str, path: str, handler: Handler) -> Call:
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]{1,18})", path), re.ASCII)
    return Call(method, path, handler, pattern)


CALLS = (
    _call("POST", "/api/v1/authenticate", authenticate),
    _call("POST", "/api/v1/authenticate/workspace", switch_workspace),
    _call("GET", "/api/v2/user/{user}/workspace", list_workspaces),
    _call("GET", "/api/v1/sim", list_sims),
    _call("GET", "/api/v1/sim/{sim}", read_sim),
    _call("PATCH", "/api/v1/sim/{sim}", update_sim),
    _call("POST", "/api/v1/sim/migration/workspace", migrate),
    _call("GET", "/api/v1/endpoint", list_endpoints),
    _call("GET", "/api/v1/endpoint/{endpoint}", read_endpoint),
    _call("PATCH", "/api/v1/endpoint/{endpoint}", update_endpoint),
)


def route_of(asked: Asked) -> str:
    """The name of the call that a request is, or its bare method and `?`."""
    call, _ = _find(asked)
    return call.name if isinstance(call, Call) else f"{asked.method} ?"


def answer(service: Service, asked: Asked, *, keep: bool = True) -> Answer:
    """The provider's answer; what it changed is kept unless `keep` is false."""
    if not service.limits.admit(asked.client, route_of(asked), service.clock.now_s()):
        return too_many()
    try:
        call, ids = _find(asked)
        if call is None:
            raise not_found()
        if isinstance(call, str):
            return replace(_refused(405), headers={"Allow": call})
        asked = replace(asked, ids=ids)
        if call.method == "GET":
            return call.handler(service, asked)
        with service.books.change(keep=keep):
            return call.handler(service, asked)
    except RefusedError as refused:
        return refused.answer


def with_ids(asked: Asked) -> Asked:
    """The request with the numbers out of its path."""
    return replace(asked, ids=_find(asked)[1])


def _refused(status: int) -> Answer:
    try:
        refuse(status, "Method Not Allowed")
    except RefusedError as refused:
        return refused.answer


def _find(asked: Asked) -> tuple[Call | str | None, dict[str, int]]:
    """The call with its numbers; the allowed methods where only the path is right; None where neither is."""
    allowed = []
    for call in CALLS:
        match = call.pattern.fullmatch(asked.path)
        if match and call.method == asked.method:
            return call, {name: int(value) for name, value in match.groupdict().items()}
        if match:
            allowed.append(call.method)
    return ", ".join(sorted(allowed)) or None, {}
