"""What the SIMs of a run were set to, put into its folder before they are touched."""

from __future__ import annotations

from threading import Lock

import polars as pl

from domain.settings import SETTINGS
from journal.files import write_frame
from journal.run_folder import RunFolder


class Shelf:
    """The settings (SETTINGS) of a run's SIMs: as the plan saw them, and as the look before each batch did."""

    def __init__(self, folder: RunFolder, steps: pl.DataFrame) -> None:
        self._folder = folder
        self._lock = Lock()
        self._planned: pl.DataFrame | None = None
        self.groups_to = steps.select("key", "group_to").drop_nulls("key").unique("key", keep="first")

    def put_away(self, batch: int, keys: pl.Series, settings: pl.DataFrame) -> None:
        """Save what these SIMs of a batch are set to now, durably, in the place of what was saved of them before."""
        with self._lock:
            path = self._folder.settings_before(batch)
            if path.exists():
                others = self._folder.load_frame(path).filter(~pl.col("key").is_in(keys.implode()))
                settings = pl.concat([others, settings])
            write_frame(path, settings)

    def before(self, batch: int, keys: pl.Series) -> pl.DataFrame:
        """What these SIMs of a batch were set to, by the last look before they were touched, else by the plan's."""
        path = self._folder.settings_before(batch)
        looked = self._folder.load_frame(path) if path.exists() else pl.DataFrame(schema=SETTINGS)
        mine = looked.filter(pl.col("key").is_in(keys.implode()))
        unlooked = keys.filter(~keys.is_in(mine["key"].unique().implode()))  # every SIM that is read has some setting
        if unlooked.is_empty():
            return mine
        return pl.concat([mine, self._as_planned().filter(pl.col("key").is_in(unlooked.implode()))])

    def all_before(self) -> pl.DataFrame:
        """The same of all SIMs of the run."""
        looked = self._folder.all_settings_before()
        return pl.concat([looked, self._as_planned().join(looked.select("key").unique(), on="key", how="anti")])

    def _as_planned(self) -> pl.DataFrame:
        if self._planned is None:
            path = self._folder.settings_planned
            self._planned = self._folder.load_frame(path) if path.exists() else pl.DataFrame(schema=SETTINGS)
        return self._planned
