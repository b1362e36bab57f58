"""What every format offers: the first rows to choose columns by, and then whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import polars as pl

from domain.lists import Kind


class Cell(NamedTuple):
    """A cell as the file has it: its text, and what it was."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A row with at least one cell that is not blank: 1-based number in the file, cells by 0-based column."""

    number: int
    cells: dict[int, Cell]


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a table that are not blank, and how many columns it has as far as they show.

    `headings` are the names of a format that keeps them apart from its rows (Parquet), else None.
    """

    rows: tuple[HeadRow, ...]
    width: int
    headings: tuple[str, ...] | None = None


class Source(Protocol):
    """One table of cells, wherever it is kept."""

    @property
    def form(self) -> str:
        """Format: csv, xlsx or parquet."""

    @property
    def sheet(self) -> str:
        """Name of the sheet, or nothing."""

    @property
    def details(self) -> str:
        """How it is read, for people."""

    def head(self) -> Head:
        """First rows of the table; raises ListError where it is broken."""

    def columns(self, wanted: Sequence[int]) -> pl.DataFrame:
        """All rows that are not wholly blank: `row` (UInt32), then `text_N`, `kind_N` for each wanted column N.

        A blank cell has null text and kind `empty`. Raises ListError where the table is broken or too large.
        """


def text_of(index: int) -> str:
    """Name of the text of column `index` in what `Source.columns` gives."""
    return f"text_{index}"


def kind_of(index: int) -> str:
    """Name of the kind of column `index` in what `Source.columns` gives."""
    return f"kind_{index}"


def letter(index: int) -> str:
    """Letters of a 0-based column as a spreadsheet shows them: 0 is A, 26 is AA."""
    letters = ""
    place = index + 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def index_of(letters: str) -> int:
    """0-based column of letters as a spreadsheet shows them; the reverse of `letter`."""
    index = 0
    for character in letters.upper():
        index = index * 26 + ord(character) - ord("A") + 1
    return index - 1
