"""A run's state, rebuilt from its journal alone: what was done about each SIM, and how the run stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from domain.events import Event, Json, Kind
from domain.orders import Part, Said
from domain.outcomes import DEED_TYPE, DEEDS, Deed
from domain.parts import Stand

POOL_SIMS = 100_000  # that are held as Python text at a time; a column takes a quarter of the memory

_OF_SAID = {
    Said.YES: Deed.TOLD,
    Said.LATER: Deed.PENDING,
    Said.UNHEARD: Deed.UNHEARD,
    Said.UNSENT: Deed.UNSENT,
}
# A claim that a read contradicts is doubt, until it is settled.
_OF_SEEN = {
    Stand.DONE: Deed.ARRIVED,
    Stand.UNDER_WAY: Deed.PENDING,
    Stand.BEFORE: Deed.UNHEARD,
    Stand.ASTRAY: Deed.UNHEARD,
    Stand.BACK: Deed.UNHEARD,
    Stand.GONE: Deed.PENDING,
}
_OF_SETTLED = {
    Stand.DONE: Deed.ARRIVED,
    Stand.UNDER_WAY: Deed.PENDING,
    Stand.BEFORE: Deed.STILL,
    Stand.ASTRAY: Deed.ASTRAY,
    Stand.BACK: Deed.FELL_BACK,
    Stand.GONE: Deed.PENDING,
}
_ENTRY = pl.Schema(
    {
        "deed": DEED_TYPE,
        "part": pl.String(),
        "attempts": pl.UInt16(),
        "code": pl.String(),
        "words": pl.String(),
        "last_at": pl.String(),
        "start": pl.Int64(),
        "sims": pl.Int64(),
    }
)
_Span = tuple[int, int]  # where SIMs begin in the pool of all SIMs named so far, and how many they are
_Attempt = tuple[int, int, str]  # batch, attempt, part


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands; `stopped` is the cause of a breaker that nobody has named since, with its words.

    `resumed` are the causes that operators have named so far; `last` is the batch and the part of a way that the last
    record about SIMs is about.
    """

    opened: bool = False
    stopped: tuple[str, str] | None = None
    finished: bool = False
    last_at: str | None = None
    resumed: tuple[str, ...] = ()
    last: tuple[int, str] | None = None


def fold(events: Iterable[Event]) -> pl.DataFrame:
    """What the journal says of every SIM it names (DEEDS): its last deed, and how often it was intended.

    An answer without SIMs is about all that its attempt intended. What was restored says nothing about their way.
    """
    ledger = _Ledger()
    for event in events:
        if event.part != Part.RESTORE:
            ledger.enter(event)
    return ledger.deeds()


def run_state(events: Iterable[Event]) -> RunState:
    """How the run stands after these records."""
    opened = finished = False
    stopped: tuple[str, str] | None = None
    last_at: str | None = None
    last: tuple[int, str] | None = None
    resumed: list[str] = []
    for event in events:
        last_at = event.at
        last = (event.batch, event.part) if event.batch else last
        match event.kind:
            case Kind.OPENED:
                opened = True
            case Kind.STOPPED:
                stopped = (_text(event, "cause"), _text(event, "words"))
            case Kind.RESUMED:
                stopped = None
                resumed.append(_text(event, "cause"))
            case Kind.FINISHED:
                finished = True
            case _:
                finished = finished and event.part == Part.RESTORE  # which may be done anew at any time
    return RunState(opened, stopped, finished, last_at, tuple(resumed), last)


