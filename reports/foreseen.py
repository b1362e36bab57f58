"""`settings.csv` of a plan: what every SIM is set to, and what will become of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.settings import GROUP, wanted_of
from reports.delimited import defused
from reports.files import replacing

SETTINGS_FILE = "settings.csv"
_CARRIED = "put back by simferry after the transfer"
_BY_HAND = "lost: to be set by hand in the target"
_NO_GROUP = "lost: the target has no group that stands for it"
_TAKEN_OFF = "taken off, as asked for"


def write_foreseen(steps: pl.DataFrame, settings: pl.DataFrame, path: Path, *, restores: bool) -> Path:
    """Write one line per SIM of `steps` (STEPS) and setting (SETTINGS), in list order; appears whole or not at all.

    Without `restores` nothing is put back.
    """
    named = steps.select("key", "row", "iccid").unique("key", keep="first", maintain_order=True)
    group = pl.col("setting") == GROUP
    becomes = (
        pl.when(group & pl.col("wanted").is_null())
        .then(pl.lit(_NO_GROUP))
        .when(pl.col("wanted") == "")
        .then(pl.lit(_TAKEN_OFF))
        .when(pl.col("wanted").is_null() | pl.lit(not restores))
        .then(pl.lit(_BY_HAND))
        .otherwise(pl.lit(_CARRIED))
    )
    lines = (
        wanted_of(settings, steps)
        .join(named, on="key", maintain_order="left")
        .sort("row", "setting", maintain_order=True)
        .select(
            pl.col("row").alias("Row"),
            defused(pl.col("iccid")).alias("ICCID"),
            defused(pl.col("setting")).alias("setting"),
            defused(pl.col("value")).alias("now"),
            becomes.alias("what becomes of it"),
        )
    )
    with replacing(path) as temporary:
        lines.write_csv(temporary)
    return path
