"""A worksheet as a source of columns: quickly where its XML is in the common form, exactly where it is not."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from domain.errors import ListError
from domain.lists import Kind
from inputs.limits import HEAD_ROWS, ROWS_MAX_EXCEL
from inputs.package import Package
from inputs.parts import SheetPart
from inputs.source import Cell, Head, HeadRow
from inputs.xlsx_cells import Meanings
from inputs.xlsx_exact import exact_cells, wide
from inputs.xlsx_quick import quick_columns
from inputs.xlsx_text import Unusual

HEAD_PIECE_BYTES = 256 * 1024
QUICK_COLUMNS_MAX = 128  # the quick way looks through each row once for every column


class Worksheet:
    """One worksheet of a workbook."""

    form = "xlsx"

    def __init__(self, package: Package, part: SheetPart, meanings: Meanings) -> None:
        self._package = package
        self._part = part.part
        self._meanings = meanings
        self.sheet = part.name
        self.details = "Excel workbook"

    def head(self) -> Head:
        """First rows that are not blank; raises ListError where the sheet is broken."""
        pieces = self._package.pieces(self._part, HEAD_PIECE_BYTES)
        cells = pl.concat(exact_cells(pieces, self._broken, HEAD_ROWS))
        shown = (
            self._meanings.settle(cells).filter(pl.col("kind") != Kind.EMPTY).sort("row", "column", maintain_order=True)
        )
        rows: dict[int, dict[int, Cell]] = {}
        for row, column, text, kind in shown.select("row", "column", "text", "kind").iter_rows():
            rows.setdefault(row, {})[column] = Cell(text, Kind(kind))
        width = max((max(cells) + 1 for cells in rows.values()), default=0)
        return Head(tuple(HeadRow(number, cells) for number, cells in rows.items()), width)

    def columns(self, wanted: Sequence[int]) -> pl.DataFrame:
        """Wanted columns of all rows that are not blank; raises ListError where the sheet is broken."""
        frames = self._quickly(wanted) if len(wanted) <= QUICK_COLUMNS_MAX else None
        if frames is None:
            frames = [self._exactly(wanted)]
        found = pl.concat(frames)
        if not found["row"].is_sorted():
            found = found.sort("row")
        if found["row"].n_unique() != found.height or found.height > ROWS_MAX_EXCEL:
            raise ListError(self._broken("a row is there twice"))
        return found

    def _quickly(self, wanted: Sequence[int]) -> list[pl.DataFrame] | None:
        try:
            return list(quick_columns(self._package, self._part, self._meanings, wanted))
        except Unusual:
            return None

    def _exactly(self, wanted: Sequence[int]) -> pl.DataFrame:
        parts = []
        for cells in exact_cells(self._package.pieces(self._part), self._broken):
            settled = self._meanings.settle(cells)
            blank = pl.col("kind") == Kind.EMPTY
            parts.append(settled.filter(~blank & pl.col("column").is_in(list(wanted))))
            others = settled.filter(~blank & ~pl.col("column").is_in(list(wanted)))
            parts.append(others.unique("row", maintain_order=True))  # one is enough to keep the row
        return wide(parts, wanted).sort("row")

    def _broken(self, why: str) -> str:
        return self._package.broken(f"sheet “{self.sheet}”: {why}")
