"""Findings in words: which cell, what it says, what is wrong with it and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl

from domain.findings import CODE_TYPE, FINDINGS, SEVERITY_TYPE, Code
from domain.lists import IDENTIFIERS, Column, Role, Sheet
from domain.rules import RowRule, fill
from validation.cells import DASHES

RAW_CHARS_MAX = 1_000  # of a cell, in a finding
SHOWN_CHARS_MAX = 60  # of a cell, in a sentence
_SHARED = (Code.LOST_DIGITS, Code.E_NOTATION, Code.ROUNDED)


def findings_of(sheet: Sheet, frame: pl.DataFrame, failures: pl.DataFrame, rules: Sequence[RowRule]) -> pl.DataFrame:
    """FINDINGS (with `place` and `rule` before them) for `failures` (FAILURES) of `rules` over `frame` (facts)."""
    broken = [_of_rule(sheet, frame, failures, place, rules[place]) for place in failures["rule"].unique()]
    empty = pl.DataFrame(schema={"place": pl.UInt32, "rule": pl.UInt16, **FINDINGS})
    return pl.concat([empty, *broken])


def _of_rule(sheet: Sheet, frame: pl.DataFrame, failures: pl.DataFrame, position: int, rule: RowRule) -> pl.DataFrame:
    places = failures.filter(pl.col("rule") == position).select("place")
    facts = frame.join(places, on="place", how="semi", maintain_order="left").with_columns(
        *_named(sheet, Role(rule.column))
    )
    facts = _with_alien(facts) if rule.code is Code.CHARACTERS else facts
    facts = _with_shared(facts) if rule.code in _SHARED else facts
    return facts.select(
        "place",
        pl.lit(position, pl.UInt16).alias("rule"),
        "row",
        pl.lit(rule.code, CODE_TYPE).alias("code"),
        pl.lit(rule.severity, SEVERITY_TYPE).alias("severity"),
        pl.lit(sheet.name).alias("file"),
        pl.lit(sheet.sheet).alias("sheet"),
        "column",
        (pl.col("letter") + pl.col("row").cast(pl.String)).alias("cell"),
        pl.col("cell_text").str.head(RAW_CHARS_MAX).alias("raw"),
        fill(rule.sentence).alias("sentence"),
        fill(rule.suggestion).alias("suggestion"),
    )


def _named(sheet: Sheet, role: Role) -> tuple[pl.Expr, ...]:
    """The columns templates speak of, for the cell of `role`; the end of a range in one cell stands in the SIM's."""
    own, other = _column(sheet, role), _column(sheet, Role.SIM)
    moved = pl.col("in_cell") if role is Role.END else pl.lit(False)
    text = pl.when(moved).then("sim").otherwise(role.value)
    clipped = pl.when(text.str.len_chars() > SHOWN_CHARS_MAX).then(text.str.head(SHOWN_CHARS_MAX) + "…").otherwise(text)
    checked = role in {Role.SIM, Role.END}
    expected = pl.col(f"{role.value}_expected") if checked else pl.lit(None, pl.String)
    digits = pl.col(f"{role.value}_digits") if role in IDENTIFIERS else pl.lit(None, pl.String)
    return (
        text.alias("cell_text"),
        clipped.alias("raw"),
        pl.when(moved).then(pl.lit(other.letter)).otherwise(pl.lit(own.letter)).alias("letter"),
        pl.when(moved).then(pl.lit(_title(other))).otherwise(pl.lit(_title(own))).alias("column"),
        digits.alias("digits"),
        pl.col(f"{role.value}_length").alias("length"),
        expected.alias("expected"),
        pl.col(f"{role.value}_kind").cast(pl.String).replace_strict(_KINDS, default="no text").alias("kind"),
    )


_KINDS = {"number": "a number", "date": "a date", "bool": "a truth value"}


def _column(sheet: Sheet, role: Role) -> Column:
    """The column of `role`, or the nearest there is: an empty row is told at a column the list does have."""
    for candidate in (role, Role.SIM, Role.IMSI):
        if candidate in sheet.roles:
            return sheet.roles[candidate]
    return Column(0, "", "A")


def _title(column: Column) -> str:
    return column.heading or column.letter


def _with_alien(facts: pl.DataFrame) -> pl.DataFrame:
    """Adds `alien`: the first character that does not belong, by its Unicode name where it is not plain."""
    strange = pl.col("cell_text").str.extract(rf"([^0-9\s{DASHES}])")
    facts = facts.with_columns(strange.alias("alien"))
    names = {alien: _character(alien) for alien in facts["alien"].drop_nulls().unique()}
    at_edge = pl.col("cell_text").str.contains(rf"^\s*[{DASHES}]|[{DASHES}]\s*$")
    otherwise = pl.when(at_edge).then(pl.lit("a dash at its edge")).otherwise(pl.lit("a second number in it"))
    told = pl.col("alien").replace_strict(names, default=None, return_dtype=pl.String)
    return facts.with_columns(pl.coalesce(told, otherwise).alias("alien"))


def _character(alien: str) -> str:
    if alien.isascii() and alien.isprintable():
        return f"“{alien}” in it"
    return f"{unicodedata.name(alien, 'a control character')} (U+{ord(alien):04X}) in it"


def _with_shared(facts: pl.DataFrame) -> pl.DataFrame:
    """Adds `shared`: how many rows show the same damaged value, where more than one does."""
    rows = pl.len().over("cell_text")
    words = pl.format(" {} rows of this list show this same damaged value.", rows)
    return facts.with_columns(pl.when(rows > 1).then(words).otherwise(pl.lit("")).alias("shared"))
