"""A rule is a row of a table: code, what holds where a row is fine, the sentence a person reads, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

import polars as pl

from domain.findings import Code, Severity


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule of the gate over ROWS and the columns derived from it; `fine` is true where the row passes, null is no.

    `sentence` and `suggestion` are text; `{raw}`, `{digits}` and the like are filled in by the judge.
    """

    code: Code
    column: str  # the role whose cell is named: "sim", "imsi" or "end"
    fine: pl.Expr
    sentence: str
    suggestion: str
    source: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class MoveRule:
    """A rule of the plan over a resolved SIM (columns of INVENTORY); `fine` is true where it may move, null is no."""

    code: str
    step: str  # what the SIM becomes where the rule does not hold: "REFUSE" or "ASSIST"
    fine: pl.Expr
    sentence: str
    next_step: str
    source: str


def fill(template: str) -> pl.Expr:
    """Column of sentences: `template` with each `{name}` replaced by the text of column `name` (null as nothing).

    `{name:,}` groups the digits of a whole number by thousands.
    """
    parts: list[pl.Expr] = []
    for words, name, spec, _ in Formatter().parse(template):
        if words:
            parts.append(pl.lit(words))
        if name is not None:
            text = pl.col(name).cast(pl.String).fill_null("")
            parts.append(_grouped(text) if spec == "," else text)
    return pl.concat_str(parts) if parts else pl.lit("")


def _grouped(text: pl.Expr) -> pl.Expr:
    return text.str.reverse().str.replace_all("([0-9]{3})", "$1,").str.reverse().str.strip_chars_start(",")
