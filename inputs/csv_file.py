"""A CSV as a source of columns: polars where every line is a record, Python's csv module where quotes span lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import polars as pl
from polars.exceptions import PolarsError

from domain.errors import ListError
from domain.lists import KIND_TYPE, Kind
from inputs.csv_text import SEPARATORS, CsvText, first_records, sample
from inputs.limits import COLUMNS_MAX, CSV_FIELD_CHARS_MAX, HEAD_ROWS, ROWS_MAX
from inputs.source import Cell, Head, HeadRow, kind_of, text_of

END = "\x1e"  # ASCII record separator: no cell of a list
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
        texts = [unwrapped(pl.col(str(at))).alias(text_of(at)) for at in wanted]
        kinds = [
            pl.when(pl.col(text_of(at)).is_null()).then(pl.lit(Kind.EMPTY)).otherwise(pl.lit(Kind.TEXT))
            .cast(KIND_TYPE).alias(kind_of(at))
            for at in wanted
        ]  # fmt: skip
        return frame.select("row", *texts).with_columns(kinds)

    def _by_lines(self, wanted: Sequence[int]) -> pl.DataFrame | None:
        """Rows that are not blank where each line is a record; None where that does not hold."""
        lines = self._text.data.count(b"\n") + (not self._text.data.endswith(b"\n") and bool(self._text.data))
        frame = self._parse(wanted)
        if frame is None or frame.height != lines:
            return None
        frame = frame.with_row_index("row", offset=self._text.first_row)
        filled = pl.any_horizontal(_filled(pl.col(str(at))) for at in wanted)
        doubtful = frame.filter(~filled)["row"]
        if doubtful.is_empty():
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
        records = self._records()
        frames = []
        while chunk := list(islice(records, RECORDS_AT_ONCE)):
            columns: dict[str, list[str | int | None]] = {"row": [number for number, _ in chunk]}
            for at in wanted:
                columns[str(at)] = [fields[at] if at < len(fields) else None for _, fields in chunk]
            frames.append(pl.DataFrame(columns, schema={"row": pl.UInt32, **{str(at): pl.String for at in wanted}}))
        return (
            pl.concat(frames)
            if frames
            else pl.DataFrame(schema={"row": pl.UInt32} | {str(at): pl.String for at in wanted})
        )

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Records that are not blank with their numbers; raises ListError where a quote swallows what follows it."""
        csv.field_size_limit(CSV_FIELD_CHARS_MAX)
        lines = io.TextIOWrapper(io.BytesIO(self._text.data), encoding="utf-8", newline="\n")
        ended = False
        number = self._text.first_row
        try:
            for number, fields in enumerate(self._with_end(lines), start=number):  # noqa: B020 - kept for the message
                ended = fields == [END]
                if any("\n" in field and self._swallows(field) for field in fields):
                    raise ListError(self._unclosed(number))
                if not ended and any(field.strip() for field in fields):
                    yield number, fields
        except csv.Error as error:
            raise ListError(self._unclosed(number + 1)) from error
        if not ended:
            raise ListError(self._unclosed(number))

    def _with_end(self, lines: io.TextIOWrapper) -> Iterator[list[str]]:
        # A last record of our own stays a record unless a quote is still open.
        end = "" if self._text.data.endswith(b"\n") else "\n"
        return csv.reader(
            chain(lines, [f"{end}{END}\n"] if not end else [end, f"{END}\n"]), delimiter=self._text.separator
        )

    def _swallows(self, field: str) -> bool:
        """Whether a field of several lines holds what would be a whole record."""
        whole = self._width - 1
        return whole > 0 and any(line.count(self._text.separator) >= whole for line in field.split("\n")[1:-1])

    def _unclosed(self, number: int) -> str:
        return (
            f"{self._name}: row {number:,} opens a quotation mark that is not closed where its cell ends, so the rows "
            "after it would be lost.\nPut that mark right, or save the list again from the spreadsheet."
        )


def unwrapped(column: pl.Expr) -> pl.Expr:
    """Texts without the wrappings people protect digits with: `="…"` and a leading apostrophe; blank ones are null."""
    inner = column.str.replace(r'^\s*="(.*)"\s*$', "$1").str.replace(r"^\s*'", "")
    return pl.when(_filled(inner)).then(inner)


def _unwrapped(text: str) -> str:
    return pl.select(unwrapped(pl.lit(text))).item() or "" if text.lstrip()[:1] in {"=", "'"} else text


def _filled(column: pl.Expr) -> pl.Expr:
    return (column.str.strip_chars() != "").fill_null(value=False)
