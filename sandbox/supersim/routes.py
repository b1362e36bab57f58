"""Super SIM's calls: method, path, and the function that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sandbox.exchange import Answer, Asked, RefusedError
from sandbox.supersim.accounts import TOKEN_PATH
from sandbox.supersim.fleets import list_fleets, read_fleet
from sandbox.supersim.periods import list_periods
from sandbox.supersim.refusals import refusal
from sandbox.supersim.registering import register_sim
from sandbox.supersim.service import Service
from sandbox.supersim.settings_updates import list_settings_updates
from sandbox.supersim.settling import settle
from sandbox.supersim.sims import list_sims, read_sim
from sandbox.supersim.tokens import give_token
from sandbox.supersim.updating import update_sim
from sandbox.supersim.usage import list_usage
from sandbox.supersim.words import Code

Handler: TypeAlias = Callable[[Service, Asked, str], Answer]  # the last is the name in the path, or empty


@dataclass(frozen=True, slots=True)
class Call:
    """One documented call."""

    method: str
    path: str  # with `{name}` for a sid or a unique name
    handler: Handler
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        """`METHOD /path/{name}`."""
        return f"{self.method} {self.path}"


def _call(method: str, path: str, handler: Handler) -> Call:
    return Call(method, path, handler, re.compile(re.sub(r"\{\w+\}", r"(?P<name>[^/]+)", path)))


CALLS = (
    _call("POST", "/v1/Sims/{sim}", update_sim),
    _call("GET", "/v1/Sims/{sim}", read_sim),
    _call("GET", "/v1/Sims", list_sims),
    _call("POST", "/v1/Sims", register_sim),
    _call("GET", "/v1/Sims/{sim}/BillingPeriods", list_periods),
    _call("GET", "/v1/Fleets", list_fleets),
    _call("GET", "/v1/Fleets/{fleet}", read_fleet),
    _call("GET", "/v1/UsageRecords", list_usage),
    _call("GET", "/v1/SettingsUpdates", list_settings_updates),
    _call("POST", TOKEN_PATH, give_token),
)
PREFIXES = ("/v1/Sims", "/v1/Fleets", "/v1/UsageRecords", "/v1/SettingsUpdates", "/api-services/")


def route_of(asked: Asked) -> str:
    """The name of the call that a request is, or its bare method and `?`."""
    call, _ = find(asked)
    return call.name if isinstance(call, Call) else f"{asked.method} ?"


def answer(service: Service, asked: Asked, *, keep: bool = True) -> Answer:
    """The provider's answer; what it changed is kept unless `keep` is false."""
    settle(service)
    call, name = find(asked)
    if call is None:
        return refusal(Code.NOT_FOUND)
    if isinstance(call, str):
        return replace(refusal(Code.METHOD_NOT_ALLOWED), headers={"Allow": call})
    try:
        if call.method == "GET" or call.handler is give_token:
            return call.handler(service, asked, name)
        with service.books.change(keep=keep and not asked.spared):  # it is about one SIM
            return call.handler(service, asked, name)
    except RefusedError as refused:
        return refused.answer


def find(asked: Asked) -> tuple[Call | str | None, str]:
    """The call and the name in its path; the allowed methods where only the path is right; None where neither is."""
    allowed = []
    for call in CALLS:
        match = call.pattern.fullmatch(asked.path)
        if match and call.method == asked.method:
            return call, match.groupdict().get("name", "")
        if match:
            allowed.append(call.method)
    return ", ".join(sorted(allowed)) or None, ""
