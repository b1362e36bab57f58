"""The tables of a file, open for reading: one for CSV and Parquet, one per worksheet for a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ListError
from inputs.choose import Asked
from inputs.csv_file import CsvFile
from inputs.csv_text import decode
from inputs.detect import Form, detect, said_otherwise
from inputs.package import Package
from inputs.parquet_file import ParquetFile
from inputs.parts import Book, SheetPart, read_book
from inputs.source import Source
from inputs.worksheet import Worksheet
from inputs.xlsx_cells import Meanings
from inputs.xlsx_text import shared_texts


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a file that may hold the list, a remark on its format, and whether the file says it is ours."""

    sources: tuple[Source, ...]
    remark: str
    ours: bool


@contextmanager
def opened(path: Path, asked: Asked) -> Iterator[Tables]:
    """Tables of a file; raises ListError where it is none we read, is broken, or has no sheet as asked for."""
    form = detect(path)
    remark = said_otherwise(path, form)
    match form:
        case Form.CSV:
            text = decode(path.read_bytes(), path.name, asked.encoding, asked.separator)
            yield Tables((CsvFile(text, path.name),), remark, ours=False)
        case Form.PARQUET:
            yield Tables((ParquetFile(path, path.name),), remark, ours=False)
        case Form.XLSX:
            package = Package(path, path.name)
            try:
                yield _workbook(package, asked, remark)
            finally:
                package.close()


def _workbook(package: Package, asked: Asked, remark: str) -> Tables:
    book = read_book(package)
    parts = _asked_for(package, book, asked.sheet)
    meanings = Meanings(shared_texts(package, book.strings_part), book.date_styles, book.from_1904, package.name)
    return Tables(tuple(Worksheet(package, part, meanings) for part in parts), remark, book.ours)


def _asked_for(package: Package, book: Book, sheet: str | None) -> list[SheetPart]:
    """The sheet of that name, or of that number from 1; else the sheets that are shown."""
    if not book.sheets:
        raise ListError(f"{package.name}: the workbook has no worksheet.\nGive a workbook with the list in a sheet.")
    if sheet is None:
        return [part for part in book.sheets if part.shown] or list(book.sheets)
    named = [part for part in book.sheets if part.name.strip().casefold() == sheet.strip().casefold()]
    if not named:
        named = [part for number, part in enumerate(book.sheets, start=1) if str(number) == sheet]
    if not named:
        there = ", ".join(f"“{part.name}”" for part in book.sheets)
        raise ListError(
            f"{package.name}: there is no sheet “{sheet}”; there are {there}.\n"
            f'Say one:  --sheet "{book.sheets[0].name}"'
        )
    return named
