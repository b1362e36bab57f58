"""Lists to measure with: any number of SIMs with four more columns beside them, as CSV or as Excel would lay it out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import polars as pl
import xlsxwriter

from domain.identifiers import BODY_DIGITS, luhn_digit

HEADINGS = ("ICCID", "Name", "Customer", "Plan", "Comment")
FIRST_BODY = 8_988_303_000_000_000_000
ROWS_PER_BAD = 100  # one row in so many has a wrong check digit
ROWS_AT_ONCE = 5_000
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def list_frame(rows: int) -> pl.DataFrame:
    """HEADINGS as text: 20-digit ICCIDs, one in ROWS_PER_BAD with a wrong check digit."""
    number, body = pl.int_range(rows, dtype=pl.UInt64), (pl.int_range(rows, dtype=pl.UInt64) + FIRST_BODY)
    frame = pl.select(number=number, body=body).with_columns(check=luhn_digit(pl.col("body"), BODY_DIGITS))
    wrong = (pl.col("check").cast(pl.UInt8) + 1) % 10
    bad = pl.col("number") % ROWS_PER_BAD == ROWS_PER_BAD // 2
    digit = pl.when(bad).then(wrong.cast(pl.String)).otherwise("check")
    return frame.select(
        (pl.col("body").cast(pl.String) + digit).alias("ICCID"),
        pl.format("device {}", "number").alias("Name"),
        pl.format("customer {}", pl.col("number") % 977).alias("Customer"),
        pl.format("plan {}", pl.col("number") % 13).alias("Plan"),
        pl.format("some comment {}", "number").alias("Comment"),
    )


def write_list(folder: Path, form: str, rows: int) -> Path:
    """The list of so many rows as `form` ("csv" or "xlsx"), made where it is not in `folder` yet."""
    path = folder / f"list-{rows}.{form}"
    if path.exists():
        return path
    if form == "csv":
        list_frame(rows).write_csv(path)
    else:
        _write_xlsx(path, list_frame(rows))
    return path


def _write_xlsx(path: Path, frame: pl.DataFrame) -> None:
    """Write a workbook as Excel lays it out, with shared texts, but without a library's minutes."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet().write_string(0, 0, "x")
    with zipfile.ZipFile(content) as model, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for name in model.namelist():
            if name not in {SHEET, STRINGS}:
                made.writestr(name, model.read(name))
        with made.open(SHEET, "w", force_zip64=True) as file:
            _write_part(file, _sheet_xml(frame.height), model.read(SHEET), b"<sheetData>", b"</sheetData>")
        with made.open(STRINGS, "w", force_zip64=True) as file:
            _write_part(file, _strings_xml(frame), SST + b"</sst>", SST, b"</sst>")


def _write_part(file: IO[bytes], items: Iterable[str], model: bytes, begin: bytes, end: bytes) -> None:
    before, _, rest = model.partition(begin)
    file.write(before + begin)
    buffer: list[str] = []
    for item in items:
        buffer.append(item)
        if len(buffer) == ROWS_AT_ONCE:
            file.write("".join(buffer).encode())
            buffer.clear()
    file.write("".join(buffer).encode() + end + rest.partition(end)[2])


def _sheet_xml(rows: int) -> Iterator[str]:
    text = 0
    for row in range(1, rows + 2):
        cells = "".join(f'<c r="{column}{row}" t="s"><v>{text + at}</v></c>' for at, column in enumerate("ABCDE"))
        text += len(HEADINGS)
        yield f'<row r="{row}" spans="1:5">{cells}</row>'


def _strings_xml(frame: pl.DataFrame) -> Iterator[str]:
    yield "".join(f"<si><t>{heading}</t></si>" for heading in HEADINGS)
    for row in frame.iter_rows():
        yield "".join(f"<si><t>{text}</t></si>" for text in row)
