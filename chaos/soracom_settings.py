"""What a report says that Soracom's SIMs are set to now, held against the books."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.settings import CARRIED, SETTINGS
from journal.files import read_frame
from journal.run_folder import RunFolder
from sandbox.soracom.truth import Truth


def settings_untrue(folder: RunFolder, home: Path) -> list[str]:
    """Settings of the last report that are not so, and those of the same SIMs that are and are not in it."""
    if not folder.settings_after.exists():
        return []
    told = _carried(read_frame(folder.settings_after, "").cast(SETTINGS))
    there = _carried(Truth(home).settings(told["key"].unique()))
    both = told.join(there, on=["key", "setting"], how="full", coalesce=True, suffix="_is")
    false = both.filter(pl.col("value").ne_missing(pl.col("value_is"))).sort("key", "setting")
    return [f"{key}: {setting} is said to be {said}, and is {so}" for key, setting, said, so in false.iter_rows()]


def _carried(settings: pl.DataFrame) -> pl.DataFrame:
    kind = pl.col("setting").str.split(":").list.first()
    return settings.filter(kind.is_in(list(CARRIED)))
