"""SIMs as they come, gathered into columns: rows of the inventory, settings, further numbers; memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from domain.identifiers import BODY_DIGITS
from domain.inventory import ALIASES, INVENTORY
from domain.settings import SETTINGS
from providers.soracom_sims import Shown

SIMS_AT_ONCE = 20_000  # that are objects in memory before they become columns


@dataclass(frozen=True, slots=True)
class Sought:
    """The numbers that a list names: ids of SIMs, ICCIDs and IMSIs, in one set since none is another's."""

    numbers: frozenset[str]
    ids: tuple[str, ...]  # by which SIMs can be asked for, one for each line that has any
    by_imsi: bool  # some line has an IMSI alone

    def has(self, shown: Shown) -> bool:
        """Whether the SIM is one of those."""
        if shown.sim_id in self.numbers or shown.imsi in self.numbers:
            return True
        return any(number in self.numbers for pair in shown.aliases for number in pair)


def sought_in(wanted: pl.DataFrame) -> Sought:
    """What the lines of a list name; they have `iccid`, `imsi` and `sim_id`, of which each may lack some."""
    known = pl.coalesce("sim_id", pl.col("iccid").str.slice(0, BODY_DIGITS))
    lines = wanted.select("iccid", "imsi", "sim_id", known.alias("id")).with_columns(
        pl.when(pl.all().str.len_chars() > 0).then(pl.all())
    )
    ids = lines["id"].drop_nulls().unique(maintain_order=True)
    numbers = frozenset(pl.concat([lines[name] for name in lines.columns]).drop_nulls().unique())
    return Sought(numbers, tuple(ids), lines.filter(pl.col("id").is_null(), pl.col("imsi").is_not_null()).height > 0)


@dataclass(slots=True)
class Columns:
    """What was gathered of one operator's SIMs; of SIMs that are not `sought`, settings and numbers are passed over."""

    operator: str
    sought: Sought | None = None
    ids: set[str] = field(default_factory=set)
    pages: int = 0
    came_twice: int = 0
    _waiting: list[Shown] = field(default_factory=list)
    _sims: list[pl.DataFrame] = field(default_factory=list)
    _settings: list[pl.DataFrame] = field(default_factory=list)
    _aliases: list[pl.DataFrame] = field(default_factory=list)

    def add(self, shown: Iterable[Shown]) -> None:
        """Take these in; those of another operator are left out."""
        for sim in shown:
            if sim.operator not in {"", self.operator}:
                continue
            self.came_twice += sim.sim_id in self.ids
            self.ids.add(sim.sim_id)
            self._waiting.append(sim)
        if len(self._waiting) >= SIMS_AT_ONCE:
            self._turn()

    def sims(self) -> pl.DataFrame:
        """All of them (INVENTORY)."""
        return self._whole(self._sims, INVENTORY)

    def settings(self) -> pl.DataFrame:
        """What those that are sought are set to (SETTINGS)."""
        return self._whole(self._settings, SETTINGS)

    def aliases(self) -> pl.DataFrame:
        """Their further numbers (ALIASES)."""
        return self._whole(self._aliases, ALIASES)

    def _whole(self, frames: list[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
        self._turn()
        return pl.concat([pl.DataFrame(schema=schema), *frames])

    def _turn(self) -> None:
        """Objects into columns."""
        shown, self._waiting = self._waiting, []
        if not shown:
            return
        ours = shown if self.sought is None else [sim for sim in shown if self.sought.has(sim)]
        self._sims.append(rows_of(shown))
        self._settings.append(settings_of(ours))
        self._aliases.append(aliases_of(ours))


def rows_of(shown: Iterable[Shown]) -> pl.DataFrame:
    """Rows (INVENTORY) of these SIMs: what a list matches them by is their id, which is their ICCID."""
    sims = list(shown)
    ids = [sim.sim_id for sim in sims]
    nothing = [None] * len(sims)
    columns = {
        "key": ids,
        "sim_id": ids,
        "iccid": ids,
        "imsi": [sim.imsi for sim in sims],
        "status": [sim.status for sim in sims],
        "device_id": nothing,
        "device_name": nothing,
        "group": [sim.group for sim in sims],
        "name": [sim.name for sim in sims],
        "type": [sim.type for sim in sims],
    }
    return pl.DataFrame(columns, schema=INVENTORY)


def settings_of(shown: Iterable[Shown]) -> pl.DataFrame:
    """What these SIMs are set to (SETTINGS)."""
    lines = [(sim.sim_id, setting, value) for sim in shown for setting, value in sim.settings]
    return _long(lines, SETTINGS)


def aliases_of(shown: Iterable[Shown]) -> pl.DataFrame:
    """The further numbers of these SIMs (ALIASES)."""
    return _long([(sim.sim_id, *pair) for sim in shown for pair in sim.aliases], ALIASES)


def _long(lines: Sequence[tuple[str | None, ...]], schema: pl.Schema) -> pl.DataFrame:
    columns = zip(*lines, strict=True) if lines else ((), (), ())
    return pl.DataFrame(dict(zip(schema.names(), map(list, columns), strict=True)), schema=schema)
