"""What hangs on SIMs at Soracom and stays behind: event handlers, and ports that are mapped to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from domain.orders import Sim
from domain.settings import SETTINGS
from providers.bodies import Json, number_of, object_of, parsed, text_of
from providers.calls import Unreadable
from providers.soracom_pages import whole
from providers.soracom_post import NotAllowed, Post, good
from providers.soracom_words import is_absent
from providers.wire import Answer

HANDLERS_PATH = "/v1/event_handlers"
MAPPINGS_PATH = "/v1/port_mappings"
HANDLERS, MAPPINGS = "event handlers", "port mappings"


class Hanging(NamedTuple):
    """One of them: the setting that it is listed as, its value, and whose it is (a SIM's id, IMSI or group)."""

    setting: str
    value: str
    owner: str


class Beside:
    """One operator's lists of these, read once, when they are first asked for; safe to share between threads."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._by_owner: dict[str, list[Hanging]] | None = None
        self._unseen: list[str] = []
        self._lock = threading.Lock()

    def of(self, sims: Sequence[Sim]) -> pl.DataFrame:
        """What hangs on these SIMs (SETTINGS), as far as the login may list it; raises `ProviderUnavailable`.

        An event handler of a SIM's group is the SIM's too, since it stays behind with that group.
        """
        by_owner = self._read_once()
        lines = {
            (sim.key, hanging.setting, hanging.value)
            for sim in sims
            for owner in (sim.key, sim.imsi, sim.group)
            for hanging in by_owner.get(owner or "", ())
        }
        return pl.DataFrame(sorted(lines), schema=SETTINGS, orient="row")

    def unseen(self) -> tuple[str, ...]:
        """Which of the lists the login may not read; raises `ProviderUnavailable`."""
        self._read_once()
        return tuple(self._unseen)

    def _read_once(self) -> dict[str, list[Hanging]]:
        with self._lock:
            if self._by_owner is None:
                found: dict[str, list[Hanging]] = {}
                for hanging in filter(None, (*self._read(HANDLERS, _handlers), *self._read(MAPPINGS, _mappings))):
                    found.setdefault(hanging.owner, []).append(hanging)
                self._by_owner = found
            return self._by_owner

    def _read(self, what: str, read: Callable[[Post], list[Hanging | None]]) -> list[Hanging | None]:
        try:
            return read(self._post)
        except NotAllowed:
            self._unseen.append(what)
            return []


def _handlers(post: Post) -> list[Hanging | None]:
    return post.require(post.get(f"list of {HANDLERS}", HANDLERS_PATH, _read_handlers))


def _mappings(post: Post) -> list[Hanging | None]:
    return whole(post, MAPPINGS_PATH, MAPPINGS, _mapping)


def _read_handlers(answer: Answer) -> list[Hanging | None]:
    """All of them; a list of nothing may be a 404, as documented of a SIM's own."""
    if is_absent(answer):
        return []
    entries = parsed(good(answer))
    if not isinstance(entries, list):
        raise Unreadable("the body is no list")
    return [_handler(entry) for entry in entries]


def _handler(entry: Json) -> Hanging | None:
    """One event handler; None for one of the whole operator, which hangs on no SIM."""
    body = object_of(entry)
    owner = _first(body, "targetSimId", "targetImsi", "targetGroupId")
    name = _first(body, "name", "handlerId")
    if owner is None or name is None:
        return None
    return Hanging(f"event_handler:{name}", text_of(body.get("status")) or "unknown", owner)


def _mapping(entry: Json) -> Hanging | None:
    """One mapped port; None for one that is over, or says not whose it is."""
    body = object_of(entry)
    leads = object_of(body.get("destination"))
    owner = _first(body, "simId", "imsi") or _first(leads, "simId", "imsi")
    if owner is None or body.get("expired") is True:
        return None
    place = text_of(body.get("endpoint")) or f"{text_of(body.get('ipAddress'))}:{text_of(body.get('port'))}"
    port = number_of(leads.get("port"))
    return Hanging(f"port_mapping:{place}", "unknown" if port is None else f"port {port}", owner)


def _first(body: dict[str, Json], *names: str) -> str | None:
    return next((text for name in names if (text := text_of(body.get(name)))), None)
