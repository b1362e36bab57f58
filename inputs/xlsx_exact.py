"""A worksheet's cells by any XML parser's rules: for the first rows, and for sheets in no common form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import polars as pl

from domain.errors import ListError
from domain.lists import KIND_TYPE, Kind
from inputs.limits import CELL_CHARS_MAX, COLUMNS_MAX, ROWS_MAX_EXCEL
from inputs.markup import feed, parser
from inputs.source import index_of, kind_of, letter, text_of
from inputs.xlsx_cells import RAW

CELLS_AT_ONCE = 100_000
CHARS_AT_ONCE = 32 * 1024**2
ROW = re.compile(r"[0-9]{1,10}")
STYLE = re.compile(r"[0-9]{1,9}")
REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class CellReader:
    """Gathers the cells of a worksheet from XML events; cells without anything in them are passed over."""

    def __init__(self, broken: Callable[[str], str]) -> None:
        self._broken = broken
        self._row = 0
        self._column = -1
        self._cell: tuple[int, int, str | None, int | None] | None = None
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._phonetic = False
        self._cells: list[tuple[int, int, str | None, int | None, str | None, str | None]] = []
        self._places: set[tuple[int, int]] = set()  # of the cells in the row that is open
        self._chars = 0  # gathered since the last `take`
        self._chars_before = 0  # of them, before the cell that is open
        self.rows_done = 0

    def is_full(self) -> bool:
        """Whether as much was gathered since the last `take` as one frame should hold."""
        return len(self._cells) >= CELLS_AT_ONCE or self._chars >= CHARS_AT_ONCE

    def take(self) -> pl.DataFrame:
        """The cells gathered since the last time, with the schema RAW."""
        taken, self._cells = self._cells, []
        self._chars_before -= self._chars
        self._chars = 0
        return pl.DataFrame(taken, schema=RAW, orient="row")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        match name:
            case "row":
                self._row = self._number(attributes["r"]) if "r" in attributes else self._row + 1
                self._column = -1
                self._places.clear()
            case "c":
                self._begin_cell(attributes)
            case "v":
                if self._cell is not None and self._value is not None:
                    raise ListError(self._broken(f"the cell {letter(self._cell[1])}{self._cell[0]} has two values"))
                self._value = self._into = []
            case "t" if not self._phonetic and self._cell is not None:
                self._value = self._into = self._value if self._value is not None else []
            case "f" if self._cell is not None:
                self._formula = self._into = []
            case "rPh":
                self._phonetic = True
            case _:
                pass

    def text(self, found: str) -> None:
        """Text of the element that is open."""
        if self._into is not None:
            self._into.append(found)
            self._chars += len(found)
            if self._chars - self._chars_before > CELL_CHARS_MAX:
                raise ListError(self._broken(f"a cell is longer than {CELL_CHARS_MAX:,} characters"))

    def end(self, name: str) -> None:
        """An element ends."""
        self._into = None
        match name:
            case "rPh":
                self._phonetic = False
            case "row":
                self.rows_done += 1
            case "c" if self._cell is not None:
                if self._value is not None or self._formula is not None:
                    value = None if self._value is None else "".join(self._value)
                    formula = None if self._formula is None else "".join(self._formula)
                    self._cells.append((*self._cell, value, formula))
                self._cell = self._value = self._formula = None
            case _:
                pass

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            found = REFERENCE.fullmatch(reference)
            if found is None:
                raise ListError(self._broken(f"there is no cell {reference[:20]}"))
            self._column = index_of(found[1])
            self._row = self._number(found[2])
        if self._column >= COLUMNS_MAX or not self._row:
            raise ListError(self._broken("a cell lies outside of the sheet"))
        style = attributes.get("s", "")
        place = (self._row, self._column)
        if place in self._places:
            raise ListError(self._broken(f"the cell {letter(self._column)}{self._row} is there twice"))
        self._places.add(place)
        self._chars_before = self._chars
        self._cell = (self._row, self._column, attributes.get("t"), int(style) if STYLE.fullmatch(style) else None)
        self._value = self._formula = None

    def _number(self, text: str) -> int:
        if not ROW.fullmatch(text) or not 0 < int(text) <= ROWS_MAX_EXCEL:
            raise ListError(self._broken(f"there is no row {text[:20]}"))
        return int(text)


def exact_cells(
    pieces: Iterable[bytes], broken: Callable[[str], str], rows_max: int | None = None
) -> Iterator[pl.DataFrame]:
    """Cells of a worksheet in frames of the schema RAW, whole rows each; raises ListError where the XML is broken.

    With `rows_max`, stops after about that many rows, or as many cells as one frame holds.
    """
    reader = CellReader(broken)
    for _ in feed(parser(reader.begin, reader.end, reader.text), pieces, broken):
        if rows_max is not None and (reader.rows_done >= rows_max or reader.is_full()):
            break
        if reader.is_full() and rows_max is None:
            yield reader.take()
    yield reader.take()


def cells_of(rows: Iterable[str], broken: Callable[[str], str]) -> pl.DataFrame:
    """Cells of rows given as XML, with the schema RAW."""
    whole = b"".join((b"<rows>", "".join(rows).encode(), b"</rows>"))
    return pl.concat(exact_cells([whole], broken))


def wide(parts: Sequence[pl.DataFrame], wanted: Sequence[int]) -> pl.DataFrame:
    """One line per row that is not blank, with text and kind of each wanted column, from settled cells."""
    settled = pl.concat(parts)
    shown = settled.filter(pl.col("kind") != Kind.EMPTY)
    rows = shown.select("row").unique(maintain_order=True)
    cells = shown.unique(["row", "column"], keep="last", maintain_order=True).select("row", "column", "text", "kind")
    by_column, none = cells.partition_by("column", as_dict=True, include_key=False), cells.clear().drop("column")
    columns = [rows]
    for at in wanted:
        found = rows.join(by_column.get((at,), none), on="row", how="left", maintain_order="left")
        kind = pl.col("kind").fill_null(pl.lit(Kind.EMPTY, KIND_TYPE)).alias(kind_of(at))
        columns.append(found.select(pl.col("text").alias(text_of(at)), kind))
    return pl.concat(columns, how="horizontal")
