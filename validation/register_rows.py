"""Rows of a register judged: those that nothing can be said against at a glance, and the others rule by rule.

Nearly all rows of a register are bare ICCIDs, with a bare IMSI beside or nothing. What the common rules ask of those is
asked here in a few expressions; every other row, and some of these as witnesses of what the whole column is like, goes
the whole way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from domain.findings import FINDINGS
from domain.identifiers import BODY_DIGITS, PRINTED_DIGITS, luhn_digit
from domain.lists import KIND_TYPE, Kind, ListLimits, Sheet
from validation.damage import may_have_been_numbers
from validation.judge import judge_register

WITNESSES = 64  # bare rows that are judged whole: whether a column went through a number shows in all of its rows

# One line per SIM of the accepted rows; `sim_id` where the row names it by the provider's own id alone.
NAMED = pl.Schema({"row": pl.UInt32(), "iccid": pl.String(), "imsi": pl.String(), "sim_id": pl.String()})


@dataclass(frozen=True, slots=True)
class RegisterVerdict:
    """Accepted SIMs (NAMED), findings (FINDINGS), and the rejected rows (row, raw)."""

    named: pl.DataFrame
    findings: pl.DataFrame
    rejected: pl.DataFrame


def judge_rows(sheet: Sheet, limits: ListLimits) -> RegisterVerdict:
    """Every row of `sheet` as accepted NAMED, or rejected with findings; raises as `judge` does."""
    rows = sheet.rows.with_columns(_is_bare().alias("bare"))
    bare = rows.filter("bare")
    witnesses = bare.head(WITNESSES)["row"]
    if may_have_been_numbers(bare["sim"]):
        rows, bare = rows.with_columns(pl.lit(False).alias("bare")), bare.clear()  # the whole column is to be looked at
    slow = rows.filter(~pl.col("bare") | pl.col("row").is_in(witnesses.implode()))
    verdict = judge_register(replace(sheet, rows=slow.drop("bare")), limits)
    quick = bare.filter(~pl.col("row").is_in(witnesses.implode())).select(
        "row", pl.col("sim").alias("iccid"), "imsi", pl.lit(None, pl.String).alias("sim_id")
    )
    named = pl.concat([verdict.lines.select(NAMED.names()), quick.match_to_schema(NAMED)]).sort(
        "row", maintain_order=True
    )
    return RegisterVerdict(named, verdict.findings.match_to_schema(FINDINGS), verdict.rejected)


def _is_bare() -> pl.Expr:
    """Whether a row is an ICCID in digits alone, with its check digit if it has 20, and an IMSI in digits or none."""
    sim = pl.col("sim")
    length = sim.str.len_bytes()
    digits = (pl.col("sim_kind") == Kind.TEXT) & sim.str.contains("^89[0-9]{17,18}$")
    expected = luhn_digit(pl.when(digits).then(sim.str.head(BODY_DIGITS)), BODY_DIGITS)
    fits = (length == BODY_DIGITS) | (sim.str.slice(PRINTED_DIGITS - 1, 1) == expected)
    nothing = pl.lit(Kind.EMPTY, KIND_TYPE)
    imsi = (pl.col("imsi_kind") == nothing) | (
        (pl.col("imsi_kind") == Kind.TEXT) & pl.col("imsi").str.contains("^[0-9]{14,15}$")
    )
    return (digits & fits & imsi & (pl.col("end_kind") == nothing)).fill_null(value=False)
