"""What a report says held against the sandbox's own books."""

from __future__ import annotations

import polars as pl

from domain.outcomes import Outcome
from sandbox import accounts
from sandbox.truth import Truth

MIGRATION = "/api/v1/sim/migration/workspace"

# Where a SIM must be for the outcome to be true; the others say nothing about where it is.
MUST_BE_IN = {
    Outcome.CONFIRMED: accounts.TARGET,
    Outcome.LEFT: accounts.TARGET,
    Outcome.DECLINED: accounts.SOURCE,
    Outcome.NOT_DONE: accounts.SOURCE,
    Outcome.NOT_STARTED: accounts.SOURCE,
    Outcome.CANCELLED: accounts.SOURCE,
}
BODY_DIGITS = 19


def lies(outcomes: pl.DataFrame, truth: Truth) -> list[str]:
    """Lines whose outcome is not what the books say, in words; empty where the report is true."""
    must = {str(outcome): workspace for outcome, workspace in MUST_BE_IN.items()}
    lines = outcomes.filter(pl.col("iccid").is_not_null()).select(
        pl.col("iccid").str.slice(0, BODY_DIGITS),
        pl.col("outcome").cast(pl.String),
        pl.col("outcome").cast(pl.String).replace_strict(must, default=None, return_dtype=pl.Int64).alias("must"),
    )
    joined = lines.join(truth.where().select("iccid", "workspace_id"), on="iccid", how="left")
    false = joined.filter(pl.col("must").is_not_null() & pl.col("must").ne_missing(pl.col("workspace_id")))
    return [f"{iccid} is {outcome} and in {place}" for iccid, outcome, _, place in false.iter_rows()]


def lost(before: pl.DataFrame, truth: Truth) -> list[str]:
    """SIMs (WHERE) that are neither where they were nor in the target; empty where no SIM was lost."""
    now = truth.where().select("iccid", pl.col("workspace_id").alias("now"))
    stayed = pl.col("now") == pl.col("workspace_id")
    fine = (stayed | (pl.col("now") == accounts.TARGET)).fill_null(value=False)
    return before.join(now, on="iccid", how="left").filter(~fine)["iccid"].to_list()
