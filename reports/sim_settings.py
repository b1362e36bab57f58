"""What SIMs were set to before and are set to now, line by line, what differs coming first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.settings import GROUP, SETTING_STATE_TYPE, SettingState
from reports.delimited import defused
from reports.files import replacing
from reports.group_names import noun
from reports.names import NO_GROUP
from reports.outcome_settings import settings_of_outcomes
from reports.run_report import RunReport
from reports.setting_words import DEVICE, STATES, label_of, value_of

LINES_MAX = 250_000  # in the workbook; settings.csv, or else the sheet Outcomes, has all of them

# One line per SIM and setting: what is compared in words, and the row of the list that names the SIM.
SIM_SETTINGS = pl.Schema(
    {
        "row": pl.UInt32(),
        "state": SETTING_STATE_TYPE,
        "iccid": pl.String(),
        "setting": pl.String(),
        "before": pl.String(),
        "wanted": pl.String(),
        "after": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class SimSettings:
    """The first lines (SIM_SETTINGS), those that differ before all others; how many more; and sentences on them all."""

    lines: pl.DataFrame
    more: int
    meaning: str
    totals: str


def compared_of(report: RunReport) -> pl.DataFrame:
    """What was read and compared (COMPARED); where nothing was, what the outcomes tell."""
    if report.settings_compared.height:
        return report.settings_compared
    return settings_of_outcomes(report.outcomes)


def sim_settings(report: RunReport, compared: pl.DataFrame, lines_max: int = LINES_MAX) -> SimSettings:
    """The comparison (COMPARED) for people, at most so many lines of it."""
    order = {str(state): place for place, state in enumerate(STATES)}
    first = (
        _with_rows(report, compared)
        .sort(
            pl.col("state").cast(pl.String).replace_strict(order, return_dtype=pl.UInt8),
            "row",
            "setting",
            nulls_last=True,
            maintain_order=True,
        )
        .head(lines_max)
    )
    setting, device = pl.col("setting"), pl.col("setting") == DEVICE
    was_device = device & (pl.col("before") == pl.col("device_id"))
    stays = device & (pl.col("after") == pl.col("device_id"))
    read = pl.col("state").is_in([str(SettingState.SAME), str(SettingState.DIFFERS)])
    before, wanted, after = (value_of(setting, pl.col(name), report.groups) for name in ("before", "wanted", "after"))
    device_name = pl.coalesce("device_name", "device_id")
    lines = first.with_columns(
        label_of(setting, noun(report.plan.provider)).alias("setting"),
        pl.when(was_device).then(device_name).otherwise(before).fill_null(NO_GROUP).alias("before"),
        wanted.alias("wanted"),
        pl.when(stays).then(device_name).when(read).then(after.fill_null(NO_GROUP)).otherwise(after).alias("after"),
    )
    return SimSettings(
        lines.select(pl.col(name).cast(kind) for name, kind in SIM_SETTINGS.items()),
        compared.height - first.height,
        _meaning(report, compared),
        totals_of(compared),
    )


def totals_of(compared: pl.DataFrame) -> str:
    """How many of the settings (COMPARED) are as wanted, and what became of the others; "" for none."""
    counted = dict(compared.group_by(pl.col("state").cast(pl.String)).len().iter_rows())
    if not counted:
        return ""
    same, *rest = sorted(STATES, key=lambda state: state is not SettingState.SAME)
    others = [f"{counted[state]:,} {STATES[state].clause}" for state in rest if state in counted]
    return ", ".join([f"{counted.get(same, 0):,} of {compared.height:,} {STATES[same].clause}", *others])


def settings_sentence(report: RunReport) -> str:
    """What the summary says of them, with what to do; "" where there is nothing to compare."""
    compared = compared_of(report)
    totals = totals_of(compared)
    if not totals:
        return ""
    differs = report.settings_compared.height and (compared["state"] == str(SettingState.DIFFERS)).any()
    again = f" `simferry restore {report.plan.run}` sets what differs once more." if differs else ""
    return f"Settings: {totals}. The sheet SIM settings names each.{again}"


def write_settings(report: RunReport, path: Path) -> Path:
    """Write `settings.csv`, for programs: every setting that was compared as it was read, in list order."""
    lines = (
        _with_rows(report, report.settings_compared)
        .sort("row", "setting", nulls_last=True, maintain_order=True)
        .select(
            defused(pl.col("iccid")).alias("ICCID"),
            *(defused(pl.col(name)).alias(name) for name in ("setting", "before", "wanted")),
            defused(pl.col("after")).alias("now"),
            pl.col("state").cast(pl.String).alias("simferry result"),
        )
    )
    with replacing(path) as temporary:
        lines.write_csv(temporary)
    return path


def _with_rows(report: RunReport, compared: pl.DataFrame) -> pl.DataFrame:
    """The comparison with `row`, `iccid` and the device of each SIM; its key where the list does not name it.

    A SIM that several rows name is that of the row which is in a batch.
    """
    named = (
        report.outcomes.filter(pl.col("sim_id").is_not_null())
        .sort(pl.col("batch").is_null(), maintain_order=True)
        .unique("sim_id", keep="first", maintain_order=True)
        .select(pl.col("sim_id").alias("key"), "row", "iccid", "device_id", "device_name")
    )
    return compared.join(named, on="key", how="left", maintain_order="left").with_columns(
        pl.coalesce("iccid", "key").alias("iccid")
    )


def _meaning(report: RunReport, compared: pl.DataFrame) -> str:
    source, target = report.plan.source.name, report.plan.target.name
    grouped = (compared["setting"] == GROUP).any()
    mapped = f" {noun(report.plan.provider)}s belong to one account: wanted is {target}'s that stands for it."
    return (
        f"Before: as read in {source}, before the SIM was touched. Now: as last read in {target}. Not carried: nothing "
        f"that simferry sends can set it in {target}, so somebody does it there by hand. Not seen: the SIM is not in "
        f"{target}, or cannot be read there."
        f"{mapped if grouped else ''}"
    )
