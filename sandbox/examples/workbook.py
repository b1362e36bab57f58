"""The workbook around an example's rows: titles, headings, widths, a second sheet, and no trace of when."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

MADE = datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 - workbooks keep times without a zone
CONTACTS = (
    ("Depot", "Name", "Mail"),
    ("Aachen", "Jürgen Weiß", "weiss@acme.example"),
    ("Como", "Chiara Riva", "riva@acme.example"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands around the rows; columns are counted from 1, and the last one holds notes."""

    title: str
    subtitle: str
    header_row: int
    columns: tuple[tuple[str, int], ...]  # heading, width
    identifiers: tuple[int, ...]


def write_workbook(file: Path, layout: Layout, rows: Sequence[Sequence[Any]]) -> None:
    """Write `rows` below the headings; an empty row stays blank."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Rollout"
    sheet["A1"] = layout.title
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = layout.subtitle
    for column, (heading, width) in enumerate(layout.columns, start=1):
        cell = sheet.cell(layout.header_row, column, heading)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = f"A{layout.header_row + 1}"
    for number, row in enumerate(rows, start=layout.header_row + 1):
        for column, value in enumerate(row, start=1):
            _put(sheet, layout, number, column, value)
    contacts = book.create_sheet("Contacts")
    for line in CONTACTS:
        contacts.append(line)
    _save(book, file)


def _put(sheet: Worksheet, layout: Layout, number: int, column: int, value: Any) -> None:  # noqa: ANN401 - any cell
    if value is None:
        return
    cell = sheet.cell(number, column, value)
    if column in layout.identifiers and isinstance(value, str):
        cell.number_format = "@"
    if column == len(layout.columns):
        cell.data_type = "s"  # a note that begins with = is still a note


def _save(book: Workbook, file: Path) -> None:
    """Save without the times that openpyxl and zip put in, so that the same rows make the same file."""
    book.properties.created = MADE
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name in parts.namelist():
            part = parts.read(name)
            if name == "docProps/core.xml":
                stamp = f"{MADE:%Y-%m-%dT%H:%M:%SZ}</dcterms:modified>".encode()
                part = re.sub(rb"[0-9TZ:-]+</dcterms:modified>", stamp, part)
            entry = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, part)
