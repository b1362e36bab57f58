"""CSV that is safe to open: our texts quoted where they must be, and none that a spreadsheet takes for a formula."""

from __future__ import annotations

import polars as pl

# OWASP's list for CSV injection with the full-width forms that some spreadsheets take for the same.
_FORMULA = r"^[\s\p{Cc}\u200B\uFEFF]*[=+\-@＝＋－＠]|^[\s\u200B\uFEFF]*[\t\r\n]"


def defused(text: pl.Expr) -> pl.Expr:
    """Texts with an apostrophe in front of those that a spreadsheet would take for a formula when it opens a CSV.

    Identifiers are digits and never begin so. NUL, which no reader takes, becomes its picture.
    """
    return pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).str.replace_all("\0", "␀")


def quoted(text: pl.Expr, separator: str) -> pl.Expr:
    """Fields of RFC 4180 for a file with this separator: defused, and quoted where they must be; null is empty."""
    safe = defused(text).fill_null("")
    must = safe.str.contains_any([separator, '"', "\n", "\r"]) | safe.str.contains(r"^\s|\s$")
    inner = safe.str.replace_all('"', '""', literal=True)
    return pl.when(must).then(pl.concat_str(pl.lit('"'), inner, pl.lit('"'))).otherwise(safe)
