"""What SIMs are set to, as far as their outcomes tell: the device and the group, where nothing else was saved."""

from __future__ import annotations

import polars as pl

from domain.inventory import Side
from domain.settings import COMPARED, GROUP, SETTING_STATE_TYPE, SettingState
from reports.setting_words import DEVICE


def settings_of_outcomes(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Device and group of every SIM that arrived, before and now (COMPARED), ordered by key and setting.

    `outcomes` OUTCOMES; `key` is their `sim_id`. A group is to be what the plan wanted. Nothing was wanted of a device:
    it is the same, another, or lost. A device that a SIM had not had is none of ours.
    """
    arrived = outcomes.filter(
        pl.col("batch").is_not_null(), pl.col("side_now") == str(Side.TARGET), pl.col("sim_id").is_not_null()
    ).unique("sim_id", keep="first", maintain_order=True)
    grouped = pl.col("group").is_not_null() | (pl.col("group_to").fill_null("") != "")
    parts = (
        _lines(arrived.filter(pl.col("device_id").is_not_null()), DEVICE, "device_id", None, "device_now"),
        _lines(arrived.filter(grouped), GROUP, "group", "group_to", "group_now"),
    )
    return pl.concat([part.with_columns(_state().alias("state")) for part in parts]).sort("key", "setting")


def _lines(sims: pl.DataFrame, setting: str, before: str, wanted: str | None, after: str) -> pl.DataFrame:
    """One setting of each SIM; its state is not judged yet."""
    return sims.select(
        pl.col("sim_id").alias("key"),
        pl.lit(setting).alias("setting"),
        pl.col(before).alias("before"),
        (pl.col(wanted) if wanted else pl.lit(None, pl.String)).alias("wanted"),
        pl.col(after).alias("after"),
        pl.lit(None, SETTING_STATE_TYPE).alias("state"),
    ).cast(COMPARED)


def _state() -> pl.Expr:
    """As wanted, or, where nothing was, as before; else another, or none."""
    aimed = pl.col("wanted").is_not_null()
    same = (
        pl.when(aimed)
        .then(pl.col("after").fill_null("") == pl.col("wanted"))
        .otherwise(pl.col("after") == pl.col("before"))
    )
    lost = ~aimed & pl.col("after").is_null()
    return (
        pl.when(same.fill_null(value=False))
        .then(pl.lit(str(SettingState.SAME)))
        .when(lost)
        .then(pl.lit(str(SettingState.LOST)))
        .otherwise(pl.lit(str(SettingState.DIFFERS)))
        .cast(SETTING_STATE_TYPE)
    )
