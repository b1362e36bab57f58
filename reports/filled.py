"""Data sheets of a skeleton workbook, filled with rows made by the column.

    xlsxwriter (in memory)             polars, slice by slice            one file
    first sheet, styles,       ──►     <row>…</row><row>…</row>   ──►    a workbook
    headings, one pattern row          in place of the pattern row

A million lines take seconds so, where writing them cell by cell takes a minute (docs/benchmarks.md).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reports import rowxml
from reports.data_sheet import FORMATS
from reports.files import replacing
from reports.headings import NUMBERS, Heading, Look
from reports.package import Changes, Pieces, Rewrite, write_package
from reports.palette import Level
from reports.setting_words import STATES
from reports.sheet_styles import letters
from reports.tables import Table, shown
from reports.usage import FULL, HIGH
from reports.words import WORDS

POINTS_PER_LINE = 14.5
LINES_MAX = 20  # that a row shows; Excel takes 409 points
SLICE_LINES = 20_000  # made into XML in one go
_STYLE = re.compile(rb'<c r="[A-Z]+\d+" s="(\d+)"')


@dataclass(frozen=True, slots=True)
class _Filled:
    """A sheet of the skeleton and the lines that belong into it."""

    part: str
    table: Table
    lines: pl.DataFrame
    shared: frozenset[str]


def write_filled(skeleton: bytes, sheets: Sequence[Table], path: Path) -> Path:
    """Write the workbook whose first sheet is done and whose next ones are those of these tables; give its path."""
    texts = rowxml.SharedTexts(first=_texts_in(skeleton))
    filled = [_filled(number, sheet, texts) for number, sheet in enumerate(sheets, start=2) if sheet.lines.height]
    rewritten = {each.part: Rewrite(_Filler(each, texts).stream, _bytes_expected(each)) for each in filled}
    rewritten["xl/sharedStrings.xml"] = Rewrite(lambda pieces: _with_texts(pieces, texts))
    with replacing(path) as temporary:
        write_package(io.BytesIO(skeleton), temporary, Changes(rewritten))
    return path


def _filled(number: int, table: Table, texts: rowxml.SharedTexts) -> _Filled:
    lines = shown(table)
    shared = frozenset(name for name, kind in lines.schema.items() if kind == pl.String and texts.offer(lines[name]))
    return _Filled(f"xl/worksheets/sheet{number}.xml", table, lines, shared)


def _bytes_expected(sheet: _Filled) -> int:
    """Bytes of a sheet's XML, generously: text cells cost their text and about 80 bytes."""
    texts = [name for name, kind in sheet.lines.schema.items() if kind == pl.String and name not in sheet.shared]
    held = sum(int(sheet.lines[name].str.len_bytes().sum()) for name in texts)
    return held + sheet.lines.height * (80 * len(texts) + 50 * sheet.lines.width + 40)


@dataclass(frozen=True, slots=True)
class _Filler:
    """Replaces the pattern row of one sheet by its lines."""

    sheet: _Filled
    texts: rowxml.SharedTexts

    def stream(self, pieces: Pieces) -> Iterator[bytes]:
        """The sheet's XML with its lines; the skeleton's part is small."""
        xml = b"".join(pieces)
        first = len(self.sheet.table.notes) + 2
        pattern = re.search(rf'<row r="{first}".*?</row>'.encode(), xml, re.DOTALL)
        assert pattern is not None, "xlsxwriter wrote no pattern row"
        styles: dict[str, int] = dict(zip(FORMATS, (int(n) for n in _STYLE.findall(pattern.group())), strict=True))
        last = f"{letters(len(self.sheet.table.headings) - 1)}{self.sheet.lines.height + first - 1}"
        yield re.sub(
            rb'<dimension ref="[^"]*"', f'<dimension ref="A1:{last}"'.encode(), xml[: pattern.start()], count=1
        )
        for start in range(0, self.sheet.lines.height, SLICE_LINES):
            part = self.sheet.lines.slice(start, SLICE_LINES).with_row_index("#", offset=start + first)
            yield rowxml.joined(part.with_columns(pl.col("#").cast(pl.String)).select(self._row(styles))["xml"])
        yield xml[pattern.end() :]

    def _row(self, styles: dict[str, int]) -> pl.Expr:
        number = pl.col("#")
        cells = (self._cell(at, heading, number, styles) for at, heading in enumerate(self.sheet.table.headings))
        return rowxml.rows(number, cells, self._height()).alias("xml")

    def _height(self) -> pl.Expr:
        """Points, as text, of rows whose words need several lines; null where one is enough.

        Excel measures rows by itself when it opens a file, other programs do not.
        """
        words = [heading for heading in self.sheet.table.headings if heading.look is Look.WORDS]
        lines = pl.max_horizontal(pl.lit(1), *(_lines_of(pl.col(heading.name), heading.width) for heading in words))
        return pl.when(lines > 1).then((lines * POINTS_PER_LINE + 2).cast(pl.String))

    def _cell(self, at: int, heading: Heading, number: pl.Expr, styles: dict[str, int]) -> pl.Expr:
        value, place = pl.col(heading.name), letters(at)
        if heading.look in NUMBERS:
            look = _by_level(value, styles) if heading.look is Look.SHARE else pl.lit(str(styles[heading.look]))
            return rowxml.number_cell(place, number, value, look)
        style = pl.lit(str(styles[Look.WORDS if heading.look is Look.WORDS else Look.TEXT]))
        if heading.look in {Look.OUTCOME, Look.STATE}:
            labels = {words.label: styles[outcome] for outcome, words in WORDS.items()}
            labels |= {words.label: styles[state] for state, words in STATES.items()}
            style = rowxml.by_value(value, labels, styles[Look.TEXT])
        if heading.name in self.sheet.shared:
            return rowxml.shared_cell(place, number, self.texts.number(value), style)
        return rowxml.text_cell(place, number, value, style)


def _lines_of(text: pl.Expr, width: int) -> pl.Expr:
    """Lines that a text takes in a cell of so many characters, its own ends of lines included; 1 where it is null."""
    characters = text.str.head(rowxml.CELL_CHARACTERS_MAX).str.len_chars()
    return ((characters + width - 1) // width + text.str.count_matches("\n")).clip(1, LINES_MAX).fill_null(1)


def _by_level(share: pl.Expr, styles: dict[str, int]) -> pl.Expr:
    """Style numbers, as text, by how near a share is to the whole."""
    full, high = pl.lit(str(styles[Level.FULL])), pl.lit(str(styles[Level.HIGH]))
    near = pl.when(share >= HIGH).then(high).otherwise(pl.lit(str(styles[Look.SHARE])))
    return pl.when(share >= FULL).then(full).otherwise(near)


def _texts_in(skeleton: bytes) -> int:
    """How many shared texts xlsxwriter wrote."""
    with zipfile.ZipFile(io.BytesIO(skeleton)) as package:
        return package.read("xl/sharedStrings.xml").count(b"<si>")


def _with_texts(pieces: Pieces, texts: rowxml.SharedTexts) -> Iterator[bytes]:
    """The shared texts of the skeleton and ours behind them; the counts, which are optional, are dropped."""
    xml = re.sub(rb' (?:count|uniqueCount)="\d+"', b"", b"".join(pieces), count=2)
    head, _, tail = xml.rpartition(b"</sst>")
    yield head
    yield texts.xml()
    yield b"</sst>" + tail
