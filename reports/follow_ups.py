"""Lists to go on with: `retry.csv` for another plan, `restore.csv` for what a move switched off."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.inventory import Side
from domain.orders import Part
from domain.outcomes import Outcome
from reports.delimited import defused
from reports.files import replacing
from reports.offline import lost_device, went_offline
from reports.run_report import RunReport
from reports.support_request import needs_support

# Whether an outcome may be tried again by a new plan, and why. What is confirmed, left or awaiting must not be sent
# again; what is in doubt may have been acted on; what is refused, assisted or rejected needs another list or another
# hand first.
RETRIED: dict[Outcome, str] = {
    Outcome.DECLINED: "the provider said that nothing changed",
    Outcome.NOT_DONE: "two reads agree that nothing happened",
    Outcome.NOT_STARTED: "nothing was sent",
    Outcome.CANCELLED: "it was taken back before it was done",
}
# A drifted SIM may be planned again where it still is as it was: the plan starts from what it is now. Nothing is tried
# again with a SIM that is in the target by now, whatever its outcome: a new plan would leave it. Nor with one that was
# to be registered: that takes its code, which is in the operator's list alone. Nor with one that only the provider's
# support can move by now: it is in support-request.xlsx.

# Outcomes that the next step may mend by itself.
_UNDER_WAY = (Outcome.AWAITING, Outcome.IN_DOUBT, Outcome.NOT_STARTED)


def may_be_retried() -> pl.Expr:
    """True for lines of OUTCOMES that a new plan may take up; null never."""
    side = pl.col("side_now").cast(pl.String)
    drifted = (pl.col("outcome") == str(Outcome.DRIFTED)) & (side == str(Side.SOURCE))
    may = pl.col("outcome").is_in([str(outcome) for outcome in RETRIED]) | drifted.fill_null(value=False)
    moves = pl.col("part").ne_missing(pl.lit(str(Part.REGISTER)))
    return may & moves & side.ne_missing(pl.lit(str(Side.TARGET))) & ~needs_support()


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


def write_restore(report: RunReport, path: Path) -> Path:
    """Write `restore.csv`: SIMs that had traffic or a device before this run and do not now; with what to do."""
    offline, plan = went_offline(report), report.plan
    places = {str(Side.SOURCE): plan.source.name, str(Side.TARGET): plan.target.name}
    place = pl.col("side_now").cast(pl.String).replace_strict(places, default="neither account")
    lines = report.outcomes.filter(offline | lost_device()).select(
        defused(pl.col("iccid")).alias("ICCID"),
        pl.col("outcome").cast(pl.String).alias("simferry outcome"),
        _what_to_do(offline).alias("simferry what to do"),
        defused(place.fill_null("neither account")).alias("simferry seen in"),
        pl.when(~_settled()).then(defused(pl.col("next_step"))).alias("simferry next step"),
        *(
            defused(pl.col(name)).alias(f"simferry {name.replace('_', ' ')}")
            for name in ("sim_id", "status_before", "status_now", "device_id", "device_name")
        ),
    )
    return _write(lines, path)


def _settled() -> pl.Expr:
    """Outcomes whose next step says that nothing is to be done, which is true of the move alone."""
    return pl.col("outcome").is_in([str(Outcome.CONFIRMED), str(Outcome.LEFT)])


def _what_to_do(offline: pl.Expr) -> pl.Expr:
    """What a person does about a SIM, in a clause; one that is under way is left alone until its next step is done."""
    device = pl.coalesce("device_name", "device_id")
    patience = pl.when(pl.col("outcome").is_in([str(each) for each in _UNDER_WAY]))
    first = patience.then(pl.lit("where it is still offline after the next step: ")).otherwise(pl.lit(""))
    return pl.concat_str(
        pl.when(offline).then(first + pl.lit("activate the SIM (before: ") + pl.col("status_before") + ")"),
        pl.when(lost_device()).then(pl.lit("attach it to a device again (before: ") + device + ")"),
        separator="; ",
        ignore_nulls=True,
    )


def _write(lines: pl.DataFrame, path: Path) -> Path:
    with replacing(path) as temporary:
        lines.write_csv(temporary)
    return path
