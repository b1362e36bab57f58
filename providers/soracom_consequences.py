"""What a transfer at Soracom does beside moving SIMs, in words for whoever approves it.

Source: the vendor's page on transferring ready SIMs, its limitations and its parts on fees and on cancelling.
"""

from __future__ import annotations

import polars as pl

from domain.orders import Options, Part
from domain.plan import Step
from domain.settings import GROUP
from providers.soracom_sims import EXPIRY, IMEI_LOCK, OFF, PROTECTION, SPEED_CLASS, TAG
from providers.soracom_words import NAME_TAG

NAME = "name"  # among the tags, the one that a SIM is called by

# Settings as people call them, in the order of a plan. A SIM that may be terminated is as any other.
_CALLED = {
    NAME: "names",
    TAG: "other tags",
    GROUP: "groups",
    IMEI_LOCK: "IMEI locks",
    EXPIRY: "expiries",
    SPEED_CLASS: "speed classes",
    PROTECTION: "termination protection",
}
_NOT_CARRIED = "Event handlers and port mappings stay behind: they are listed, SIM by SIM, and made anew by hand."


def consequences_of(
    steps: pl.DataFrame, options: Options, settings: pl.DataFrame, token_life_s: float
) -> tuple[str, ...]:
    """Sentences with counts (of STEPS that are MOVE); `settings` (SETTINGS) are those of the source's SIMs."""
    moved = steps.filter(pl.col("step") == Step.MOVE)
    if moved.is_empty():
        return ()
    by_us = moved.filter(pl.col("parts").str.contains(str(Part.ACCEPT), literal=True)).height > 0
    theirs, these = ("its", "this SIM") if moved.height == 1 else ("their", "these SIMs")
    fees = (
        f"Fees of {_counted(moved.height, 'SIM')} pass to the target operator with {theirs} acceptance; until then the "
        "source pays."
    )
    life = f"{token_life_s / 60:g} minutes" if token_life_s >= 60 else f"{token_life_s:g} seconds"  # noqa: PLR2004 - s
    deadline = (
        f"A token lives for {life}. We accept each as soon as it is issued."
        if by_us
        else f"A token lives for {life}. The other side has to accept by then: what it does not accept is the source's "
        "again, and in retry.csv."
    )
    network = (
        f"Keep {these} off the network until the transfer is through: one that connects becomes active, which ends its "
        "transfer for good, and is left to Soracom's support."
    )
    dropped = _dropped(moved, settings, _PUT_BACK if by_us and options.restores else _GONE)
    return fees, _tokens(moved, options), deadline, network, *dropped, _NOT_CARRIED


_PUT_BACK = "It is saved before, put back after the acceptance, read back and compared."
_GONE = "It is saved before, and not put back by us: whoever has the target sets it there."


def _tokens(moved: pl.DataFrame, options: Options) -> str:
    """How many tokens, and what taking one back takes back."""
    size = options.sims_per_token
    sims = moved.group_by("batch").len()["len"].to_list()
    tokens = sum(-(-count // size) for count in sims)
    if size == 1:
        return (
            f"{_counted(tokens, 'token')}, one for each SIM: any SIM can be taken back by itself until it is accepted."
        )
    return (
        f"{_counted(tokens, 'token')} of up to {_counted(max(min(size, count) for count in sims), 'SIM')}. Taking one "
        "back takes back every SIM of it, never some: with --sims-per-token 1 each SIM has its own, at a request each."
    )


def _dropped(moved: pl.DataFrame, settings: pl.DataFrame, then: str) -> tuple[str, ...]:
    """What is lost on the way and how many SIMs have each; nothing where none of them is set to anything."""
    kind = pl.when(pl.col("setting") == f"{TAG}:{NAME_TAG}").then(pl.lit(NAME))
    counts = (
        settings.join(moved.select("key").unique(), on="key", how="semi")
        .filter(~((pl.col("setting") == PROTECTION) & (pl.col("value") == OFF)))
        .with_columns(kind.otherwise(pl.col("setting").str.split(":").list.first()).alias("kind"))
        .group_by("kind")
        .agg(pl.col("key").n_unique().alias("sims"))
    )
    found = dict(counts.iter_rows())
    named = [f"{words} ({_counted(found[kind], 'SIM')})" for kind, words in _CALLED.items() if kind in found]
    return (f"A transfer drops what SIMs are set to: {', '.join(named)}. {then}",) if named else ()


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
