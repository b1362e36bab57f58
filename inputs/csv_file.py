"""A CSV as a source of columns: polars where every line is a record, Python's csv module where quotes span lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice

import polars as pl
from polars.exceptions import PolarsError

from domain.errors import ListError
from domain.lists import KIND_TYPE, Kind
from inputs.csv_records import records
from inputs.csv_text import SEPARATORS, CsvText, first_records, sample
from inputs.limits import COLUMNS_MAX, CSV_FIELD_CHARS_MAX, HEAD_ROWS, ROWS_MAX
from inputs.source import Cell, Head, HeadRow, kind_of, text_of

RECORDS_AT_ONCE = 50_000  # of the slow reader, made into one frame


class CsvFile:
    """The one table of a CSV; every cell is text, as much a number as it looks."""

    form = "csv"
    sheet = ""

    def __init__(self, text: CsvText, name: str) -> None:
        self._text = text
        self._name = name
        records = first_records(sample(text.data), text.separator)
        self._width = max((len(fields) for fields in records), default=1)
        if self._width > COLUMNS_MAX:
            raise ListError(
                f"{name}: {self._width:,} columns are more than the {COLUMNS_MAX:,} we take.\n"
                "Keep the columns with the identifiers and save it again."
            )

    @property
    def details(self) -> str:
        """Separator and encoding in words."""
        separator = SEPARATORS.get(self._text.separator, repr(self._text.separator))
        return f"CSV, {separator}, {self._text.encoding}"

    def head(self) -> Head:
        """First rows that are not blank, numbered as records, cells unwrapped like `columns`."""
        rows: list[HeadRow] = []
        records = csv.reader(io.StringIO(sample(self._text.data), newline="\n"), delimiter=self._text.separator)
        try:
            for number, fields in enumerate(records, start=self._text.first_row):
                cells = {at: Cell(_unwrapped(text), Kind.TEXT) for at, text in enumerate(fields) if text.strip()}
                if cells:
                    rows.append(HeadRow(number, cells))
                if len(rows) >= HEAD_ROWS:
                    break
        except csv.Error:
            pass  # told with its line by `columns`, which reads the whole
        return Head(tuple(rows), self._width)

    def columns(self, wanted: Sequence[int]) -> pl.DataFrame:
        """Wanted columns of all rows that are not blank; raises ListError for a quote that is never closed."""
        frame = self._by_lines(wanted)
        if frame is None:
            frame = self._by_records(wanted)
        if frame.height > ROWS_MAX:
            raise ListError(
                f"{self._name}: {frame.height:,} rows are more than the {ROWS_MAX:,} we take.\nSplit the list."
            )
        longest = frame.select(pl.max_horizontal(pl.col(str(at)).str.len_bytes().max() for at in wanted)).item()
        if longest is not None and longest > CSV_FIELD_CHARS_MAX:
            raise ListError(
                f"{self._name}: a cell is longer than {CSV_FIELD_CHARS_MAX:,} bytes, which no identifier is.\n"
                "Check where the file comes from, and save it again."
            )
        protected = b"=" in self._text.data or b"'" in self._text.data
        texts = [shown(pl.col(str(at)), protected=protected).alias(text_of(at)) for at in wanted]
        kinds = [
            pl.when(pl.col(text_of(at)).is_null())
            .then(pl.lit(Kind.EMPTY, KIND_TYPE))
            .otherwise(pl.lit(Kind.TEXT, KIND_TYPE))
            .alias(kind_of(at))
            for at in wanted
        ]
        return frame.select("row", *texts).with_columns(kinds)

    def _by_lines(self, wanted: Sequence[int]) -> pl.DataFrame | None:
        """Rows that are not blank where each line is a record; None where that does not hold."""
        frame = None if _misquoted(self._text) else self._parse(wanted)
        if frame is None or frame.height != self._text.data.count(b"\n"):
            return None
        frame = frame.with_row_index("row", offset=self._text.first_row)
        filled = pl.any_horizontal(_filled(pl.col(str(at))) for at in wanted)
        if frame.select(filled.all()).item():
            return frame
        # Rows without a wanted cell are kept where any other cell says something: they will be found wanting.
        others = self._parse(range(self._width))
        if others is None:
            return None
        others = others.with_row_index("row", offset=self._text.first_row)
        kept = others.filter(pl.any_horizontal(_filled(pl.exclude("row"))))["row"]
        return frame.join(kept.to_frame(), on="row", how="semi", maintain_order="left")

    def _parse(self, wanted: Sequence[int]) -> pl.DataFrame | None:
        # A heading of our own in front gives polars the width, which it else takes from the first line.
        heading = self._text.separator.join(map(str, range(self._width))).encode() + b"\n"
        try:
            return pl.read_csv(
                io.BytesIO(heading + self._text.data),
                columns=[str(at) for at in sorted(wanted)],
                separator=self._text.separator,
                quote_char='"' if b'"' in self._text.data else None,
                infer_schema=False,
                truncate_ragged_lines=True,
            )
        except PolarsError:
            return None  # quotes that do not pair up for polars; the csv module says what they are

    def _by_records(self, wanted: Sequence[int]) -> pl.DataFrame:
        """Rows that are not blank where quoted fields hold line ends."""
        schema = pl.Schema({"row": pl.UInt32, **{str(at): pl.String for at in wanted}})
        frames = [pl.DataFrame(schema=schema)]
        found = records(self._text, self._name, self._width)
        while chunk := list(islice(found, RECORDS_AT_ONCE)):
            rows = [(row, *(fields[at] if at < len(fields) else None for at in wanted)) for row, fields in chunk]
            frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
        return pl.concat(frames)


def _misquoted(text: CsvText) -> bool:
    """Whether any line has quotes elsewhere than around a cell, doubled inside of it, or within a cell of other text.

    polars drops some of those that a spreadsheet shows: `"x"y""` would be `xy`.
    """
    if b'"' not in text.data:
        return False
    separator = re.escape(text.separator)
    other = rf"\r\n{separator}"
    cell = rf'(?:[^"{other}][^{other}]*|"(?:[^"\n]|"")*"|)'
    sound = pl.Series([text.data.decode()]).str.count_matches(rf"(?m)^{cell}(?:{separator}{cell})*\r?\n").item()
    return int(sound) < text.data.count(b"\n")


def shown(column: pl.Expr, *, protected: bool) -> pl.Expr:
    """Texts that are not blank, and null; out of the wrappings that people protect digits with, where there are any.

    These are `="8988…"` and a leading apostrophe.
    """
    if protected:
        column = column.str.replace(r'^\s*="(.*)"\s*$', "$1").str.replace(r"^\s*'", "")
    return pl.when(_filled(column)).then(column)


def _unwrapped(text: str) -> str:
    if text.lstrip()[:1] not in {"=", "'"}:
        return text
    return str(pl.select(shown(pl.lit(text), protected=True)).item() or "")


def _filled(column: pl.Expr) -> pl.Expr:
    return (column.str.strip_chars().str.len_bytes() > 0).fill_null(value=False)
