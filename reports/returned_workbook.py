"""The analyst's own workbook with three columns more: every other part of its package stays as it is, byte for byte."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reports import package_parts, rowxml
from reports.annotations import HEADINGS
from reports.files import replacing
from reports.package import Changes, Pieces, Rewrite, part_pieces, whole_part, write_package
from reports.package_parts import CellStyles
from reports.run_report import ListFile
from reports.sheet_styles import letters
from reports.sheetxml import SheetStream, StrangeSheet, insert, merged_widest, rows_of, widest

COLUMNS_MAX = 16_384  # ECMA-376: columns of a worksheet
WIDTHS = (20, 48, 48)  # characters
CELL_BYTES = 90  # XML around one text of ours, generously
_OURS = "simferry "


@dataclass(frozen=True, slots=True)
class _Place:
    """Where our columns go: 1-based number of the first; `replaced` where an earlier report's are there."""

    first: int
    replaced: bool

    @property
    def letters(self) -> tuple[str, ...]:
        """Letters of our columns."""
        return tuple(letters(self.first - 1 + at) for at in range(len(HEADINGS)))


def return_workbook(listed: ListFile, beside: pl.DataFrame, run: str, target: Path) -> Path:
    """Write the workbook with `beside` (ANNOTATIONS) written behind the last used column; give `target`.

    An earlier report's columns, where they are the last ones, are replaced. Macros, images, formulas, formats and all
    other sheets are copied. Raises StrangeSheet, or an error of zipfile, where the package is not as it should be.
    """
    with zipfile.ZipFile(listed.path) as package:
        names = set(package.namelist())
        part, styles_part, custom = _parts(package, names, listed.sheet)
        place = _place(package, part, listed)
        changed: dict[str, str] = {}
        styles = CellStyles()
        if styles_part in names:
            changed[styles_part], styles = package_parts.with_styles(whole_part(package, styles_part))
        changed |= _property(package, custom, run)
        expected = package.getinfo(part).file_size + _bytes_of(beside)
    writer = _Writer(place, _lines(beside, listed, styles), listed.header_row)
    rewritten = {name: Rewrite(_Text(text).stream) for name, text in changed.items() if name in names}
    rewritten[part] = Rewrite(writer.stream, expected)
    added = {name: text.encode() for name, text in changed.items() if name not in names}
    with replacing(target) as temporary:
        write_package(listed.path, temporary, Changes(rewritten, added))
    return target


def _parts(package: zipfile.ZipFile, names: set[str], sheet: str) -> tuple[str, str, str | None]:
    """Parts of the list's sheet, of the styles, and of the custom properties (None where there are none)."""
    roots = whole_part(package, "_rels/.rels")
    book = package_parts.relation(roots, "", kind="/officeDocument") or "xl/workbook.xml"
    folder, _, file = book.rpartition("/")
    relations = whole_part(package, f"{folder}/_rels/{file}.rels".lstrip("/"))
    for tag in re.findall(r"<(?:[\w.-]+:)?sheet\b[^>]*>", whole_part(package, book)):
        if package_parts.attribute(tag, "name") == sheet:
            identity = package_parts.attribute(tag, r"[\w.-]+:id") or ""
            part = package_parts.relation(relations, folder, name=identity)
            if part in names:
                styles = package_parts.relation(relations, folder, kind="/styles") or ""
                return part, styles, package_parts.relation(roots, "", kind="/custom-properties")
    raise StrangeSheet(f"its sheet “{sheet}” is not where the workbook says")


def _place(package: zipfile.ZipFile, part: str, listed: ListFile) -> _Place:
    """Behind the last column that a cell stands in or a merged area covers, or over those of an earlier report."""
    stream = SheetStream(part_pieces(package, part))
    used = max((widest(block, stream.prefix) for block in stream.blocks()), default=0)
    last = [column for column in listed.columns if column.index >= used - len(HEADINGS)]
    ours = [column.heading.strip().lower().startswith(_OURS) for column in last]
    if len(ours) == len(HEADINGS) and all(ours):
        return _Place(used - len(HEADINGS) + 1, replaced=True)
    used = max(used, merged_widest(stream.tail(), stream.prefix, listed.header_row, COLUMNS_MAX - len(HEADINGS)))
    if used + len(HEADINGS) > COLUMNS_MAX:
        raise StrangeSheet(f"a cell stands in column {letters(used - 1)}, so there is no room beside the list")
    return _Place(used + 1, replaced=False)


