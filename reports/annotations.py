"""What is written beside each row of the analyst's list: outcome, reason and next step, one line per row."""

from __future__ import annotations

import polars as pl

from domain.outcomes import Outcome
from reports.words import BY_URGENCY, WORDS, Need

HEADINGS = ("simferry outcome", "simferry reason", "simferry next step")
REASONS_MAX = 3  # of the SIMs of one range row; the workbook `report.xlsx` has a line for each SIM

# `lead` is the outcome whose colour the row gets: of a range row, the one that needs a hand most.
ANNOTATIONS = pl.Schema(
    {"row": pl.UInt32(), "outcome": pl.String(), "reason": pl.String(), "next_step": pl.String(), "lead": pl.String()}
)


def annotate(outcomes: pl.DataFrame) -> pl.DataFrame:
    """One line per row of the list (ANNOTATIONS), ordered by row; a range row has counts in words."""
    lines = outcomes.select(
        "row", pl.col("outcome").cast(pl.String), "reason", "next_step", pl.len().over("row").alias("lines")
    )
    single = lines.filter(pl.col("lines") == 1).select(
        "row", _label("outcome").alias("outcome"), "reason", "next_step", pl.col("outcome").alias("lead")
    )
    ranges = lines.filter(pl.col("lines") > 1)
    return pl.concat([single, _in_words(ranges)]).cast(ANNOTATIONS).sort("row")


def _label(name: str) -> pl.Expr:
    labels = {str(outcome): words.label for outcome, words in WORDS.items()}
    return pl.col(name).replace_strict(labels, return_dtype=pl.String)


def _in_words(lines: pl.DataFrame) -> pl.DataFrame:
    """Range rows: `480 confirmed, 20 declined`, and the reasons and next steps of those that need a hand."""
    places = {str(outcome): place for place, outcome in enumerate(WORDS)}
    counted = lines.group_by("row", "outcome").len().sort("row", pl.col("outcome").replace_strict(places))
    words = pl.col("len").cast(pl.String) + " " + _label("outcome").str.to_lowercase()
    outcome = counted.group_by("row", maintain_order=True).agg(words.str.join(", ").alias("outcome"))
    urgency = {str(each): place for place, each in enumerate(BY_URGENCY)}
    lead = (
        counted.sort(pl.col("outcome").replace_strict(urgency))
        .group_by("row")
        .agg(pl.col("outcome").first().alias("lead"))
    )
    return (
        outcome.join(_texts(lines, "reason"), on="row", how="left")
        .join(_texts(lines, "next_step"), on="row", how="left")
        .join(lead, on="row", how="left")
        .select(ANNOTATIONS.names())
    )


def _texts(lines: pl.DataFrame, name: str) -> pl.DataFrame:
    """The first different texts of each row, those of SIMs that need nothing only where all of them need nothing."""
    calm = pl.col("outcome").is_in([str(outcome) for outcome in Outcome if WORDS[outcome].need is Need.NOTHING])
    telling = lines.filter(~calm | calm.all().over("row")).filter(pl.col(name).is_not_null() & (pl.col(name) != ""))
    return (
        telling.unique(["row", name], maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(
            pl.col(name).head(REASONS_MAX).str.join("; ")
            + pl.when(pl.len() > REASONS_MAX).then(pl.lit("; …")).otherwise(pl.lit(""))
        )
    )
