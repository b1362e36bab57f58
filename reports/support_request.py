"""What is asked of a provider's support: SIMs that only it can move to another account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from domain.outcomes import Outcome
from domain.plan import Party, Step
from domain.verdict import SUPPORT
from reports.names import name_of
from reports.setting_words import NAME

# One line per SIM to be moved; `key` is what its settings are known by, `group` its group's name.
SUPPORT_SIMS = pl.Schema(
    {
        "row": pl.UInt32(),
        "key": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "status": pl.String(),
        "name": pl.String(),
        "group": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """All that support has to know: who, from where to where, and which SIMs (SUPPORT_SIMS) with their SETTINGS.

    `target_email` is the primary address of the target, "" where nobody said; `coverage` is the provider's word;
    `made_at` the day from which the next dates are counted (UTC). `settings` may hold those of other SIMs too.
    """

    provider: str
    source: Party
    target: Party
    target_email: str
    coverage: str
    run: str
    made_at: date
    sims: pl.DataFrame
    settings: pl.DataFrame


def needs_support() -> pl.Expr:
    """True for lines of OUTCOMES that only the provider's support can bring further; null never."""
    changed = (pl.col("outcome") == str(Outcome.DRIFTED)) & (pl.col("next_step") == SUPPORT)
    return (pl.col("outcome") == str(Outcome.ASSISTED)) | changed.fill_null(value=False)


def sims_of_steps(steps: pl.DataFrame, settings: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """What a plan (STEPS) leaves to the provider's support (SUPPORT_SIMS); groups by name (GROUPS)."""
    return _sims(steps.filter(pl.col("step") == str(Step.ASSIST)), settings, groups)


def sims_of_outcomes(outcomes: pl.DataFrame, settings: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """What is left to the provider's support after a run (OUTCOMES), as SUPPORT_SIMS.

    Those that the plan left to it and that have not arrived, and those whose status changed under way.
    """
    lines = outcomes.filter(needs_support()).with_columns(
        pl.col("sim_id").alias("key"), pl.coalesce("status_now", "status_before").alias("status")
    )
    return _sims(lines, settings, groups)


def _sims(lines: pl.DataFrame, settings: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """These lines by status and row, with the names that their settings give them."""
    names = settings.filter(pl.col("setting") == NAME).unique("key").select("key", pl.col("value").alias("name"))
    return (
        lines.select("row", "key", "iccid", "imsi", pl.col("status").fill_null("not known"), "group")
        .join(names, on="key", how="left", maintain_order="left")
        .with_columns(name_of(pl.col("group"), groups).alias("group"))
        .select(pl.col(name).cast(kind) for name, kind in SUPPORT_SIMS.items())
        .sort("status", "row", maintain_order=True)
    )
