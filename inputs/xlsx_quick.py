"""Whole columns of a worksheet by expressions over its XML, for the form that the common writers write.

piece of XML ──split at <row──► one line per row ──one regex per wanted column──► cells
                                      └── rows with a cell that the regex does not know ──► the exact reader
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

import polars as pl

from inputs.limits import ROWS_MAX_EXCEL
from inputs.package import Package
from inputs.source import kind_of, letter, text_of
from inputs.xlsx_cells import Meanings
from inputs.xlsx_exact import cells_of, wide
from inputs.xlsx_text import Unusual, is_plain, is_utf8, spelled_out, unescaped, whole_rows

SHEET_DATA = re.compile(rb"<(\w+:)?sheetData>")


def quick_columns(package: Package, part: str, meanings: Meanings, wanted: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Frames of the rows that are not blank, as `Source.columns` has them, one per piece.

    Raises Unusual where the XML is in another form than Excel and the common libraries write; ListError where the
    package is broken.
    """
    pieces = package.pieces(part)
    first = next(pieces, b"")
    begin = SHEET_DATA.search(first)
    if begin is None or b"<!" in first[: begin.start()] or not is_utf8(first[: begin.start()]):
        raise Unusual
    prefix = (begin[1] or b"").decode()
    stop = f"</{prefix}sheetData>".encode()
    for piece in whole_rows(chain([first[begin.end() :]], pieces), f"<{prefix}row".encode(), package.name):
        end = piece.find(stop)
        yield _rows(package, piece if end < 0 else piece[:end], prefix, meanings, wanted)
        if end >= 0:
            return
    raise Unusual  # the data does not end: the exact reader says where it breaks off


def _rows(package: Package, piece: bytes, prefix: str, meanings: Meanings, wanted: Sequence[int]) -> pl.DataFrame:
    """Rows of one piece, which begins at a row and ends behind one."""
    if not is_plain(piece):
        raise Unusual
    try:
        lines = pl.Series("xml", [piece.decode()]).str.split(f"<{prefix}row ").explode().slice(1)
    except UnicodeDecodeError as error:
        raise Unusual from error
    if piece.count(f"<{prefix}row".encode()) != len(lines):
        raise Unusual
    table = lines.to_frame().with_columns(
        pl.col("xml").str.extract(r'^r="(\d+)"', 1).cast(pl.UInt32, strict=False).alias("row"),
        *(pl.col("xml").str.extract_groups(_cell(prefix, at)).alias(f"cell_{at}") for at in wanted),
    )
    if table["row"].null_count() or (table["row"] > ROWS_MAX_EXCEL).any():
        raise Unusual
    table = table.with_columns(odd=pl.any_horizontal(_unknown(prefix, at) for at in wanted))
    for at in wanted:
        table = _with_texts(table, at, meanings)
    nothing = pl.all_horizontal(pl.col(text_of(at)).is_null() for at in wanted)
    unsure = pl.col("odd") | (nothing & pl.col("xml").str.contains(f"<{prefix}[vtf][ >/]"))
    named = ["row", *(name(at) for at in wanted for name in (text_of, kind_of))]
    plain = table.filter(~(unsure | nothing)).select(named)
    doubtful = table.filter(unsure)["xml"]
    if doubtful.is_empty():
        return plain
    exact = cells_of((f"<{prefix}row {xml}" for xml in doubtful), package.broken)
    return pl.concat([plain, wide([meanings.settle(exact)], wanted)]).sort("row")


def _cell(prefix: str, at: int) -> str:
    """Regex for the cell of one column as it is commonly written."""
    p = prefix
    return (
        rf'<{p}c r="{letter(at)}(?P<row>\d+)"(?: s="(?P<style>\d+)")?(?: t="(?P<type>\w+)")?(?:/>|>'
        rf"(?P<formed><{p}f(?: [^>/]*)?(?:/>|>(?P<formula>[^<]*)</{p}f>))?"
        rf"(?P<mark><{p}v(?:/>|>(?P<value>[^<]*)</{p}v>))?"
        rf"(?:<{p}is><{p}t(?: [^>]*)?>(?P<inline>[^<]*)</{p}t></{p}is>)?</{p}c>)"
    )


def _unknown(prefix: str, at: int) -> pl.Expr:
    """Whether a row may have a cell in this column that the regex did not know."""
    missed = pl.col(f"cell_{at}").struct.field("row").is_null()
    times = pl.col("xml").str.count_matches(rf'<{prefix}c r="\$?(?i:{letter(at)})\$?[0-9]')
    cells = pl.col("xml").str.count_matches(f"<{prefix}c[^a-z]")
    return (times > 1) | missed & ((times > 0) | (cells != pl.col("xml").str.count_matches(f'<{prefix}c r="')))


def _with_texts(table: pl.DataFrame, at: int, meanings: Meanings) -> pl.DataFrame:
    """The table with text and kind of a column in place of its matched groups."""
    raw = table.select(f"cell_{at}").unnest(f"cell_{at}")
    if (raw["row"].cast(pl.UInt32, strict=False) != table["row"]).any():
        raise Unusual  # a cell says that it lies in another row than the one around it
    value = raw.select(pl.when(pl.col("mark").is_not_null()).then(pl.col("value").fill_null("")).otherwise("inline"))
    formula = raw.select(pl.when(pl.col("formed").is_not_null()).then(pl.col("formula").fill_null("")))
    settled = meanings.settle(
        raw.select(
            pl.col("type"),
            pl.col("style").cast(pl.UInt32, strict=False),
            spelled_out(unescaped(value.to_series())).alias("value"),
            unescaped(formula.to_series()).alias("formula"),
        )
    )
    return table.drop(f"cell_{at}").with_columns(settled["text"].alias(text_of(at)), settled["kind"].alias(kind_of(at)))
