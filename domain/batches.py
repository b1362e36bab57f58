"""The story of every batch, as one table: how often it was sent, what was said, what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from domain.events import Event, Json, Kind
from domain.orders import Part
from domain.parts import Stand
from domain.plan import utc_of

# One line per attempt of a part of a batch, in order. `sims`, `seen` (as wanted, by a read after the call) and
# `settled` (wherever two reads agreed on) count SIMs; `seconds` is from the intent to the last answer.
BATCHES = pl.Schema(
    {
        "batch": pl.UInt32(),
        "part": pl.String(),
        "attempt": pl.UInt32(),
        "sims": pl.UInt32(),
        "intended_at": pl.String(),
        "answered_at": pl.String(),
        "said": pl.String(),
        "http": pl.UInt32(),
        "code": pl.String(),
        "words": pl.String(),
        "seen": pl.UInt32(),
        "settled": pl.UInt32(),
        "seconds": pl.Float64(),
    }
)


_PARTS = tuple(str(part) for part in Part)
_PLACES = {part: place for place, part in enumerate(_PARTS)}


@dataclass(slots=True)
class _Attempt:
    """What is known of one attempt so far; answers of several calls are counted by what they said."""

    sims: int = 0
    intended_at: str | None = None
    answered_at: str | None = None
    said: Counter[str] = field(default_factory=Counter)
    http: int | None = None
    code: str | None = None
    words: str | None = None
    seen: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)


def batch_table(events: Iterable[Event]) -> pl.DataFrame:
    """One line per attempt at a part of a batch (BATCHES), from the journal's records."""
    attempts: dict[tuple[int, int, int], _Attempt] = {}
    for event in events:
        if event.batch > 0:
            _add(attempts.setdefault((event.batch, _PLACES[event.part], event.attempt), _Attempt()), event)
    sent = [(*key, attempt) for key, attempt in sorted(attempts.items()) if attempt.intended_at is not None]
    return pl.DataFrame([_line(*item) for item in sent], schema=BATCHES, orient="row")


def _add(attempt: _Attempt, event: Event) -> None:
    """Take one record into account."""
    match event.kind:
        case Kind.INTENDED:
            attempt.sims += len(event.sims)
            attempt.intended_at = attempt.intended_at or event.at
        case Kind.ANSWERED:
            attempt.answered_at = event.at
            attempt.said[_text(event.body.get("said")) or "unheard"] += len(event.sims) or attempt.sims
            http = event.body.get("http")
            attempt.http = http if isinstance(http, int) else attempt.http
            attempt.code, attempt.words = _why(event, attempt)
        case Kind.SEEN if event.body.get("stand") == Stand.DONE:
            attempt.seen.update(event.sims)
        case Kind.SETTLED:
            attempt.settled.update(event.sims)
        case _:
            pass


def _why(event: Event, attempt: _Attempt) -> tuple[str | None, str | None]:
    """Code and words of the first refusal, else the answer's words, else what an earlier call of the attempt gave."""
    refusals = event.body.get("refusals")
    if isinstance(refusals, list) and refusals and isinstance(refusals[0], list):
        _, code, words, *_ = [*refusals[0], None, None, None]
        return _text(code), _text(words)
    return attempt.code, _text(event.body.get("words")) or attempt.words


def _line(batch: int, place: int, attempt: int, known: _Attempt) -> tuple[object, ...]:
    """The attempt as a line; `said` with counts where its calls were answered differently."""
    several = len(known.said) > 1
    said = ", ".join(f"{said} {sims:,}" if several else said for said, sims in known.said.most_common())
    seconds = None
    if known.intended_at is not None and known.answered_at is not None:
        seconds = (utc_of(known.answered_at) - utc_of(known.intended_at)).total_seconds()
    return (
        batch,
        _PARTS[place],
        attempt,
        known.sims,
        known.intended_at,
        known.answered_at,
        said or None,
        known.http,
        known.code,
        known.words,
        len(known.seen),
        len(known.settled),
        seconds,
    )


def _text(value: Json) -> str | None:
    """The value where it is a text that says something."""
    return value if isinstance(value, str) and value else None
