"""`/_sandbox`: what tests and operators set and read beside the simulated API."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import orjson

from domain.errors import UsageError
from sandbox.exchange import JSON, Answer, Asked
from sandbox.provider import Provider
from sandbox.scripts import parse_rules

if TYPE_CHECKING:
    from sandbox.app import App

PREFIX = "/_sandbox/"
NO_SUCH = Answer.of(404, {"message": "No such control. See sandbox/control.py."})


def answer(app: App, asked: Asked) -> Answer:  # noqa: C901, PLR0911 - one case per control
    """Carry out one control request; 400 says what is wrong with its body."""
    try:
        body: JSON = orjson.loads(asked.body) if asked.body else None
        match (asked.method, asked.path.removeprefix(PREFIX)):
            case ("GET", "health"):
                return Answer.of(200, {"pid": os.getpid()})
            case ("GET", "requests"):
                return Answer.of(200, app.traffic.as_json())
            case ("DELETE", "requests"):
                app.traffic.forget()
                return Answer(204)
            case ("GET", "faults"):
                return Answer.of(200, {"rules": len(app.faults.rules), "seen": list[JSON](app.faults.seen)})
            case ("PUT", "faults"):
                app.faults.replace(parse_rules(body))
                return Answer(204)
            case ("GET", "switches"):
                return Answer.of(200, {n: v for one in app.providers for n, v in one.switches().items()})
            case ("PUT", "switches"):
                app.switch(_texts(body))
                return Answer(204)
            case ("PUT", "clock"):
                app.clock.offset_s += number_in(body, "advance_s")
                return Answer.of(200, {"offset_s": app.clock.offset_s})
            case ("PUT", "latency"):
                app.latency_ms = number_in(body, "latency_ms")
                return Answer(204)
            case ("PUT", name):
                own = (provider.control(name, body) for provider in app.providers)
                return next((done for done in own if done is not None), NO_SUCH)
            case _:
                return NO_SUCH
    except (UsageError, orjson.JSONDecodeError) as error:
        return Answer.of(400, {"message": str(error)})


def switch(providers: Sequence[Provider], changes: Mapping[str, str]) -> None:
    """Set switches of whichever provider has them; raises `UsageError` for one that none has, before any is set."""
    known = {name for provider in providers for name in provider.switches()}
    if unknown := sorted(set(changes) - known):
        raise UsageError(f"No such switch: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    for provider in providers:
        provider.switch({name: changes[name] for name in provider.switches() if name in changes})


def _texts(body: JSON) -> dict[str, str]:
    if not isinstance(body, dict):
        raise UsageError("The body must be an object. See sandbox/control.py.")
    return {name: str(value) for name, value in body.items()}


def number_in(body: JSON, name: str) -> float:
    """The number of that name in a control's body; raises `UsageError`."""
    value = body.get(name) if isinstance(body, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"The body must be an object with the number {name}. See sandbox/control.py.")
    return float(value)
