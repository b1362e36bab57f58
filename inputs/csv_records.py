"""The records of a CSV one by one, for files whose quoted fields hold line ends, watching for quotes never closed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from domain.errors import ListError
from inputs.csv_text import CsvText
from inputs.limits import CSV_FIELD_CHARS_MAX

LONG_NUMBER = re.compile(r"\d{14}")


class _Lines:
    """Lines of a text that remembers those given since it was last asked, and how many there were."""

    def __init__(self, data: bytes) -> None:
        self._lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n")
        self._given: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._given.append(line)
            yield line

    def since(self) -> list[str]:
        """Lines given since the last time."""
        given, self._given = self._given, []
        return given


def records(text: CsvText, name: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, with their numbers; raises ListError where a quote swallows what follows it."""
    csv.field_size_limit(CSV_FIELD_CHARS_MAX)
    lines = _Lines(text.data)
    reader = csv.reader(iter(lines), delimiter=text.separator)
    number = text.first_row
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise ListError(_unclosed(name, number)) from error
        if fields is None:
            return
        spanned = lines.since()
        if len(spanned) > 1 and not _sound(spanned, fields, text.separator, width):
            raise ListError(_unclosed(name, number))
        if any(field.strip() for field in fields):
            yield number, fields
        number += 1


def _sound(lines: list[str], fields: list[str], separator: str, width: int) -> bool:
    """Whether a record of several lines closes its quotes where its fields end, and holds no record in a field."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return False
    inner = [line for field in fields for line in field.split("\n")[1:]]
    return not any(line.count(separator) >= max(1, width - 1) and LONG_NUMBER.search(line) for line in inner)


def _unclosed(name: str, number: int) -> str:
    return (
        f"{name}: row {number:,} opens a quotation mark that is not closed where its cell ends, so the rows after it "
        "would be lost.\nPut that mark right, or save the list again from the spreadsheet."
    )
