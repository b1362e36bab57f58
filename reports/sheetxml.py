"""A worksheet's XML as a stream: what is before its rows, its rows by the column, what is behind them.

head …<sheetData>   │   <row …>…</row> <row …/> …   │   </sheetData>… tail
    (bytes)         │     blocks → DataFrame        │     (bytes)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from reports.package import Pieces

HEAD_BYTES_MAX = 64 * 1024**2  # before the first row: views, columns
BLOCK_BYTES_MAX = 512 * 1024**2  # without the end of a row: Excel's longest row is far below
_SHEET_DATA = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData\b[^>]*?(/?)>")


class StrangeSheet(ValueError):
    """A worksheet whose XML is not as any writer known to us makes it; what is strange, as a clause."""


class SheetStream:
    """One worksheet, read once, in order: `head`, then `blocks()`, then `tail()`.

    `prefix` is that of its elements (`x:` for some writers, mostly empty).
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._buffer = b""
        found = None
        while found is None:
            piece = next(pieces, None)
            if piece is None or len(self._buffer) > HEAD_BYTES_MAX:
                raise StrangeSheet("it has no table of cells")
            self._buffer += piece
            found = _SHEET_DATA.search(self._buffer)
        self.head = self._buffer[: found.end()]
        self.prefix = found.group(1).decode()
        self._empty = bool(found.group(2))
        self._buffer = self._buffer[found.end() :]

    def blocks(self) -> Iterator[bytes]:
        """Whole rows, several MiB at a time; the bytes between them belong to the row that follows."""
        if self._empty:
            return
        row_end, data_end = f"</{self.prefix}row>".encode(), f"</{self.prefix}sheetData>".encode()
        while (end := self._buffer.find(data_end)) < 0:
            cut = self._buffer.rfind(row_end)
            if cut >= 0:
                cut += len(row_end)
                block, self._buffer = self._buffer[:cut], self._buffer[cut:]
                yield block
            piece = next(self._pieces, None)
            if piece is None or len(self._buffer) > BLOCK_BYTES_MAX:
                raise StrangeSheet("its table of cells does not end")
            self._buffer += piece
        rows = self._buffer[:end].rstrip()
        self._buffer = self._buffer[len(rows) :]
        if rows:
            yield rows

    def tail(self) -> Iterator[bytes]:
        """What is behind the rows; only after all blocks were taken."""
        yield self._buffer
        yield from self._pieces


def rows_of(block: bytes, prefix: str, last_row: int) -> pl.DataFrame:
    """Rows of a block: `row` (its 1-based number; counted on from the one before where it states none) and `xml`.

    Every byte of the block is in exactly one `xml`; raises StrangeSheet where that cannot be.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        raise StrangeSheet("it is not written in UTF-8") from error
    # No \b anywhere here: for a word boundary in Unicode the regex engine leaves its fast path, 17 times slower.
    pattern = rf"(?s)\s*<{prefix}row(?:\s[^>]*?)?(?:/>|>.*?</{prefix}row>)"
    xml = pl.Series("xml", [text]).str.extract_all(pattern).explode()
    if int(xml.str.len_bytes().sum()) != len(block):
        raise StrangeSheet("there is something between its rows")
    stated = xml.str.extract(rf'^\s*<{prefix}row[^>]*?\sr="(\d+)"').cast(pl.UInt32)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    base = pl.col("stated") - place  # where rows state nothing, they follow the last one that did
    return (
        pl.DataFrame({"xml": xml, "stated": stated.cast(pl.Int64)})
        .with_columns((base.forward_fill().fill_null(last_row) + place).cast(pl.UInt32).alias("row"))
        .select("row", "xml")
    )


def widest(block: bytes, prefix: str) -> int:
    """Number of the last column (1-based) that a cell of the block stands in."""
    letters = set(re.findall(rf'<{prefix}c\b[^>]*?\sr="([A-Z]+)'.encode(), block))
    if letters:
        return max(column_number(each.decode()) for each in letters)
    cells = rows_of(block, prefix, 0)["xml"].str.count_matches(rf"<{prefix}c[\s/>]").max()
    return int(str(cells or 0))


def merged_widest(tail: Iterable[bytes], prefix: str, first_row: int, columns_max: int) -> int:
    """Number of the last column (1-based) that an area merged at `first_row` or below covers, and hides cells of.

    Areas past `columns_max` are left out: they go on for whole rows, and nothing can stand beside them.
    """
    read, end = b"", f"</{prefix}mergeCells>".encode()
    for piece in tail:
        read += piece
        if end in read or len(read) > BLOCK_BYTES_MAX:
            break
    areas = re.findall(rf'<{prefix}mergeCell\s[^>]*?ref="[A-Z]+\d+:([A-Z]+)(\d+)"'.encode(), read.partition(end)[0])
    columns = (column_number(column.decode()) for column, row in areas if int(row) >= first_row)
    return max((column for column in columns if column <= columns_max), default=0)


def column_number(letters: str) -> int:
    """1-based number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def insert(rows: pl.DataFrame, cells: pl.Expr, where: pl.Expr, prefix: str) -> pl.Series:
    """XML of the rows with `cells` as the last of those rows where `where` is true.

    Their stated `spans`, a mere hint that would be wrong now, goes.
    """
    opened = (
        pl.col("xml")
        .str.replace(rf'^(\s*<{prefix}row[^>]*?)\s+spans="[^"]*"', "$1")
        .str.replace(rf"^(\s*<{prefix}row[^>]*?)\s*/>$", f"$1></{prefix}row>")
        .str.strip_suffix(f"</{prefix}row>")
    )
    grown = pl.concat_str(opened, cells, pl.lit(f"</{prefix}row>"))
    return rows.select(pl.when(where).then(grown).otherwise("xml").alias("xml"))["xml"]
