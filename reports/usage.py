"""What SIMs had used in their old account, beside the data limits they have now: nowhere else do both stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.inventory import Side
from domain.outcomes import OUTCOME_TYPE
from reports.delimited import defused
from reports.files import replacing
from reports.group_names import noun
from reports.names import name_of
from reports.palette import Level
from reports.run_report import RunReport
from reports.words import plural

BYTES_PER_MB = 1_000_000  # limits go up to 2,000,000 MB, which their documents call 2 TB
HIGH, FULL = 0.8, 1.0  # shares of a limit


# One line per SIM whose records were saved, in list order: its current billing period, what it had used since that
# began, the group it is to count against with its limit, and the share of the limit, null where there is nothing to
# compare with.
USAGE = pl.Schema(
    {
        "row": pl.UInt32(),
        "outcome": OUTCOME_TYPE,
        "iccid": pl.String(),
        "used_mb": pl.Float64(),
        "share": pl.Float64(),
        "limit_mb": pl.Int64(),
        "group_named": pl.String(),
        "period_type": pl.String(),
        "starts": pl.String(),
        "ends": pl.String(),
        "read": pl.String(),
        "sim_id": pl.String(),
        "moved": pl.Boolean(),
        "ended": pl.Boolean(),
    }
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The lines (USAGE), what they mean, and their totals, in sentences; `warning` is "" where no limit is near."""

    lines: pl.DataFrame
    meaning: str
    totals: str
    warning: str


def usage_of(report: RunReport) -> Usage:
    """What was saved before SIMs were moved, as far as it matters for the limits of their new groups."""
    lines = _lines(report)
    high, full = (int((lines["share"] >= least).sum()) for least in (HIGH, FULL))
    near = int(((lines["share"] >= HIGH) & lines["moved"]).sum())
    group = noun(report.plan.provider).lower()
    totals = [
        plural(lines.height, "SIM"),
        f"{int(_current(report)['bytes_used'].sum()) / BYTES_PER_MB:,.2f} MB used",
        f"{high:,} with {HIGH:.0%} of the limit or more, {full:,} of them with all of it",
        f"{int(lines['share'].is_null().sum()):,} without a share",
    ]
    warning = (
        f"{plural(near, 'SIM')} that moved {'has' if near == 1 else 'have'} used {HIGH:.0%} of the new {group}'s data "
        "limit or more in the current billing period already. The sheet Usage names each."
    )
    return Usage(lines, _meaning(report, group), " · ".join(totals), warning if near else "")


def level_of(share: float | None) -> Level:
    """How near the limit is; calm where there is none."""
    if share is None or share < HIGH:
        return Level.CALM
    return Level.FULL if share >= FULL else Level.HIGH


def write_history(report: RunReport, path: Path) -> Path:
    """Write `history.csv`, for programs: every billing period that was saved, with bytes, in list order."""
    texts = ("sim_id", "period", "period_type", "starts_at", "ends_at")
    numbers = ("bytes_used", "bytes_up", "bytes_down")
    lines = (
        report.history.with_row_index("place")
        .join(_moves(report), on="sim_id", how="left", maintain_order="left")
        .sort("row", "place", nulls_last=True)
        .select(
            defused(pl.col("iccid")).alias("ICCID"),
            *(defused(pl.col(name)).alias(name.replace("_", " ")) for name in texts),
            *(pl.col(name).alias(name.replace("_", " ")) for name in numbers),
            pl.col("read_at").alias("read at"),
        )
    )
    with replacing(path) as temporary:
        lines.write_csv(temporary)
    return path


def _lines(report: RunReport) -> pl.DataFrame:
    """One line per SIM (USAGE)."""
    limits = report.groups.unique("group").select(pl.col("group").alias("group_new"), "limit_mb")
    used = pl.col("bytes_used") / BYTES_PER_MB
    comparable = (pl.col("limit_mb") > 0) & ~pl.col("ended")
    return (
        _current(report)
        .join(_moves(report), on="sim_id", how="left", maintain_order="left")
        .join(limits, on="group_new", how="left", maintain_order="left")
        .with_columns(
            (pl.col("ends_at").str.head(19) <= report.reconciled_at[:19]).fill_null(value=False).alias("ended"),
            used.alias("used_mb"),
            name_of(pl.col("group_new"), report.groups).alias("group_named"),
            *(_minutes(f"{name}_at").alias(name) for name in ("starts", "ends", "read")),
        )
        .with_columns(pl.when(comparable).then(pl.col("used_mb") / pl.col("limit_mb")).alias("share"))
        .sort("row", nulls_last=True, maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in USAGE.items())
    )


def _current(report: RunReport) -> pl.DataFrame:
    """The current billing period of each SIM, which comes first."""
    return report.history.unique("sim_id", keep="first", maintain_order=True)


def _moves(report: RunReport) -> pl.DataFrame:
    """One line per SIM of a batch: `sim_id`, `row`, `outcome`, `iccid`, `moved` and the group it counts against.

    Rows that name a SIM a second time have no batch.
    """
    moved = (pl.col("side_now") == str(Side.TARGET)).fill_null(value=False)
    return report.outcomes.filter(pl.col("batch").is_not_null()).select(
        "sim_id",
        "row",
        "outcome",
        "iccid",
        moved.alias("moved"),
        pl.when(moved).then(pl.col("group_now").fill_null("")).otherwise("group_to").alias("group_new"),
    )


def _minutes(name: str) -> pl.Expr:
    """An ISO 8601 instant in UTC to the minute, for people."""
    return pl.col(name).str.head(16).str.replace("T", " ")


def _meaning(report: RunReport, group: str) -> str:
    source, target = report.plan.source.name, report.plan.target.name
    return (
        f"Saved from {source} before its SIMs were moved. In {target} a SIM has no billing period until the one that "
        f"began in {source} ends; until then, what it has used since that began still counts against the data limit of "
        f"its new {group}; and its usage records stay behind. So this is the only place where both stand together. "
        "No share: no limit is known, or the period has ended by now and counts no more."
    )
