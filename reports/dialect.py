"""How a CSV that was read is written: its encoding and separator, found out where they are not known."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from reports.run_report import ListFile

SEPARATORS = ",;\t|"
PROBE_BYTES = 64 * 1024  # looked at for UTF-16 without a mark, and for the separator
NUL_SHARE_MIN = 0.2  # of all bytes: Latin text in UTF-16 has half
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STATED = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Encoding and separator of a CSV, and the byte order mark it begins with (mostly none)."""

    encoding: str
    separator: str
    mark: bytes = b""

    @property
    def wide(self) -> bool:
        """Whether a character has two bytes or more, so that the text must be decoded to find its lines."""
        return self.encoding.startswith(("utf-16", "utf-32"))

    @property
    def carrier(self) -> str:
        """Encoding that the file is read and written by here; Latin-1, which keeps every byte, unless it is wide."""
        return self.encoding if self.wide else "latin-1"

    def carried(self, texts: pl.Series) -> pl.Series:
        """Texts of ours such that writing them by the carrier gives them in the file's encoding."""
        if self.wide:
            return texts
        different = texts.filter(texts.str.contains(r"[^\x00-\x7F]")).unique().to_list()
        return texts.replace(different, [t.encode(self.encoding, "replace").decode("latin-1") for t in different])


def find_dialect(listed: ListFile) -> Dialect:
    """The dialect of a list; what `listed` states is believed."""
    encoding = _narrowed(listed.encoding, listed.path) if listed.encoding else _encoding(listed.path)
    with listed.path.open("rb") as file:
        start = file.read(PROBE_BYTES)
    mark = next((mark for mark, name in _MARKS if name == encoding and start.startswith(mark)), b"")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(start[len(mark) :])
    return Dialect(encoding, listed.separator or _separator(text, listed), mark)


def _narrowed(encoding: str, path: Path) -> str:
    """The encoding with its byte order stated, since we write behind the mark."""
    name = codecs.lookup(encoding).name
    return _encoding(path) if name in {"utf-16", "utf-32", "utf-8-sig"} else name


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(PROBE_BYTES)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        if start.count(0) > NUL_SHARE_MIN * len(start):
            return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        piece = start
        try:
            while piece:
                decoder.decode(piece)
                piece = file.read(PROBE_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _separator(start: str, listed: ListFile) -> str:
    """The stated one (`sep=;`), else the one that gives back the headings that were read, else the most even one."""
    if stated := _STATED.match(re.split(r"[\r\n]", start, maxsplit=1)[0]):
        return stated.group(1)
    headings = {column.index: column.heading.strip() for column in listed.columns if column.heading.strip()}

    def worth(separator: str) -> tuple[int, int]:
        rows = _first_rows(start, separator, listed.header_row + 50)
        header = rows[listed.header_row - 1] if 0 < listed.header_row <= len(rows) else []
        same = sum(at < len(header) and header[at].strip() == text for at, text in headings.items())
        return same, sum(len(row) == len(listed.columns) for row in rows)

    return max(SEPARATORS, key=worth)


def _first_rows(start: str, separator: str, rows_max: int) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(islice(csv.reader(io.StringIO(start, newline=""), delimiter=separator), rows_max))
    except csv.Error:
        return rows  # a quotation mark that is not closed here: what came before it is enough to choose by
    return rows
