"""The sum that a report ends with: every line of the list is in exactly one outcome."""

from __future__ import annotations

import polars as pl

from domain.outcomes import Outcome, totals
from domain.plan import Plan
from reports.words import WORDS


class Unbalanced(ValueError):
    """Outcomes that do not add up to the list: a bug in us, never something an operator can mend."""


def closing_lines(outcomes: pl.DataFrame) -> str:
    """The report's last line, `1,204 in the list = 987 confirmed + …`; raises Unbalanced where it does not add up."""
    counts = totals(outcomes)
    if sum(counts.values()) != outcomes.height:
        raise Unbalanced(f"{outcomes.height:,} lines, and {sum(counts.values()):,} of them have an outcome")
    parts = [f"{count:,} {words.label.lower()}" for outcome, words in WORDS.items() if (count := counts[outcome])]
    return f"{outcomes.height:,} in the list = {' + '.join(parts) or '0'}"


def prove(outcomes: pl.DataFrame, plan: Plan) -> None:
    """Nothing, where the outcomes answer for every step of the plan and every rejected row; else raises Unbalanced."""
    counts = totals(outcomes)
    rejected, planned = plan.list.rows_rejected, sum(plan.counts.values())
    others = sum(count for outcome, count in counts.items() if outcome is not Outcome.REJECTED)
    if counts[Outcome.REJECTED] != rejected:
        raise Unbalanced(f"{rejected:,} rows were rejected, and {counts[Outcome.REJECTED]:,} are in the report")
    if others != planned:
        raise Unbalanced(f"the plan has {planned:,} steps, and {others:,} of them have an outcome")
    twice = outcomes.filter(pl.col("line").is_not_null() & pl.col("line").is_duplicated()).height
    if twice:
        raise Unbalanced(f"{twice:,} lines of the list are in the report more than once")