def later(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """DEEDS of an earlier fold, brought up to date by the fold of the records since; `now` speaks where both do."""
    known = before.select("key", "part", pl.col("attempts").alias("_before"))
    summed = now.join(known, on=["key", "part"], how="left", maintain_order="left").with_columns(
        (pl.col("attempts") + pl.col("_before").fill_null(0)).cast(pl.UInt16).alias("attempts")
    )
    return pl.concat([before.join(now, on="key", how="anti", maintain_order="left"), summed.select(DEEDS.names())])


@dataclass(slots=True)
class _Ledger:
    """One small line per record and deed, beside one long column of the SIMs that they are about."""

    lines: list[tuple[Deed, str, int, str | None, str | None, str, int, int]] = field(default_factory=list)
    full: list[pl.Series] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    fresh_from: int = 0
    intents: dict[_Attempt, _Span] = field(default_factory=dict)
    cancelling: set[str] = field(default_factory=set)

    def enter(self, event: Event) -> None:
        """Take one record into account."""
        match event.kind:
            case Kind.LOOKED:
                why = event.body.get("why")
                for key, reason in (why if isinstance(why, dict) else {}).items():
                    self._line(event, Deed.HELD_BACK, self._span((key,)), *_pair(reason))
            case Kind.INTENDED:
                span = self._span(event.sims)
                self.intents[event.batch, event.attempt, event.part] = span
                self._line(event, Deed.UNHEARD, span, attempts=1)
            case Kind.ANSWERED:
                self._answer(event)
            case Kind.SEEN:
                self._line(event, _OF_SEEN[Stand(_text(event, "stand"))], self._span(event.sims))
            case Kind.SETTLED:
                self._settle(event)
            case Kind.CANCELLING:
                self.cancelling.update(event.sims)
            case Kind.CANCELLED:
                self._line(event, Deed.CANCELLED, self._span(event.sims))
            case _:
                pass

    def deeds(self) -> pl.DataFrame:
        """The last line of each SIM (DEEDS), SIMs in the order in which they were first named."""
        lines = pl.DataFrame(self.lines, schema=_ENTRY, orient="row").with_row_index("line")
        pool = pl.concat([pl.Series("key", dtype=pl.String), *self.full, pl.Series("key", self.fresh, pl.String)])
        named = lines.select(
            "line", "part", "attempts", pl.int_ranges("start", pl.col("start") + pl.col("sims")).alias("place")
        ).explode("place", empty_as_null=False)
        return (
            named.with_columns(pool.gather(named["place"]).alias("key"))
            .group_by("key", maintain_order=True)
            .agg(
                pl.col("line").last(),
                pl.col("attempts").filter(pl.col("part") == pl.col("part").last()).sum(),
            )
            .join(lines.drop("attempts", "start", "sims"), on="line", how="left", maintain_order="left")
            .with_columns(pl.col("attempts").cast(pl.UInt16))
            .select(DEEDS.names())
        )

    def _settle(self, event: Event) -> None:
        """What two agreeing reads come to; what we had asked to be taken back, and is as before, was taken back."""
        deed = _settled(event)
        taken_back = [key for key in event.sims if key in self.cancelling] if deed == Deed.FELL_BACK else []
        self._line(event, deed, self._span(event.sims))
        self._line(event, Deed.CANCELLED, self._span(taken_back))

    def _answer(self, event: Event) -> None:
        """What a provider said about some SIMs of an attempt, or about all of them.

        Those that a no names are declined and the others were not acted on; a no that names nobody declines all.
        """
        attempt = (event.batch, event.attempt, event.part)
        span = self._span(event.sims) if event.sims else self.intents.get(attempt, (0, 0))
        said = Said(_text(event, "said"))
        if said != Said.NO:
            self._line(event, _OF_SAID[said], span, None, _text(event, "words"))
            return
        refusals = event.body.get("refusals")
        reasons = [item for item in refusals if isinstance(item, list)] if isinstance(refusals, list) else []
        asked = set(event.sims or self._keys(span)) if any(reason[0] for reason in reasons) else set()
        named = {str(reason[0]): reason[1:] for reason in reasons if reason[0] in asked}
        if not named:
            code, words = _pair(reasons[0][1:]) if reasons else (None, _text(event, "words"))
            self._line(event, Deed.DECLINED, span, code, words)
            return
        self._line(event, Deed.UNSENT, span)
        for key, reason in named.items():
            self._line(event, Deed.DECLINED, self._span((key,)), *_pair(reason))

    def _line(
        self,
        event: Event,
        deed: Deed,
        span: _Span,
        code: str | None = None,
        words: str | None = None,
        attempts: int = 0,
    ) -> None:
        if span[1]:
            self.lines.append((deed, event.part, attempts, code, words, event.at, *span))

    def _span(self, keys: Sequence[str]) -> _Span:
        """Put SIMs into the pool; where they are in it."""
        if len(self.fresh) >= POOL_SIMS:
            self.full.append(pl.Series("key", self.fresh, pl.String))
            self.fresh_from += len(self.fresh)
            self.fresh = []
        start = self.fresh_from + len(self.fresh)
        self.fresh += keys
        return start, len(keys)

    def _keys(self, span: _Span) -> list[str]:
        """The SIMs at a place of the pool; what was put in together lies together."""
        start, sims = span
        if start >= self.fresh_from:
            return self.fresh[start - self.fresh_from : start - self.fresh_from + sims]
        for column in self.full:
            if start < len(column):
                return [str(key) for key in column.slice(start, sims)]
            start -= len(column)
        return []


def _settled(event: Event) -> Deed:
    """What two agreeing reads come to; `accepted` says that the provider had said yes, for later."""
    deed = _OF_SETTLED[Stand(_text(event, "stand"))]
    return Deed.FELL_BACK if deed == Deed.STILL and event.body.get("accepted") is True else deed


def _pair(reason: Json) -> tuple[str | None, str | None]:
    """Code and words out of a recorded reason."""
    texts = [item if isinstance(item, str) else None for item in reason] if isinstance(reason, list) else []
    code, words, *_ = [*texts, None, None]
    return code, words


def _text(event: Event, name: str) -> str:
    """A text of the record's body; '' where it has none."""
    value = event.body.get(name)
    return value if isinstance(value, str) else ""
