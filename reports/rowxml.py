"""Rows of a worksheet as XML, made by the column: the same cells for our own workbook and for the analyst's.

Every text is a string by type (`t="inlineStr"` or `t="s"`), so none can become a formula, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

CELL_CHARACTERS_MAX = 16_000  # half of Excel's 32,767 UTF-16 units, so that no text of astral characters is too long
SHARED_TEXTS_MAX = 200_000  # texts kept once and referred to by number
SHARED_SHARE_MAX = 0.1  # of a column's lines that may differ for its texts to be shared

_CONTROLS = [code for code in range(0x20) if code not in {0x09, 0x0A}]
# XML 1.0 section 2.2 forbids these; a control character becomes its visible picture (U+2400…).
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "\ufffe": "\ufffd",
    "\uffff": "\ufffd",
    **{chr(code): chr(0x2400 + code) for code in _CONTROLS},
}


def escaped(text: pl.Expr) -> pl.Expr:
    """Texts as XML character data no longer than a cell may hold; null stays null.

    `_x0041_` would be shown as `A` by Excel (ECMA-376 part 1, 22.9.2.19), so its underscore is written as `_x005F_`.
    """
    short = (
        pl.when(text.str.len_chars() > CELL_CHARACTERS_MAX)
        .then(text.str.head(CELL_CHARACTERS_MAX) + "…")
        .otherwise(text)
    )
    return short.str.replace_many(_ESCAPES).str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")


def text_cell(letters: str, row: pl.Expr, text: pl.Expr, style: pl.Expr, prefix: str = "") -> pl.Expr:
    """Cells that hold their text themselves; nothing where it is null. `row` and `style` are text."""
    return pl.concat_str(
        pl.lit(f'<{prefix}c r="{letters}'),
        row,
        pl.lit('" s="'),
        style,
        pl.lit(f'" t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">'),
        escaped(text),
        pl.lit(f"</{prefix}t></{prefix}is></{prefix}c>"),
    ).fill_null("")


def shared_cell(letters: str, row: pl.Expr, number: pl.Expr, style: pl.Expr) -> pl.Expr:
    """Cells that hold the number of a shared text; nothing where it is null."""
    return pl.concat_str(
        pl.lit(f'<c r="{letters}'), row, pl.lit('" s="'), style, pl.lit('" t="s"><v>'), number, pl.lit("</v></c>")
    ).fill_null("")


def number_cell(letters: str, row: pl.Expr, number: pl.Expr, style: pl.Expr) -> pl.Expr:
    """Cells that hold a number; nothing where it is null or not finite. `number` is numeric."""
    value = pl.when(number.is_finite()).then(number).cast(pl.String)
    return pl.concat_str(
        pl.lit(f'<c r="{letters}'), row, pl.lit('" s="'), style, pl.lit('"><v>'), value, pl.lit("</v></c>")
    ).fill_null("")


@dataclass(slots=True)
class SharedTexts:
    """Texts that stand once in the workbook and are referred to by number, from `first` on."""

    first: int
    texts: dict[str, int] = field(default_factory=dict)

    def offer(self, column: pl.Series) -> bool:
        """True where the column repeats itself enough for its texts to be shared; they then are."""
        known = column.drop_nulls().unique(maintain_order=True)
        if known.len() > max(1, column.len() * SHARED_SHARE_MAX) or known.len() + len(self.texts) > SHARED_TEXTS_MAX:
            return False
        for text in known:  # few by the condition above
            self.texts.setdefault(text, self.first + len(self.texts))
        return True

    def number(self, text: pl.Expr) -> pl.Expr:
        """Numbers, as text, of texts that were offered."""
        if not self.texts:
            return pl.lit(None, pl.String)
        return text.replace_strict(list(self.texts), [str(n) for n in self.texts.values()], return_dtype=pl.String)

    def xml(self) -> bytes:
        """The `<si>` elements, in order."""
        if not self.texts:
            return b""
        frame = pl.DataFrame({"text": list(self.texts)})
        item = pl.concat_str(pl.lit('<si><t xml:space="preserve">'), escaped(pl.col("text")), pl.lit("</t></si>"))
        return joined(frame.select(item.alias("xml"))["xml"])


def joined(parts: pl.Series) -> bytes:
    """All texts of a column, one behind the other, as UTF-8."""
    text: str = parts.str.join("").item() if parts.len() else ""
    return text.encode()


def by_value(column: pl.Expr, styles: Mapping[str, int], otherwise: int) -> pl.Expr:
    """Style numbers, as text, chosen by the value of a column."""
    return column.cast(pl.String).replace_strict(
        list(styles), [str(style) for style in styles.values()], default=str(otherwise), return_dtype=pl.String
    )


def rows(row: pl.Expr, cells: Iterable[pl.Expr], height: pl.Expr | None = None) -> pl.Expr:
    """Row elements around cells; `height` is in points, as text, and null for rows of the usual one."""
    usual = pl.lit('">')
    stated = pl.concat_str(pl.lit('" ht="'), height, pl.lit('" customHeight="1">')) if height is not None else usual
    return pl.concat_str(pl.lit('<row r="'), row, stated.fill_null('">'), *cells, pl.lit("</row>"))
