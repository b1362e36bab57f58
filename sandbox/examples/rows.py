"""A row of an example list, and the SIMs that rows are made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from sandbox.accounts import SOURCE, TARGET
from sandbox.emnify.words import Status
from sandbox.world import SIMS_DEFAULT

CONFIRMED = {"confirmed/eligible": 1}
SITES = ("Aachen", "Brno", "Como", "Dijon", "Évora", "Gera", "Köln", "Málaga")
CUSTOMERS = ("Nordlicht Logistik", "O'Hara & Sons", "Müller Kühltransporte", "Vale Agro", "Zürcher Werke")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: its identifier cells, what it is in words, and how many SIMs end as what."""

    sim: str | float | bool | datetime | None
    words: str
    ends: dict[str, int] = field(default_factory=lambda: dict(CONFIRMED))
    imsi: str | float | None = None
    warning: str | None = None
    detached: dict[str, int] | None = None
    deactivated: dict[str, int] | None = None
    notes: str | None = None

    def expected(self) -> dict[str, object]:
        """The row's entry in the file of expectations."""
        entry: dict[str, object] = {"is": self.words, "ends": self.ends}
        if self.warning is not None:
            entry["warning"] = self.warning
        if self.detached is not None:
            entry["detached"] = self.detached
        if self.deactivated is not None:
            entry["deactivated"] = self.deactivated
        return entry


def rejected(sim: str | float | bool | datetime | None, code: str, words: str, imsi: str | float | None = None) -> Row:  # noqa: FBT001 - a cell may hold a truth value
    """A row that the gate turns away."""
    return Row(sim, words, {f"rejected/{code}": 1}, imsi)


def refused(sim: str | None, code: str, words: str, imsi: str | None = None) -> Row:
    """A row that the plan won't touch."""
    return Row(sim, words, {f"refused/{code}": 1}, imsi)


@dataclass(slots=True)
class Stock:
    """The world's SIMs by what they are; taking one uses it up, so that no SIM is named twice by accident."""

    frame: pl.DataFrame
    movable: Iterator[dict[str, str]]

    def take(self) -> dict[str, str]:
        """A SIM that can move."""
        return next(self.movable)

    def others(self, workspace: int, *conditions: pl.Expr) -> list[dict[str, str]]:
        """SIMs elsewhere, or under other conditions; never movable ones of the source."""
        return self.frame.filter(pl.col("workspace_id") == workspace, *conditions).rows(named=True)


def movable(source: pl.DataFrame) -> pl.DataFrame:
    """The SIMs of `source` that a plan without options moves."""
    allowed = pl.col("status").is_in([Status.ISSUED, Status.ACTIVATED, Status.SUSPENDED, Status.FACTORY_TEST])
    return source.filter(allowed, pl.col("endpoint_id").is_null())


def write_expected(
    file: Path, name: str, rows: dict[int, Row], source: int | str = SOURCE, target: int | str = TARGET
) -> None:
    """Expectations with their sum, one row of the list on each line."""
    totals: dict[str, int] = {}
    for row in rows.values():
        for end, sims in row.ends.items():
            totals[end] = totals.get(end, 0) + sims
    head = {
        "list": name,
        "sims": SIMS_DEFAULT,
        "seed": 1,
        "from": source,
        "to": target,
        "totals": dict(sorted(totals.items())),
    }
    lines = [f'    "{number}": {json.dumps(row.expected(), ensure_ascii=False)}' for number, row in rows.items()]
    text = json.dumps(head, indent=2)[:-2] + ',\n  "rows": {\n' + ",\n".join(lines) + "\n  }\n}\n"
    file.write_text(text, encoding="utf-8")
