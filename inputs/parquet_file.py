"""A Parquet file as a source of columns: what is text there is text, and numbers are seen as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from domain.errors import ListError
from domain.lists import KIND_TYPE, Kind
from inputs.limits import CELL_CHARS_MAX, COLUMNS_MAX, HEAD_ROWS, ROWS_MAX
from inputs.source import Cell, Head, HeadRow, kind_of, text_of

DAMAGE = (PolarsError, PanicException, OSError)  # polars panics on some damaged files
ASCII = "^(?:[2-7][0-9a-f]|0[9ad])*$"  # bytes in hexadecimal that are text


class ParquetFile:
    """The one table of a Parquet file; rows are numbered from 1."""

    form = "parquet"
    sheet = ""
    details = "Parquet"

    def __init__(self, path: Path, name: str) -> None:
        """Look at the schema and the number of rows; raises ListError where the file is damaged or too large."""
        self._name = name
        self._path = path
        try:
            with path.open("rb") as file:
                self._schema = pl.read_parquet_schema(file)
            self._headings = tuple(self._schema)
            rows = self._height()
        except DAMAGE as error:
            raise ListError(self._broken(error)) from error
        if not self._headings:
            raise ListError(f"{name}: the Parquet file has no columns.\nGive a list with at least one column.")
        if len(self._headings) > COLUMNS_MAX or rows > ROWS_MAX:
            raise ListError(
                f"{name}: {rows:,} rows and {len(self._headings):,} columns are more than the {ROWS_MAX:,} rows and "
                f"{COLUMNS_MAX:,} columns we take.\nSplit the list."
            )

    def head(self) -> Head:
        """First rows that are not blank."""
        width = len(self._headings)
        frame = self._frame(range(width), HEAD_ROWS)
        rows = []
        for values in frame.iter_rows(named=True):
            cells = {
                at: Cell(values[text_of(at)], Kind(values[kind_of(at)]))
                for at in range(width)
                if values[text_of(at)] is not None
            }
            rows.append(HeadRow(values["row"], cells))
        return Head(tuple(rows), width, self._headings)

    def columns(self, wanted: Sequence[int]) -> pl.DataFrame:
        """Wanted columns of all rows that are not blank; raises ListError where the file is damaged."""
        return self._frame(wanted, None)

    def _frame(self, wanted: Sequence[int], rows_max: int | None) -> pl.DataFrame:
        frame = self._read(wanted, rows_max).with_row_index("row", offset=1)
        texts = frame.select("row", *(self._text(at).alias(text_of(at)) for at in wanted))
        texts = texts.with_columns(_shown(pl.col(text_of(at))) for at in wanted)
        nothing = pl.all_horizontal(pl.col(text_of(at)).is_null() for at in wanted)
        blank = texts.filter(nothing)["row"]
        if not blank.is_empty() and len(wanted) < len(self._headings):
            others = [at for at in range(len(self._headings)) if at not in wanted]
            rest = self._read(others, rows_max).with_row_index("row", offset=1)
            said = pl.any_horizontal(_shown(self._text(at)).is_not_null() for at in others)
            blank = rest.filter(pl.col("row").is_in(blank.implode()) & ~said)["row"]
        texts = texts.filter(~pl.col("row").is_in(blank.implode()))
        return texts.with_columns(
            pl.when(pl.col(text_of(at)).is_null())
            .then(pl.lit(Kind.EMPTY))
            .otherwise(pl.lit(_kind(self._schema[self._headings[at]])))
            .cast(KIND_TYPE)
            .alias(kind_of(at))
            for at in wanted
        )

    def _text(self, at: int) -> pl.Expr:
        column, kind = pl.col(self._headings[at]), self._schema[self._headings[at]]
        if kind == pl.Binary:  # how some writers keep text; what is none is shown as bytes, which no identifier is
            shown = column.bin.encode("hex")
            text = shown.str.contains(ASCII)  # the cast checks the bytes behind nulls too, so there are none
            return (
                pl.when(text)
                .then(pl.when(text).then(column).otherwise(pl.lit(b"")).cast(pl.String))
                .otherwise("0x" + shown)
            )
        if kind.is_nested():
            return pl.when(column.is_not_null()).then(pl.lit(f"({kind.base_type()})"))
        return column.cast(pl.String)

    def _read(self, wanted: Sequence[int], rows_max: int | None) -> pl.DataFrame:
        try:
            with self._path.open("rb") as file:
                names = [self._headings[at] for at in wanted]
                found = pl.read_parquet(file, columns=names, n_rows=rows_max)
        except DAMAGE as error:
            raise ListError(self._broken(error)) from error
        lengths = found.select(
            pl.col(pl.String).str.len_bytes().max(), pl.col(pl.Binary).bin.size().max()
        )  # one text of a dictionary may stand in millions of rows, and is then copied for each
        if any(length > CELL_CHARS_MAX for length in chain.from_iterable(lengths.iter_rows()) if length is not None):
            raise ListError(
                f"{self._name}: a cell is longer than {CELL_CHARS_MAX:,} bytes.\n"
                "Keep the columns with the identifiers and write it again."
            )
        return found

    def _height(self) -> int:
        with self._path.open("rb") as file:
            return int(pl.scan_parquet(file).select(pl.len()).collect().item())

    def _broken(self, error: BaseException) -> str:
        why = str(error).partition("\n")[0][:200]
        return f"{self._name}: the Parquet file is damaged ({why}).\nWrite it again where it came from."


def _shown(text: pl.Expr) -> pl.Expr:
    return pl.when((text.str.strip_chars() != "").fill_null(value=False)).then(text)


def _kind(kind: pl.DataType) -> Kind:
    if kind.is_numeric():
        return Kind.NUMBER
    if kind.is_temporal():
        return Kind.DATE
    if kind == pl.Boolean:
        return Kind.BOOL
    return Kind.ERROR if kind.is_nested() else Kind.TEXT
