"""Tokens of a transfer: until when each can be accepted, what waits for it, and what taking it back would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from reports.words import plural

# One line per token; never the token itself.
TOKENS = pl.Schema(
    {
        "number": pl.UInt32(),
        "batch": pl.UInt32(),
        "sims": pl.UInt32(),
        "asked": pl.String(),
        "deadline": pl.String(),
        "waiting": pl.UInt32(),
        "accepted": pl.UInt32(),
        "cancelled": pl.UInt32(),
        "back": pl.UInt32(),
        "now": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token by its number (`simferry cancel RUN --token N`), and its SIMs by what is known of them.

    Instants are ISO 8601 in UTC. `waiting` SIMs can still be accepted, `back` ones are ready in the source again.
    """

    number: int
    batch: int
    sims: int
    asked_at: str
    deadline_at: str
    waiting: int
    accepted: int
    cancelled: int
    back: int


def token_table(tokens: Iterable[TokenLine], run: str, now: str) -> pl.DataFrame:
    """The tokens of a run (TOKENS) at an instant, those that wait coming first, the shortest-lived before all."""
    ordered = sorted(tokens, key=_urgency)
    lines = [
        (
            *(token.number, token.batch, token.sims, _seconds(token.asked_at), _seconds(token.deadline_at)),
            *(token.waiting, token.accepted, token.cancelled, token.back, _what_now(token, run, now)),
        )
        for token in ordered
    ]
    return pl.DataFrame(lines, schema=TOKENS, orient="row")


def tokens_sentence(tokens: Iterable[TokenLine], now: str) -> str:
    """What the summary says of tokens that wait at that instant; "" where none does."""
    waiting = [token for token in tokens if token.waiting and token.deadline_at[:19] > now[:19]]
    if not waiting:
        return ""
    sims, first = sum(token.waiting for token in waiting), min(token.deadline_at for token in waiting)
    are = "waits" if len(waiting) == 1 else "wait"
    until = "until" if len(waiting) == 1 else "the first until"
    return (
        f"{plural(len(waiting), 'token')} with {plural(sims, 'SIM')} {are} to be accepted, {until} {_seconds(first)} "
        "UTC. The sheet Tokens has every deadline, and how to take each back."
    )


def _urgency(token: TokenLine) -> tuple[bool, str, int]:
    return not token.waiting, token.deadline_at if token.waiting else "", token.number


def _what_now(token: TokenLine, run: str, now: str) -> str:
    """What can be done about a token."""
    if not token.waiting:
        return "Nothing waits."
    if token.deadline_at[:19] <= now[:19]:
        return f"Its time is over. `simferry execute {run}` finds out what became of it."
    if token.accepted:
        return f"Part of it is accepted: it can't be taken back. `simferry execute {run}` looks again."
    return f"`simferry cancel {run} --token {token.number}` takes back {_all(token.waiting)}."


def _all(sims: int) -> str:
    return "its one SIM" if sims == 1 else f"all of its {sims:,} SIMs"


def _seconds(instant: str) -> str:
    """An ISO 8601 instant in UTC, to the second, for people."""
    return instant[:19].replace("T", " ")