def _property(package: zipfile.ZipFile, custom: str | None, run: str) -> dict[str, str]:
    """The parts that carry the run's name in the workbook's properties."""
    if custom is not None:
        return {custom: package_parts.with_property(whole_part(package, custom), run)}
    return {
        package_parts.CUSTOM_PART: package_parts.with_property(None, run),
        "[Content_Types].xml": package_parts.with_custom_type(whole_part(package, "[Content_Types].xml")),
        "_rels/.rels": package_parts.with_custom_relation(whole_part(package, "_rels/.rels")),
    }


def _lines(beside: pl.DataFrame, listed: ListFile, styles: CellStyles) -> pl.DataFrame:
    """What is inserted: `row`, three texts, `style` of the first and `style_more` of the others; heading included."""
    lines = beside.select(
        "row",
        "outcome",
        "reason",
        "next_step",
        rowxml.by_value(pl.col("lead"), styles.outcomes or {}, styles.text).alias("style"),
        pl.lit(str(styles.text)).alias("style_more"),
    )
    if not listed.header_row:
        return lines
    heading = (listed.header_row, *HEADINGS, str(styles.heading), str(styles.heading))
    return pl.concat([pl.DataFrame([heading], schema=lines.schema, orient="row"), lines])


def _bytes_of(beside: pl.DataFrame) -> int:
    texts = beside.select(pl.col("outcome", "reason", "next_step").str.len_bytes().sum()).row(0)
    return sum(int(size or 0) for size in texts) + beside.height * len(HEADINGS) * CELL_BYTES


@dataclass(frozen=True, slots=True)
class _Text:
    """A part replaced as a whole."""

    text: str

    def stream(self, pieces: Pieces) -> Sequence[bytes]:
        """The new text; what was there is read to its end, since its checksum is only checked then."""
        for _ in pieces:
            pass
        return (self.text.encode(),)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Inserts the lines into one worksheet."""

    place: _Place
    lines: pl.DataFrame
    heading_row: int

    def stream(self, pieces: Pieces) -> Iterator[bytes]:
        """The worksheet with our cells; raises StrangeSheet where a row of the list is not in it."""
        sheet = SheetStream(pieces)
        yield self._head(sheet)
        row, written = 0, 0
        for block in sheet.blocks():
            rows = rows_of(block, sheet.prefix, row)
            row = int(rows["row"][-1])
            joined = self._cleared(rows, sheet.prefix).join(self.lines, on="row", how="left", maintain_order="left")
            written += joined["style"].count()
            cells = pl.concat_str(self._cells(sheet.prefix))
            yield rowxml.joined(insert(joined, cells, pl.col("style").is_not_null(), sheet.prefix))
        if written != self.lines.height:
            raise StrangeSheet(f"{self.lines.height:,} rows were read from it, and {written:,} of them are in it")
        yield from sheet.tail()

    def _head(self, sheet: SheetStream) -> bytes:
        head = package_parts.with_wide_columns(sheet.head.decode(), sheet.prefix, self.place.first, WIDTHS)
        last = self.place.letters[-1]
        return re.sub(
            r'(<[\w.:-]*dimension\s+ref="[A-Z]+\d+:)[A-Z]+(\d+")', rf"\g<1>{last}\g<2>", head, count=1
        ).encode()

    def _cells(self, prefix: str) -> list[pl.Expr]:
        number = pl.col("row").cast(pl.String)
        texts = zip(self.place.letters, ("outcome", "reason", "next_step"), strict=True)
        return [
            rowxml.text_cell(
                place, number, pl.col(name), pl.col("style" if name == "outcome" else "style_more"), prefix
            )
            for place, name in texts
        ]

    def _cleared(self, rows: pl.DataFrame, prefix: str) -> pl.DataFrame:
        """Rows without the cells of an earlier report."""
        if not self.place.replaced:
            return rows
        ours = "|".join(self.place.letters)
        cell = rf'(?s)<{prefix}c(?:\s[^>]*?)?\sr="(?:{ours})\d+"[^>]*?(?:/>|>.*?</{prefix}c>)'
        cleared = pl.col("xml").str.replace_all(cell, "")
        return rows.with_columns(pl.when(pl.col("row") >= self.heading_row).then(cleared).otherwise("xml").alias("xml"))
