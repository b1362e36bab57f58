"""Soracom's SIMs, from the JSON of one to what is kept of it: a row, what it is set to, its further numbers.

A body is passed over but for these. What is not said of a SIM is not made up: it has no such setting.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from domain.settings import GROUP
from providers.bodies import Json, number_of, object_of, parsed, text_of
from providers.calls import Call, Unreadable
from providers.soracom_post import Post, good
from providers.soracom_words import NAME_TAG, OWN_TAGS, is_absent, status_word
from providers.wire import Answer

SIMS_PATH = "/v1/sims"
NO_ACTION = "none"  # of an expiry that only has a time

TAG, IMEI_LOCK, EXPIRY, SPEED_CLASS, PROTECTION = (
    "tag",
    "imei_lock",
    "expiry",
    "speed_class",
    "termination_protection",
)
ON, OFF = "on", "off"


class Shown(NamedTuple):
    """One SIM as a list or a look-up shows it; `operator` is "" where the body does not say whose it is.

    `settings` are pairs of setting and value (SETTINGS), `aliases` of ICCID and IMSI (ALIASES).
    """

    sim_id: str
    operator: str
    imsi: str | None
    status: str
    type: str | None
    group: str | None
    name: str | None
    settings: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str | None, str | None], ...]


def shown_of(entry: Json) -> Shown:
    """One SIM; raises `Unreadable` where it has no id or status, or something else than a time where one belongs."""
    body = object_of(entry)
    sim_id, status = text_of(body.get("simId")), text_of(body.get("status"))
    if sim_id is None or status is None:
        raise Unreadable("a SIM has no simId or no status")
    tags = object_of(body.get("tags"))
    imsi, aliases = _numbers(sim_id, body)
    return Shown(
        sim_id=sim_id,
        operator=text_of(body.get("operatorId")) or "",
        imsi=imsi,
        status=status_word(status),
        type=text_of(body.get("type")),
        group=text_of(body.get("groupId")),
        name=text_of(tags.get(NAME_TAG)),
        settings=_settings(body, tags),
        aliases=aliases,
    )


def sim_path(sim_id: str) -> str:
    """The path of one SIM."""
    return f"{SIMS_PATH}/{quote(sim_id, safe='')}"


def lookup_call(post: Post, sim_id: str) -> Call[Shown | None]:
    """The SIM of that id; None where the operator has none."""
    return post.get("look-up of a SIM", sim_path(sim_id), lambda answer: _read_one(answer, sim_id, post.operator))


def _read_one(answer: Answer, sim_id: str, operator: str) -> Shown | None:
    if is_absent(answer):
        return None
    shown = shown_of(parsed(good(answer)))
    if shown.sim_id != sim_id:
        raise Unreadable("it is about another SIM")
    return shown if shown.operator in {"", operator} else None


def _numbers(sim_id: str, body: dict[str, Json]) -> tuple[str | None, tuple[tuple[str | None, str | None], ...]]:
    """The primary IMSI of the profile in use, and every further pair of ICCID and IMSI.

    Which profile is in use need not be said: then it is the only one, or that of the SIM's own number.
    """
    profiles = {iccid: object_of(profile) for iccid, profile in object_of(body.get("profiles")).items()}
    in_use = next(
        (iccid for iccid in (text_of(body.get("activeProfileId")), sim_id, *profiles) if iccid in profiles), None
    )
    if in_use != sim_id and in_use != text_of(body.get("activeProfileId")) and len(profiles) > 1:
        in_use = None
    primary = None if in_use is None else _primary(profiles[in_use])
    pairs: list[tuple[str | None, str | None]] = []
    for iccid, profile in profiles.items():
        own = text_of(profile.get("primaryImsi"))
        imsis = dict.fromkeys([*([own] if own else []), *object_of(profile.get("subscribers"))])
        pairs += [(iccid, imsi) for imsi in imsis] or [(iccid, None)]
    return primary, tuple(pair for pair in pairs if pair not in {(sim_id, primary), (sim_id, None)})


def _primary(profile: dict[str, Json]) -> str | None:
    """The primary IMSI, or the only one that there is."""
    subscribers = list(object_of(profile.get("subscribers")))
    return text_of(profile.get("primaryImsi")) or (subscribers[0] if len(subscribers) == 1 else None)


def _settings(body: dict[str, Json], tags: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    group, lock = text_of(body.get("groupId")), text_of(object_of(body.get("imeiLock")).get("imei"))
    speed, may_end = text_of(body.get("speedClass")), body.get("terminationEnabled")
    expiry = number_of(body.get("expiryTime"))
    protected = None if not isinstance(may_end, bool) else OFF if may_end else ON
    known = (
        *((f"{TAG}:{name}", _exact(value)) for name, value in tags.items() if name not in OWN_TAGS),
        (GROUP, group),
        (IMEI_LOCK, lock),
        (EXPIRY, None if expiry is None else _expiry(expiry, text_of(body.get("expiryAction")))),
        (SPEED_CLASS, speed),
        (PROTECTION, protected),
    )
    return tuple((setting, value) for setting, value in known if value)


def _exact(value: Json) -> str | None:
    """A tag's value as it is, blanks and all."""
    return value if isinstance(value, str) else text_of(value)


def _expiry(time_ms: int, action: str | None) -> str:
    """Instant and action, as domain/settings has them; raises `Unreadable` for a time that no calendar has."""
    try:
        moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("a SIM expires at a time that is none") from error
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z {action or NO_ACTION}"
