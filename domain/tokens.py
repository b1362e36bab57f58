"""The tokens of a run's transfers, as its journal tells them, with or without the key that they are encrypted with.

intended ──► answered, with a token ──► a Token, which lives so long
    └──────► nothing: if one was issued, nobody here holds it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import polars as pl

from domain.events import Event, Kind
from domain.orders import Part
from domain.outcomes import Deed
from domain.plan import utc_of, utc_text

PARTS = (Part.OFFER, Part.ISSUE)
TOKEN = "token"  # noqa: S105 - of a record's body: that it came with a token

_WAITING = (Deed.UNHEARD, Deed.TOLD, Deed.PENDING, Deed.NONE, Deed.UNSENT, Deed.STILL, Deed.DECLINED)
_ACCEPTED = (Deed.ARRIVED,)
_BACK = (Deed.FELL_BACK,)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a run, by its number from 1 on; instants are ISO 8601 in UTC, `sims` keys of the inventory.

    `issued_at` is when its answer was written down, None where none came; then its life is counted from `asked_at`.
    """

    number: int
    batch: int
    attempt: int
    part: str
    sims: tuple[str, ...]
    asked_at: str
    issued_at: str | None
    deadline_at: str


class Ended(StrEnum):
    """What became of a token that was to be taken back."""

    CANCELLED = "cancelled"  # its SIMs were read back as they were before
    ACCEPTED = "accepted"  # the other side was first: nothing else was done
    RAN_OUT = "ran_out"  # its SIMs were ready again before it was taken back
    UNSURE = "unsure"  # asked for, and its SIMs are not read back as ready yet


@dataclass(frozen=True, slots=True)
class Cancelled:
    """One token with what became of it, in SIMs: all of it, those ready in the source again, and those not there."""

    token: int
    ended: Ended
    sims: int
    ready: int
    gone: int
    words: str = ""


def tokens_of(events: Iterable[Event], life_s: float) -> list[Token]:
    """The tokens that were answered for, in the order of the journal."""
    life = timedelta(seconds=life_s)
    asked: dict[tuple[int, int, str], Event] = {}
    tokens: list[Token] = []
    for event in events:
        at = (event.batch, event.attempt, event.part)
        if event.part not in PARTS:
            continue
        if event.kind == Kind.INTENDED:
            asked[at] = event
        elif event.kind == Kind.ANSWERED and (event.secret is not None or event.body.get(TOKEN) is True):
            intent = asked.get(at)
            sims = event.sims or (intent.sims if intent else ())
            ends = utc_text(utc_of(event.at) + life)
            begun = intent.at if intent else event.at
            tokens.append(Token(len(tokens) + 1, event.batch, event.attempt, event.part, sims, begun, event.at, ends))
    return tokens


# One line per token: its number, batch, SIMs, when it was asked for and until when it lives, and how its SIMs stand.
TOKENS = pl.Schema(
    {
        "number": pl.UInt32(),
        "batch": pl.UInt32(),
        "sims": pl.UInt32(),
        "asked_at": pl.String(),
        "deadline_at": pl.String(),
        "waiting": pl.UInt32(),
        "accepted": pl.UInt32(),
        "cancelled": pl.UInt32(),
        "back": pl.UInt32(),
    }
)


def token_table(events: Iterable[Event], deeds: pl.DataFrame, life_s: float) -> pl.DataFrame:
    """Every token of the run (TOKENS), with how its SIMs stand by their last deeds (DEEDS)."""
    tokens = tokens_of(events, life_s)
    rows = [(each.number, each.batch, len(each.sims), each.asked_at, each.deadline_at) for each in tokens]
    head = pl.DataFrame(rows, schema=dict(list(TOKENS.items())[:5]), orient="row")
    named = pl.DataFrame(
        {"number": [each.number for each in tokens], "key": [list(each.sims) for each in tokens]},
        schema={"number": pl.UInt32(), "key": pl.List(pl.String())},
    ).explode("key")
    last = named.unique("key", keep="last", maintain_order=True)  # a SIM that was issued anew is that token's
    stood = last.join(deeds.select("key", "part", "deed"), on="key", how="left").with_columns(
        (pl.col("deed").is_in([str(deed) for deed in _ACCEPTED]) & (pl.col("part") != Part.ISSUE)).alias("accepted"),
        (pl.col("deed") == Deed.CANCELLED).alias("cancelled"),
        pl.col("deed").is_in([str(deed) for deed in _BACK]).alias("back"),
    )
    issued = (pl.col("deed") == Deed.ARRIVED) & (pl.col("part") == Part.ISSUE)
    stood = stood.with_columns(
        (pl.col("deed").is_in([str(deed) for deed in _WAITING]) | issued).alias("waiting"),
    )
    counts = stood.group_by("number").agg(
        pl.col(name).sum().cast(pl.UInt32) for name in ("waiting", "accepted", "cancelled", "back")
    )
    return (
        head.join(counts, on="number", how="left", maintain_order="left")
        .with_columns(pl.col("waiting", "accepted", "cancelled", "back").fill_null(0))
        .select(TOKENS.names())
        .cast(TOKENS)
    )
