"""What needs a hand: SIMs that need the same for the same reason, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.outcomes import Outcome
from reports.words import BY_URGENCY, WORDS

WORDS_MAX = 1_000  # characters of a reason or next step on the first page
WORDINGS_MAX = 3  # of one code, each a group of its own
HANDS_MAX = 40  # groups of what needs a hand; the rest is counted in one line


@dataclass(frozen=True, slots=True)
class Hand:
    """SIMs that need the same hand for the same reason."""

    outcome: Outcome
    sims: int
    code: str
    reason: str
    next_step: str
    first_row: int


def hands(outcomes: pl.DataFrame) -> tuple[tuple[Hand, ...], int]:
    """What needs a hand, the most urgent first; and the SIMs in groups beyond the limit."""
    urgency = {str(outcome): place for place, outcome in enumerate(BY_URGENCY)}
    worded = (
        outcomes.lazy()
        .filter(pl.col("outcome").is_in([str(o) for o in Outcome if WORDS[o].need]))
        .group_by(pl.col("outcome").cast(pl.String), "code", "reason", "next_step")
        .agg(pl.len().alias("sims"), pl.col("row").min().alias("first_row"))
        .sort("first_row")
        .collect()
    )
    groups = _gathered(worded).sort(
        pl.col("outcome").replace_strict(urgency, return_dtype=pl.UInt8),
        "sims",
        "first_row",
        descending=[False, True, False],
    )
    shown = tuple(
        Hand(Outcome(outcome), sims, code or "", (reason or "")[:WORDS_MAX], (next_step or "")[:WORDS_MAX], first or 0)
        for outcome, code, reason, next_step, sims, first in groups.head(HANDS_MAX).iter_rows()
    )
    return shown, int(groups["sims"].slice(HANDS_MAX).sum())


def _gathered(worded: pl.DataFrame) -> pl.DataFrame:
    """Groups of the same words, and those of one code put together where their words name single SIMs or rows."""
    several = pl.len().over("outcome", "code") > WORDINGS_MAX
    together = (
        worded.filter(several)
        .group_by("outcome", "code", maintain_order=True)
        .agg(_for_example("reason"), _for_example("next_step"), pl.col("sims").sum(), pl.col("first_row").min())
    )
    return pl.concat([worded.filter(~several), together.select(worded.columns).cast(worded.schema)])


def _for_example(name: str) -> pl.Expr:
    """The first text, marked as one of several where it is."""
    mark = pl.when(pl.col(name).n_unique() > 1).then(pl.lit("For example: ")).otherwise(pl.lit(""))
    return (mark + pl.col(name).first()).alias(name)
