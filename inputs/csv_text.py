r"""CSV bytes of any origin made UTF-8 with `\n` between lines: encodings, byte order marks, separators."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import ListError
from inputs.headings import Meaning, meaning
from inputs.limits import CSV_FIELD_CHARS_MAX, HEAD_BYTES, HEAD_ROWS, HEADING_ROWS_MAX

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "pipe"}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
UNTELLING = {None, Meaning.FROM, Meaning.UNTIL}  # words like `a` are in rows as well as in headings
DECIMAL_COMMA = re.compile(r"\s*\d,\d+[Ee]\+?\d{2,3}\s*")  # a row that is one damaged number, as German Excel has it
GUESS_BYTES = 4096  # looked at for UTF-16 without a mark
GUESS_SHARE = 0.4  # of these being NUL on one side only: Latin text in UTF-16 has half


@dataclass(frozen=True, slots=True)
class CsvText:
    r"""A CSV as UTF-8 bytes whose lines end in `\n` (or `\r\n`), the last one too, and how it was found.

    `first_row` is the number of the first line in `data`: 2 where a line `sep=;` was taken off.
    """

    data: bytes
    encoding: str
    separator: str
    first_row: int


def decode(raw: bytes, name: str, encoding: str | None, separator: str | None) -> CsvText:
    """Bring a CSV into one form; raises ListError where it is no text in an encoding we know."""
    data, found = _utf8(raw, name, encoding)
    data = _one_line_end(data)
    if (at := data.find(b"\0")) >= 0:
        row = data.count(b"\n", 0, at) + 1
        raise ListError(
            f"{name}: line {row} holds a NUL byte, so this is not a CSV, or a damaged one.\n"
            "Save it again as CSV UTF-8 where it came from; if it is text of another kind, say --encoding."
        )
    if not data.endswith(b"\n"):
        data += b"\n"
    first_row = 1
    first_line = data[: data.find(b"\n") + 1 or None]
    stated = first_line.strip().strip(b'"').lower()
    if stated.startswith(b"sep=") and len(stated) <= len("sep=;"):
        data, first_row = data[len(first_line) :], 2
        separator = separator or (first_line.strip().strip(b'"')[4:].decode() or "\t")
    return CsvText(data, found, separator or find_separator(sample(data)), first_row)


def sample(data: bytes) -> str:
    """The first lines of UTF-8 CSV, whole ones."""
    if len(data) <= HEAD_BYTES:
        return data.decode()
    end = data.rfind(b"\n", 0, HEAD_BYTES)
    return data[: end if end > 0 else HEAD_BYTES].decode(errors="ignore")


def find_separator(text: str) -> str:
    """The separator that gives the headings we know, else the most even table; for a single column one not in it."""
    records = {separator: first_records(text, separator) for separator in SEPARATORS}
    divided = {separator: rows for separator, rows in records.items() if _divides(separator, rows)}
    best, best_worth = "," if "," in divided else ";", (0, 0.0, 0)
    for separator, rows in divided.items():
        widths: Counter[int] = Counter()
        known = 0
        for count, fields in enumerate(rows):
            widths[len(fields)] += 1
            if count < HEADING_ROWS_MAX and len(fields) > 1:
                known = max(known, sum(meaning(field) not in UNTELLING for field in fields))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width = max(wide, key=lambda each: (wide[each], each))
        worth = (known, round(wide[width] / widths.total(), 1), width)
        if worth > best_worth:
            best, best_worth = separator, worth
    return best


def _divides(separator: str, records: Sequence[Sequence[str]]) -> bool:
    """Whether a separator can be one: a comma may be the decimal one, and a tab a mere space before a number."""
    if separator == ",":
        decimal = sum(len(fields) > 1 and DECIMAL_COMMA.fullmatch(",".join(fields)) is not None for fields in records)
        return 2 * decimal <= sum(len(fields) > 1 for fields in records)
    if separator == "\t":
        return any(sum(bool(field.strip()) for field in fields) > 1 for fields in records)
    return True


def first_records(text: str, separator: str) -> list[list[str]]:
    """Fields of the first records that are not blank, as far as they can be read."""
    records: list[list[str]] = []
    csv.field_size_limit(CSV_FIELD_CHARS_MAX)
    try:
        for fields in csv.reader(io.StringIO(text, newline="\n"), delimiter=separator):
            if any(field.strip() for field in fields):
                records.append(fields)
            if len(records) >= HEAD_ROWS:
                break
    except csv.Error:
        return records  # a quote that is not closed within the sample: what came before it is enough to choose by
    return records


def _utf8(raw: bytes, name: str, encoding: str | None) -> tuple[bytes, str]:
    if encoding is not None:
        return _from(raw, name, encoding)
    for mark, found in MARKS:
        if raw.startswith(mark):
            body = raw[len(mark) :]
            return (body, "UTF-8") if found == "utf-8" and _is_utf8(body) else _from(body, name, found)
    if _is_utf8(raw) and b"\0" not in raw[:GUESS_BYTES]:
        return raw, "UTF-8"
    if wide := _utf16_without_mark(raw):
        return _from(raw, name, wide)
    return (raw, "UTF-8") if _is_utf8(raw) else _from(raw, name, "cp1252")


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(raw: bytes) -> str | None:
    """UTF-16 by its NULs: behind the Latin letters (LE) or before them (BE)."""
    start = raw[:GUESS_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(raw) % 2 == 0 and len(start) > 1:
        if odd > GUESS_SHARE * len(start) and not even:
            return "utf-16-le"
        if even > GUESS_SHARE * len(start) and not odd:
            return "utf-16-be"
    return None


def _from(raw: bytes, name: str, encoding: str) -> tuple[bytes, str]:
    try:
        text = raw.decode(encoding)
        return text.removeprefix("\ufeff").encode(), codecs.lookup(encoding).name
    except LookupError as error:
        raise ListError(
            f"{name}: there is no encoding “{encoding}”.\nTry --encoding utf-8, utf-16 or cp1252."
        ) from error
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise ListError(
            f"{name}: byte {at} is not text in {encoding}, so this is not a CSV, or one in another encoding.\n"
            "Save it again as CSV UTF-8, or say which encoding it has:  --encoding NAME"
        ) from error


def _one_line_end(data: bytes) -> bytes:
    r"""Turn `\r` alone into `\n`; `\r\n` stays unless both are mixed, since readers take it as one line end."""
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
