"""Tokens of a run that somebody may still accept, and until when, by its journal alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from domain.events import Event, Kind
from domain.parts import Stand
from domain.plan import Plan, utc_of
from domain.state import fold
from domain.tokens import token_table
from flows.wording import duration, sims
from journal.book import Journal
from journal.folder import open_run
from tasks.asked import Surroundings


def tokens_waiting(around: Surroundings, plan: Plan) -> pl.DataFrame:
    """The run's tokens (TOKENS) with SIMs that nobody has seen accepted, gone or back yet, the soonest to end first."""
    with Journal.open(around.journal_url, open_run(around.home, plan.run)) as journal:
        events = list(journal.events())
    deeds = fold(events)
    left = deeds.filter(~pl.col("key").is_in(sorted(_gone(events))))
    tokens = token_table(events, left, plan.limits.token_life_s)
    return tokens.filter(pl.col("waiting") > 0).sort("deadline_at", "number")


def first_deadline(waiting: pl.DataFrame, plan: Plan, now: datetime) -> str:
    """What the tokens (TOKENS, at least one, the soonest first) wait for, and what to type next."""
    ends = utc_of(waiting["deadline_at"][0])
    left_s = (ends - now).total_seconds()
    one = waiting.height == 1
    tokens = "1 token waits" if one else f"{waiting.height:,} tokens wait"
    until = f"{ends:%H:%M:%S} UTC" + (f", {duration(left_s)} from now" if left_s > 0 else ", which is over")
    who, look = ("us", "Go on in time:") if plan.options.accepts else (plan.target.name, "Look what was accepted:")
    first = "" if one else "the first "
    return "\n".join(
        (
            f"{tokens} to be accepted by {who}, {sims(int(waiting['waiting'].sum()))}: {first}until {until}.",
            f"Count down:  simferry status {plan.run}",
            f"{look}  simferry execute {plan.run}",
            f"Take back what was not:  simferry cancel {plan.run}",
        )
    )


def _gone(events: Iterable[Event]) -> set[str]:
    """SIMs that two reads have shown to have left the source, by a token that others have."""
    gone: set[str] = set()
    for event in events:
        if event.kind in {Kind.SEEN, Kind.SETTLED} and event.sims:
            (gone.update if event.body.get("stand") == Stand.GONE else gone.difference_update)(event.sims)
    return gone
