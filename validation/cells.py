"""What each identifier cell says: its form, and its digits where it has some.

text and kind ──► form ──► digits (spaces, dashes and the F filler taken off; a range's start)
                       ├─► range_end (the second half of `start-end` in one cell)
                       └─► sim_id (the provider's own id, without the white space around it)
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from domain.identifiers import SIM_ID
from domain.lists import KIND_TYPE, Kind, Role

NUMBER_SAFE_BELOW = 1e15  # spreadsheets keep 15 significant digits
NUMBER_DIGITS_SAFE = 15


class Form(StrEnum):
    """What a cell is to the gate."""

    EMPTY = "empty"
    FORMULA = "formula"  # or an error value
    NOT_TEXT = "not_text"
    LOST = "lost"  # a number past what spreadsheets keep
    SHORT = "short"  # a whole number of 1 to 14 digits
    WHOLE_IMSI = "whole_imsi"  # a whole number of exactly 15 digits
    E_NOTATION = "e_notation"
    ALIEN = "alien"  # characters that are no part of an identifier
    SIM_ID = "sim_id"  # a provider's own id of a SIM
    NEARLY_SIM_ID = "nearly_sim_id"  # looks like one, and is none: cut off, in the wrong case, or of something else
    DIGITS = "digits"


FORM_TYPE = pl.Enum(Form)

# Decoration people write around digits: any white space, and any dash (Unicode Pd, and the minus sign) between digits.
DASHES = r"\p{Pd}\u{2212}"
_SIM_ALONE = ("range_end", "sim_id")  # columns that only the SIM cell has
_PLAIN = {Role.SIM: "^[0-9]{19,20}$", Role.IMSI: "^[0-9]{14,15}$", Role.END: "^[0-9]{19,20}$"}
_DECORATED = "[0-9](?:[0-9-]*[0-9])?(?:-*[Ff])?"
_FILLED = "^([0-9]{19})[Ff]$"  # E.118 numbers of 19 digits are stored in 20 half-bytes, the last one F
_E_NOTATION = r"^[+-]?[0-9][0-9.,'’٫]*(?:[eE][+-]?[0-9]{1,3}|[x×*·]10\^?[+-]?[0-9]{1,3})$"
_NEARLY_SIM_ID = "^(?:[A-Za-z]{2}[0-9A-Fa-f]{32}$|[Hh][Ss][0-9A-Fa-f]{8})"
# A dash both decorates and divides, so what it divides is known by the count of digits, or by being the only dash.
_RANGES = (
    rf"^({_DECORATED})(?:\.\.+|…|~|→|(?i:to|bis|until|through))({_DECORATED})$",
    "^((?:[0-9]-*){18,19}[0-9](?:-*[Ff])?)-+((?:[0-9]-*){18,19}[0-9](?:-*[Ff])?)$",
    "^([0-9]{16,}[Ff]?)-([0-9]{16,}[Ff]?)$",
)


def with_cells(rows: pl.DataFrame, role: Role) -> pl.DataFrame:
    """`rows` (ROWS and a running `place`) with `<role>_form`, `<role>_digits` and, for SIM, `range_end`, `sim_id`.

    Cells of bare digits, nearly all in most lists, take one regular expression; only the others are looked at closely.
    """
    text, kind = pl.col(role.value), pl.col(f"{role.value}_kind")
    form, digits = f"{role.value}_form", f"{role.value}_digits"
    plain = ((kind == Kind.TEXT) & text.str.contains(_PLAIN[role])).fill_null(False)
    marked = rows.with_columns(plain.alias("plain"))
    bare = marked.with_columns(
        pl.when("plain").then(pl.lit(Form.DIGITS, FORM_TYPE)).otherwise(pl.lit(Form.EMPTY, FORM_TYPE)).alias(form),
        pl.when("plain").then(text).alias(digits),
        *(pl.lit(None, pl.String).alias(name) for name in _SIM_ALONE if role is Role.SIM),
    )
    odd = marked.filter(~pl.col("plain") & (kind != pl.lit(Kind.EMPTY, KIND_TYPE)))
    if odd.is_empty():
        return bare.drop("plain")
    read = _read(odd.select("place", text.alias("text"), kind.alias("kind")), role)
    read = read.rename({"form": form, "digits": digits})
    read = read if role is Role.SIM else read.drop(_SIM_ALONE)
    return bare.drop("plain").update(read, on="place", how="left")


def _read(odd: pl.DataFrame, role: Role) -> pl.DataFrame:
    """`form`, `digits`, `range_end`, `sim_id` of cells (place, text, kind) that are not bare digits."""
    squeezed = pl.col("text").str.replace_all(r"\s+", "").str.replace_all(f"[{DASHES}]", "-")
    value = pl.col("text").cast(pl.Float64, strict=False)
    frame = odd.with_columns(
        squeezed.alias("squeezed"),
        pl.when(pl.col("kind") == Kind.NUMBER).then(value).alias("value"),
    ).with_columns(_clean(pl.col("squeezed")).alias("clean"), _sim_id(role).alias("sim_id"), *_halves(role))
    return frame.with_columns(_form(role).alias("form")).select(
        "place",
        "form",
        pl.when(pl.col("form") == Form.WHOLE_IMSI)
        .then(pl.col("value").cast(pl.UInt64, strict=False).cast(pl.String))
        .when(pl.col("form") == Form.DIGITS)
        .then(pl.coalesce("range_start", "clean"))
        .alias("digits"),
        pl.when(pl.col("form") == Form.DIGITS).then("range_end").alias("range_end"),
        pl.when(pl.col("form") == Form.SIM_ID).then("sim_id").alias("sim_id"),
    )


def _clean(text: pl.Expr) -> pl.Expr:
    """Digits of one number whose white space is gone and whose dashes are `-`; null where it is not one number."""
    bare = pl.when(text.str.contains(f"^{_DECORATED}$")).then(text.str.replace_all("-", "", literal=True))
    return pl.coalesce(bare.str.extract(_FILLED), bare.str.extract("^([0-9]+)$"))


def _halves(role: Role) -> tuple[pl.Expr, pl.Expr]:
    """Start and end of a range in one cell, where the cell is one."""
    nothing = pl.lit(None, pl.String)
    if role is not Role.SIM:
        return nothing.alias("range_start"), nothing.alias("range_end")
    start, end = (
        _clean(pl.coalesce(*(pl.col("squeezed").str.extract(pattern, half) for pattern in _RANGES))) for half in (1, 2)
    )
    both = start.is_not_null() & end.is_not_null()
    return pl.when(both).then(start).alias("range_start"), pl.when(both).then(end).alias("range_end")


def _sim_id(role: Role) -> pl.Expr:
    """The id in the cell, where it is one; unlike digits, letters in groups are nothing that people write."""
    return pl.col("text").str.extract(rf"^\s*({SIM_ID})\s*$") if role is Role.SIM else pl.lit(None, pl.String)


def _form(role: Role) -> pl.Expr:
    kind, text = pl.col("kind"), pl.col("squeezed")
    nearly = text.str.contains(_NEARLY_SIM_ID) if role is Role.SIM else pl.lit(False)
    blank = text.is_null() | text.str.contains("^-*$")
    digits = pl.col("clean").is_not_null() | pl.col("range_start").is_not_null()
    choices = (
        (kind.is_in([Kind.FORMULA, Kind.ERROR]), Form.FORMULA),
        ((kind == Kind.TEXT) & blank, Form.EMPTY),
        ((kind == Kind.TEXT) & digits, Form.DIGITS),
        ((kind == Kind.TEXT) & pl.col("sim_id").is_not_null(), Form.SIM_ID),
        ((kind == Kind.TEXT) & text.str.contains(_E_NOTATION), Form.E_NOTATION),
        ((kind == Kind.TEXT) & nearly, Form.NEARLY_SIM_ID),
        (kind == Kind.TEXT, Form.ALIEN),
        *_number_forms(),
    )
    form = pl.lit(Form.NOT_TEXT, FORM_TYPE)
    for holds, choice in reversed(choices):
        form = pl.when(holds).then(pl.lit(choice, FORM_TYPE)).otherwise(form)
    return form


def _number_forms() -> tuple[tuple[pl.Expr, Form], ...]:
    """Forms of numeric cells; a number that is none of these is simply not text."""
    value = pl.col("value")
    mantissa = pl.col("text").str.replace("[eE].*$", "").str.replace_all("[^0-9]", "").str.strip_chars("0")
    whole = value.is_finite() & (value == value.floor()) & (value >= 1)
    lost = value.is_finite() & ((value.abs() >= NUMBER_SAFE_BELOW) | (mantissa.str.len_bytes() > NUMBER_DIGITS_SAFE))
    return (
        (lost, Form.LOST),
        (whole & (value >= NUMBER_SAFE_BELOW / 10), Form.WHOLE_IMSI),
        (whole, Form.SHORT),
    )
