"""Pairs of groups out of a small table of two columns: which group of the target stands for which of the source.

from          to
West          West EU        names or ids, as each account has them
HF0a3c…       East EU
Test                         an empty cell: no group
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import ListError
from domain.lists import Kind
from inputs.choose import Asked
from inputs.csv_text import SEPARATORS
from inputs.headings import compact
from inputs.limits import HEADING_ROWS_MAX
from inputs.opened import opened
from inputs.source import Head, Source, kind_of, letter, text_of

FILE_BYTES_MAX = 16 * 1024**2
PAIRS_MAX = 10_000
RAW_CHARS_MAX = 40  # of a cell that a message shows

SOURCES = frozenset({"from", "old", "source"})
TARGETS = frozenset({"to", "new", "target"})
BESIDE = re.compile("fleet|group|name|sid|id")  # words that may stand beside these: `old fleet`, `to (group id)`

_AS = {
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.BOOL: "a truth value",
    Kind.ERROR: "an error value",
    Kind.FORMULA: "a formula without a value",
}
_HEADINGS = "Head two columns “from” and “to” (or old and new, source and target), with names or ids below."


@dataclass(frozen=True, slots=True)
class GroupPair:
    """One row: name or id of a group of the source and of the target, "" for no group; `row` as the file shows it."""

    row: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Place:
    """The table with both headings: the row they are in, and the columns below them."""

    table: Source
    heading_row: int
    source: int
    target: int


def read_group_pairs(path: Path, noun: str = "fleet") -> tuple[GroupPair, ...]:
    """The pairs of a CSV or xlsx in its order; rows with neither group are passed over. `noun` is what they are called.

    Raises `ListError` that names file, row and cell: where the file is missing, broken or too large, a heading is
    missing or doubled, a cell is no text, or a group of the source is there twice.
    """
    if not path.is_file():
        raise ListError(f"There is no file {path}. Name a CSV or xlsx with {noun}s.\n{_HEADINGS}")
    if (size := path.stat().st_size) > FILE_BYTES_MAX:
        raise ListError(f"{path.name}: {size:,} bytes are more than the {FILE_BYTES_MAX:,} we take of {noun}s.")
    pairs = _read(path, noun)
    if not pairs:
        raise ListError(f"{path.name}: no {noun} is named below its headings. Fill in one row per {noun}.")
    _refuse_doubled(path.name, pairs, noun)
    return pairs


def _read(path: Path, noun: str) -> tuple[GroupPair, ...]:
    """The pairs as they stand; a CSV is tried with each separator, since names of groups may hold any of them."""
    for asked in (Asked(), *(Asked(separator=separator) for separator in SEPARATORS)):
        with opened(path, asked) as tables:
            places = [place for table in tables.sources if (place := _place(path.name, table)) is not None]
            if len(places) > 1:
                named = " and ".join(f"“{place.table.sheet}”" for place in places)
                raise ListError(f"{path.name}: the sheets {named} both map {noun}s. Keep one of them in the file.")
            if places:
                return tuple(_pairs(path.name, places[0], noun))
    raise ListError(f"{path.name}: no row has both headings, “from” and “to”.\n{_HEADINGS}")


def _place(name: str, table: Source) -> _Place | None:
    """Where the table has both headings, if it has; raises `ListError` where it has one of them twice."""
    for row, texts in _heading_rows(table.head()):
        meant = {at: BESIDE.sub("", compact(text)) for at, text in texts.items()}
        sources, targets = ([at for at, text in meant.items() if text in words] for words in (SOURCES, TARGETS))
        if not sources or not targets:
            continue
        for places in (sources, targets):
            if len(places) > 1:
                cells = " and ".join(f"{letter(at)}{row} “{texts[at].strip()}”" for at in places)
                raise ListError(f"{name}{_sheet(table)}: {cells} say the same. Keep one of the two columns.")
        return _Place(table, row, sources[0], targets[0])
    return None


def _heading_rows(head: Head) -> Iterator[tuple[int, dict[int, str]]]:
    """Rows that may hold the headings, as texts by column."""
    if head.headings is not None:
        yield 0, dict(enumerate(head.headings))
        return
    for row in head.rows[:HEADING_ROWS_MAX]:
        yield row.number, {at: cell.text for at, cell in row.cells.items() if cell.kind is Kind.TEXT}


def _pairs(name: str, place: _Place, noun: str) -> Iterator[GroupPair]:
    below = place.table.columns(sorted((place.source, place.target))).filter(pl.col("row") > place.heading_row)
    if below.height > PAIRS_MAX:
        raise ListError(f"{name}: {below.height:,} rows are more than the {PAIRS_MAX:,} {noun}s we take.")
    cells = [(text_of(at), kind_of(at)) for at in (place.source, place.target)]
    for found in below.select("row", *cells[0], *cells[1]).iter_rows():
        row, *said = found
        source, target = (
            _text(f"{name}{_sheet(place.table)}, cell {letter(at)}{row}", text, Kind(kind), noun)
            for at, (text, kind) in ((place.source, said[:2]), (place.target, said[2:]))
        )
        if source or target:
            yield GroupPair(row, source, target)


def _text(where: str, text: str | None, kind: Kind, noun: str) -> str:
    """What the cell names; raises `ListError` for anything but text, since a number is not repaired into a name."""
    if kind in _AS:
        raw = f" ({text[:RAW_CHARS_MAX]})" if text else ""
        raise ListError(
            f"{where}: {_AS[kind]}{raw} stands where the name or id of a {noun} belongs.\n"
            "Format the column as text, type the name again, and save."
        )
    return (text or "").strip()


def _refuse_doubled(name: str, pairs: tuple[GroupPair, ...], noun: str) -> None:
    first: dict[str, int] = {}
    for pair in pairs:
        if pair.source in first:
            what = f"“{pair.source}”" if pair.source else f"no {noun} (an empty cell)"
            raise ListError(
                f"{name}: rows {first[pair.source]} and {pair.row} both say what becomes of {what}. Keep one of them."
            )
        first[pair.source] = pair.row


def _sheet(table: Source) -> str:
    return f", sheet “{table.sheet}”" if table.sheet else ""
