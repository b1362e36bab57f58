"""A run's state, rebuilt from its journal alone: what was done about each SIM, and how the run stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from domain.events import Event, Json, Kind
from domain.inventory import Side
from domain.orders import Said
from domain.outcomes import DEED_TYPE, DEEDS, Deed

_OF_SAID = {
    Said.YES: Deed.TOLD,
    Said.LATER: Deed.PENDING,
    Said.UNHEARD: Deed.UNHEARD,
    Said.UNSENT: Deed.UNSENT,
}
_OF_SEEN = {Side.TARGET: Deed.ARRIVED, Side.SOURCE: Deed.UNHEARD, Side.NOWHERE: Deed.UNHEARD}
_OF_SETTLED = {Side.TARGET: Deed.ARRIVED, Side.SOURCE: Deed.STILL, Side.NOWHERE: Deed.ASTRAY}

# One line per record and deed; exploded over `keys`, the last line of each SIM is what counts.
_ENTRIES = pl.Schema(
    {
        "deed": DEED_TYPE,
        "intent": pl.Boolean(),
        "code": pl.String(),
        "words": pl.String(),
        "last_at": pl.String(),
        "key": pl.List(pl.String()),
    }
)
_Entry = tuple[Deed, bool, str | None, str | None, str, list[str]]
_Attempt = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands; `stopped` is the cause of a breaker that nobody has named since, with its words."""

    opened: bool = False
    stopped: tuple[str, str] | None = None
    finished: bool = False
    last_at: str | None = None


def fold(events: Iterable[Event]) -> pl.DataFrame:
    """What the journal says of every SIM it names (DEEDS): its last deed, and how often it was intended."""
    intents: dict[_Attempt, tuple[str, ...]] = {}
    entries: list[_Entry] = []
    for event in events:
        attempt = (event.batch, event.attempt, event.part)
        if event.kind == Kind.INTENDED:
            intents[attempt] = event.sims
        entries += _entries(event, event.sims or intents.get(attempt, ()))
    return (
        pl.DataFrame(entries, schema=_ENTRIES, orient="row")
        .explode("key", empty_as_null=False)
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("deed").last(),
            pl.col("intent").sum().cast(pl.UInt16).alias("attempts"),
            pl.col("code").last(),
            pl.col("words").last(),
            pl.col("last_at").last(),
        )
        .select(DEEDS.names())
    )


def run_state(events: Iterable[Event]) -> RunState:
    """How the run stands after these records."""
    opened = finished = False
    stopped: tuple[str, str] | None = None
    last_at: str | None = None
    for event in events:
        last_at = event.at
        match event.kind:
            case Kind.OPENED:
                opened = True
            case Kind.STOPPED:
                stopped = (_text(event, "cause"), _text(event, "words"))
            case Kind.RESUMED:
                stopped = None
            case Kind.FINISHED:
                finished = True
            case _:
                finished = False
    return RunState(opened, stopped, finished, last_at)


def _entries(event: Event, keys: tuple[str, ...]) -> Iterator[_Entry]:
    """What one record says, as lines for the fold; `keys` are the SIMs it is about."""
    match event.kind:
        case Kind.LOOKED:
            why = event.body.get("why")
            for key, reason in (why if isinstance(why, dict) else {}).items():
                code, words = _pair(reason)
                yield Deed.HELD_BACK, False, code, words, event.at, [key]
        case Kind.INTENDED:
            yield Deed.UNHEARD, True, None, None, event.at, list(keys)
        case Kind.ANSWERED if event.body.get("said") == Said.NO:
            yield from _declined(event, keys)
        case Kind.ANSWERED:
            words = _text(event, "words")
            yield _OF_SAID[Said(_text(event, "said"))], False, None, words, event.at, list(keys)
        case Kind.SEEN:
            yield _OF_SEEN[Side(_text(event, "side"))], False, None, None, event.at, list(keys)
        case Kind.SETTLED:
            yield _OF_SETTLED[Side(_text(event, "side"))], False, None, None, event.at, list(keys)
        case Kind.CANCELLED:
            yield Deed.CANCELLED, False, None, None, event.at, list(keys)
        case _:
            pass


def _declined(event: Event, keys: tuple[str, ...]) -> Iterator[_Entry]:
    """A no: those it names are declined; the others, if it names any, were not acted on; else all are declined."""
    refusals = event.body.get("refusals")
    reasons = [item for item in refusals if isinstance(item, list)] if isinstance(refusals, list) else []
    named = [item for item in reasons if item and isinstance(item[0], str) and item[0] in set(keys)]
    if not named:
        code, words = _pair(reasons[0][1:]) if reasons else (None, _text(event, "words"))
        yield Deed.DECLINED, False, code, words, event.at, list(keys)
        return
    yield Deed.UNSENT, False, None, None, event.at, list(keys)
    for item in named:
        code, words = _pair(item[1:])
        yield Deed.DECLINED, False, code, words, event.at, [str(item[0])]


def _pair(reason: Json) -> tuple[str | None, str | None]:
    """Code and words out of a recorded reason."""
    texts = [item if isinstance(item, str) else None for item in reason] if isinstance(reason, list) else []
    code, words, *_ = [*texts, None, None]
    return code, words


def _text(event: Event, name: str) -> str:
    """A text of the record's body; '' where it has none."""
    value = event.body.get(name)
    return value if isinstance(value, str) else ""
