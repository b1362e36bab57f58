"""How long the tokens of a run can still be accepted, as `simferry status` counts it down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from domain.plan import utc_of
from flows.wording import duration, sims

SHOWN_MAX = 20  # tokens of a run that are shown one by one


def countdown(waiting: pl.DataFrame, run: str, now: datetime) -> Iterator[str]:
    """Lines on the tokens (TOKENS) that wait, the soonest to end first; none where none waits."""
    for number, batch, left, deadline in (
        waiting.head(SHOWN_MAX).select("number", "batch", "waiting", "deadline_at").iter_rows()
    ):
        yield f"  token {number:,}, batch {batch:,}: {sims(left)} wait{'s' * (left == 1)}, {_until(deadline, now)}"
    more = waiting.height - SHOWN_MAX
    if more > 0:
        last = waiting["deadline_at"].max()
        yield f"  and {more:,} tokens more, the last {_until(str(last), now)}"
    over = sum(utc_of(at) <= now for at in waiting["deadline_at"])
    if over:
        yield f"  what became of tokens that have run out is found by:  simferry execute {run}"


def soonest(waiting: pl.DataFrame, now: datetime) -> str:
    """The same in one line, for a run among others; "" where none waits."""
    if waiting.is_empty():
        return ""
    tokens = "1 token waits" if waiting.height == 1 else f"{waiting.height:,} tokens wait"
    return f"  {tokens}, the first {_until(str(waiting['deadline_at'].min()), now)}"


def _until(deadline: str, now: datetime) -> str:
    """When a token ends, and how far that is."""
    ends = utc_of(deadline)
    left_s = (ends - now).total_seconds()
    far = f"{duration(left_s)} left" if left_s > 0 else f"ran out {duration(-left_s)} ago"
    return f"until {ends:%Y-%m-%d %H:%M:%S} UTC ({far})"
