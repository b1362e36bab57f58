"""Lists to go on with: `retry.csv` for another plan, `restore.csv` for what a move switched off."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.inventory import Side
from domain.outcomes import Outcome
from reports.delimited import defused
from reports.files import replacing
from reports.summary import lost_device, went_offline

# Whether an outcome may be tried again by a new plan, and why. What is confirmed, left or awaiting must not be sent
# again; what is in doubt may have been acted on; what is refused, assisted or rejected needs another list or another
# hand first.
RETRIED: dict[Outcome, str] = {
    Outcome.DECLINED: "the provider said that nothing changed",
    Outcome.NOT_DONE: "two reads agree that nothing happened",
    Outcome.NOT_STARTED: "nothing was sent",
    Outcome.CANCELLED: "it was taken back before it was done",
}
# A drifted SIM may be planned again where it is still in the source: the plan starts from what it is now.


def may_be_retried() -> pl.Expr:
    """True for lines of OUTCOMES that a new plan may take up; null never."""
    still_there = (pl.col("outcome") == str(Outcome.DRIFTED)) & (pl.col("side_now") == str(Side.SOURCE))
    return pl.col("outcome").is_in([str(outcome) for outcome in RETRIED]) | still_there.fill_null(value=False)


def write_retry(outcomes: pl.DataFrame, path: Path) -> Path:
    """Write `retry.csv`, a list for `simferry plan`: SIM (ICCID, else IMSI) and, beside it, why it is there.

    Identifiers stay plain digits, since the file is for programs: protections such as `="89…"` break other readers.
    """
    lines = outcomes.filter(may_be_retried()).select(
        defused(pl.coalesce("iccid", "imsi")).alias("SIM"),
        pl.col("outcome").cast(pl.String).alias("simferry outcome"),
        defused(pl.col("reason")).alias("simferry reason"),
    )
    return _write(lines, path)


def write_restore(outcomes: pl.DataFrame, path: Path) -> Path:
    """Write `restore.csv`: confirmed SIMs that had traffic or a device before and do not now; with what to do."""
    device = pl.coalesce("device_name", "device_id")
    what = pl.concat_str(
        pl.when(went_offline()).then(pl.lit("activate the SIM")),
        pl.when(lost_device()).then(pl.lit("attach it to a device again (before: ") + device + ")"),
        separator="; ",
        ignore_nulls=True,
    )
    lines = outcomes.filter(went_offline() | lost_device()).select(
        defused(pl.col("iccid")).alias("ICCID"),
        pl.col("outcome").cast(pl.String).alias("simferry outcome"),
        what.alias("simferry what to do"),
        *(
            defused(pl.col(name)).alias(f"simferry {name.replace('_', ' ')}")
            for name in ("sim_id", "status_before", "status_now", "device_id", "device_name")
        ),
    )
    return _write(lines, path)


def _write(lines: pl.DataFrame, path: Path) -> Path:
    with replacing(path) as temporary:
        lines.write_csv(temporary)
    return path
