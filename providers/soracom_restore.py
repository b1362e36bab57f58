"""Soracom's calls that put back what a SIM was set to, in an order that works; each may be repeated.

tags ─► group ─► IMEI lock ─► speed class ─► protection off, where it must be ─► expiry ─► protection
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import quote

import orjson

from domain.orders import Sim
from domain.settings import GROUP, Change
from providers.bodies import Json
from providers.calls import Call, Unreadable
from providers.soracom_sims import EXPIRY, IMEI_LOCK, NO_ACTION, OFF, ON, PROTECTION, SPEED_CLASS, TAG, sim_path
from providers.soracom_words import complaint_of, is_absent, is_done
from providers.wire import Answer, Request

TERMINATE = "terminate"  # an expiry that can only be set while termination protection is off
_SET = {
    GROUP: ("set_group", "groupId"),
    IMEI_LOCK: ("set_imei_lock", "imei"),
    SPEED_CLASS: ("update_speed_class", "speedClass"),
}
_UNSET = {GROUP: "unset_group", IMEI_LOCK: "unset_imei_lock"}


class NoCall(StrEnum):
    """Codes of ours, where nothing is sent."""

    NOT_SETTABLE = "not_settable"


@dataclass(frozen=True, slots=True)
class Declined:
    """Why a setting was not made: a code, and words; `is_us` where it is we who are refused."""

    code: str
    words: str
    is_us: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """The settings that one call makes, and the call; None where there is none that could."""

    names: tuple[str, ...]
    call: Call[Declined | None] | None


def settings_of(sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Iterator[Setting]:
    """The calls, in their order, that set a SIM whose settings are `now` to what the changes want ("" for none)."""
    wanted = {change.setting: change.value for change in changes}
    tags = {name: value for name, value in wanted.items() if name.startswith(f"{TAG}:")}
    path = sim_path(sim.sim_id or sim.key)
    yield from _tags(path, tags)
    for name in (GROUP, IMEI_LOCK, SPEED_CLASS):
        if name in wanted:
            yield _plain(path, name, wanted[name])
    yield from _ends(path, wanted.get(EXPIRY), wanted.get(PROTECTION), now.get(PROTECTION))
    for name in sorted(wanted.keys() - tags.keys() - {*_SET, EXPIRY, PROTECTION}):
        yield Setting((name,), None)


def read_set(answer: Answer) -> Declined | None:
    """None where it is set; raises `Unreadable` for an answer that is not Soracom's."""
    if is_done(answer):
        return None
    complaint = complaint_of(answer)
    if not complaint.is_theirs or answer.status < HTTPStatus.BAD_REQUEST:
        raise Unreadable(complaint.words)
    is_us = answer.status == HTTPStatus.FORBIDDEN
    return Declined(complaint.code or f"http_{answer.status}", complaint.words, is_us)


def read_unset(answer: Answer) -> Declined | None:
    """The same of what is to be none: a 404 says that it is."""
    return None if is_absent(answer) else read_set(answer)


def _tags(path: str, tags: Mapping[str, str]) -> Iterator[Setting]:
    """All that are to be, in one call, and one for each that is to go."""
    kept = {name: value for name, value in tags.items() if value}
    if kept:
        body: list[Json] = [{"tagName": name.partition(":")[2], "tagValue": value} for name, value in kept.items()]
        yield Setting(tuple(kept), _call("PUT", f"{path}/tags", body))
    for name in sorted(tags.keys() - kept.keys()):
        gone = f"{path}/tags/{quote(name.partition(':')[2], safe='')}"
        yield Setting((name,), Call("Soracom, removing a tag", Request("DELETE", gone), read_unset, repeatable=True))


def _plain(path: str, name: str, value: str) -> Setting:
    if value:
        action, field = _SET[name]
        return Setting((name,), _call("POST", f"{path}/{action}", {field: value}))
    return Setting((name,), _unset(path, _UNSET[name]) if name in _UNSET else None)  # a SIM has some speed class


def _ends(path: str, expiry: str | None, protection: str | None, protected_now: str | None) -> Iterator[Setting]:
    """Expiry and termination protection: an expiry that terminates is set while protection is off.

    Where it is to be on in the end, it is switched off even if it was off when last read: an earlier attempt may have
    got as far as switching it on.
    """
    terminates = expiry is not None and expiry.endswith(f" {TERMINATE}")
    must_be_off = terminates and (protected_now != OFF or protection == ON)
    if protection == OFF or must_be_off:
        yield Setting((PROTECTION,), _call("POST", f"{path}/enable_termination"))
    if expiry is not None:
        body = _expiry_body(expiry)
        call = _unset(path, "unset_expiry_time") if body is None else _call("POST", f"{path}/set_expiry_time", body)
        yield Setting((EXPIRY,), call)
    if protection == ON or (must_be_off and protection is None and protected_now == ON):
        yield Setting((PROTECTION,), _call("POST", f"{path}/disable_termination"))


def _expiry_body(text: str) -> dict[str, Json] | None:
    """Milliseconds since 1970, and the action where it is one; None where there is to be no expiry."""
    if not text:
        return None
    instant, _, action = text.partition(" ")
    since = datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)
    body: dict[str, Json] = {"expiryTime": since // timedelta(milliseconds=1)}
    return body if action in {"", NO_ACTION} else body | {"expiryAction": action}


def _call(method: str, path: str, body: Json = None) -> Call[Declined | None]:
    sent = None if body is None else orjson.dumps(body)
    return Call("Soracom, setting of a SIM", Request(method, path, body=sent), read_set, repeatable=True)


def _unset(path: str, action: str) -> Call[Declined | None]:
    return Call("Soracom, setting of a SIM", Request("POST", f"{path}/{action}"), read_unset, repeatable=True)
