"""The analyst's own CSV with three columns more: its bytes, separator, encoding, line ends and blank rows stay."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from reports.annotations import HEADINGS
from reports.delimited import quoted
from reports.dialect import Dialect, find_dialect
from reports.files import replacing
from reports.run_report import ListFile

PIECE_BYTES = 16 * 1024**2  # read and written in one go
RECORD_CHARACTERS_MAX = 64 * 1024**2  # a longer record is a quotation mark that is never closed


class StrangeText(ValueError):
    """A CSV in which the rows that were read cannot be found again; what is strange, as a clause."""


def return_text(listed: ListFile, beside: pl.DataFrame, target: Path) -> Path:
    """Write the CSV with `beside` (ANNOTATIONS) behind its widest row; give `target`.

    The analyst's own cells are not touched, whatever they begin with; ours cannot become formulas. A character that
    the file's encoding does not have becomes a question mark. Raises StrangeText where the rows are not found again.
    """
    dialect = find_dialect(listed)
    fields = _fields(dialect.separator)
    width = max((int(block.select(fields.max()).item()) for block in records(listed.path, dialect)), default=1)
    lines = _lines(beside, listed, dialect)
    written = 0
    with replacing(target) as temporary, temporary.open("wb") as out:
        out.write(dialect.mark)
        for block in records(listed.path, dialect):
            joined = block.join(lines, on="row", how="left", maintain_order="left")
            written += int(joined["added"].count())
            pad = pl.lit(dialect.separator).repeat_by(width - fields).list.join("")
            text = pl.concat_str("record", pl.concat_str(pad, "added").fill_null(""), "end")
            out.write(joined.select(text.str.join("")).item().encode(dialect.carrier))
        if written != lines.height:
            raise StrangeText(f"{lines.height:,} rows were read from it, and {written:,} of them are found again")
    return target


def _lines(beside: pl.DataFrame, listed: ListFile, dialect: Dialect) -> pl.DataFrame:
    """`row` and `added`: what is written behind each row of the list, its heading included, as carried text."""
    heading = pl.DataFrame([(listed.header_row, *HEADINGS)], schema=["row", *HEADINGS], orient="row")
    texts = beside.select(
        "row", *(pl.col(a).alias(b) for a, b in zip(("outcome", "reason", "next_step"), HEADINGS, strict=True))
    )
    if listed.header_row:
        texts = pl.concat([heading.cast(texts.schema), texts])
    fields = [pl.concat_str(pl.lit(dialect.separator), quoted(pl.col(name), dialect.separator)) for name in HEADINGS]
    added = texts.select("row", pl.concat_str(fields).alias("added"))
    return added.with_columns(pl.Series("added", dialect.carried(added["added"])))


def records(path: Path, dialect: Dialect) -> Iterator[pl.DataFrame]:
    """Records block by block: `row` (1-based, a quoted line end starts no row), `record`, `end` (its line end).

    All texts together are the file behind its mark, byte for byte. Quotes count where a field begins, as in Python's
    csv module.
    """
    row, rest = 0, ""
    decoder = codecs.getincrementaldecoder(dialect.carrier)()
    with path.open("rb") as file:
        file.seek(len(dialect.mark))
        while True:
            piece = file.read(PIECE_BYTES)
            rest += decoder.decode(piece, final=not piece)
            while piece and rest.endswith("\r"):  # its other half may be in the next piece
                piece = file.read(4)
                rest += decoder.decode(piece, final=not piece)
            block, rest = _whole_records(rest, dialect.separator, final=not piece)
            if block.height:
                yield block.with_row_index("row", offset=row + 1).with_columns(pl.col("row").cast(pl.UInt32))
                row += block.height
            if not piece:
                return
            if len(rest) > RECORD_CHARACTERS_MAX:
                raise StrangeText(f"the record after row {row:,} does not end")


def _whole_records(text: str, separator: str, *, final: bool) -> tuple[pl.DataFrame, str]:
    """The records of `text` that are complete (all of it, where it is final), and what is left."""
    lines = pl.Series("line", [text]).str.extract_all(r"(?s)[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$").explode().drop_nulls()
    left = ""
    if not final and lines.len() and not str(lines[-1]).endswith(("\r", "\n")):
        left = str(lines[-1])
        lines = lines.head(lines.len() - 1)
    opens = lines.str.contains(_open_line(separator))
    if opens.any():
        lines, spanning = _spanned(lines, opens, separator)
        if spanning is not None and not final:
            left = spanning + left
        elif spanning is not None:
            lines = pl.concat([lines, pl.Series("line", [spanning])])
    frame = lines.to_frame().select(
        pl.col("line").str.strip_chars_end("\r\n").alias("record"),
        pl.col("line").str.extract(r"(\r\n|\r|\n)$").fill_null("").alias("end"),
    )
    return frame, left


def _spanned(lines: pl.Series, opens: pl.Series, separator: str) -> tuple[pl.Series, str | None]:
    """Lines joined where a quoted field spans several; and the beginning of a record that does not end here.

    A loop over such records alone: lists have few of them.
    """
    closes = lines.str.contains(_closing_line(separator))
    starts, ends = opens.arg_true().to_list(), closes.arg_true().to_list()
    merged: list[tuple[int, int]] = []
    at, close = 0, 0
    for start in starts:
        if start < at:
            continue
        while close < len(ends) and ends[close] <= start:
            close += 1
        end = ends[close] if close < len(ends) else lines.len()
        merged.append((start, end))
        at = end + 1
    group = pl.Series("group", range(lines.len()), dtype=pl.UInt32)
    index = pl.DataFrame({"line": lines, "group": group})
    spans = pl.DataFrame(merged, schema={"start": pl.UInt32, "end": pl.UInt32}, orient="row")
    joined = index.join_asof(spans, left_on="group", right_on="start", strategy="backward").with_columns(
        pl.when(pl.col("group") <= pl.col("end")).then("start").otherwise("group").alias("group")
    )
    whole = joined.group_by("group", maintain_order=True).agg(pl.col("line").str.join(""))["line"]
    if merged and merged[-1][1] >= lines.len():
        return whole.head(whole.len() - 1), str(whole[-1])
    return whole, None


def _token(separator: str) -> tuple[str, str]:
    """Patterns of a complete field and of the separator."""
    s = "\\" + separator if separator == "|" else separator
    return rf'(?:"(?:[^"]|"")*"(?:[^"{s}][^{s}]*)?|[^{s}"][^{s}]*)?', s


def _open_line(separator: str) -> str:
    """Matches a line that begins outside of quotes and ends inside."""
    field, s = _token(separator)
    return rf'(?s)^(?:{field}{s})*"(?:[^"]|"")*$'


def _closing_line(separator: str) -> str:
    """Matches a line that begins inside of quotes and ends outside."""
    field, s = _token(separator)
    return rf'(?s)^(?:[^"]|"")*"(?:[^"{s}][^{s}]*)?(?:{s}{field})*$'


def _fields(separator: str) -> pl.Expr:
    """How many fields each `record` has."""
    s = "\\" + separator if separator == "|" else separator
    plain = pl.col("record").str.replace_all(rf'(?s)(^|{s})"(?:[^"]|"")*"', "$1")
    return plain.str.count_matches(separator, literal=True) + 1
