"""Rows of a register judged: those that nothing can be said against at a glance, and the others rule by rule.

Nearly all rows of a register are bare ICCIDs, with a bare IMSI beside or nothing. What the common rules ask of those is
asked here in a few expressions; every other row, and some of these as witnesses of what the whole column is like, goes
the whole way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from domain.audit.numbers import sim_number
from domain.findings import FINDINGS
from domain.identifiers import (
    BODY_DIGITS,
    IMSI_DIGITS_MAX,
    IMSI_DIGITS_MIN,
    ISSUER_PREFIX,
    PRINTED_DIGITS,
    luhn_number,
)
from domain.lists import KIND_TYPE, Kind, ListLimits, Sheet
from validation.damage import may_have_been_numbers
from validation.judge import judge_register

WITNESSES = 64  # bare rows that are judged whole: whether a column went through a number shows in all of its rows

# One line per SIM of the accepted rows, in the order of the file: its number (`domain.audit.numbers`), and what the row
# states; `sim_id` where the row names it by the provider's own id alone.
NAMED = pl.Schema(
    {"row": pl.UInt32(), "sim": pl.UInt64(), "iccid": pl.String(), "imsi": pl.String(), "sim_id": pl.String()}
)


@dataclass(frozen=True, slots=True)
class RegisterVerdict:
    """Accepted SIMs (NAMED), findings (FINDINGS), and the rejected rows (row, raw)."""

    named: pl.DataFrame
    findings: pl.DataFrame
    rejected: pl.DataFrame


def judge_rows(sheet: Sheet, limits: ListLimits) -> RegisterVerdict:
    """Every row of `sheet` as accepted NAMED, or rejected with findings; raises as `judge` does."""
    rows = sheet.rows.with_columns(_number().alias("number")).with_columns(_is_bare().alias("bare"))
    witnesses = rows.lazy().filter("bare").head(WITNESSES).select("row", "sim").collect()
    if may_have_been_numbers(witnesses["sim"]):
        rows, witnesses = rows.with_columns(pl.lit(False).alias("bare")), witnesses.clear()  # all is to be looked at
    bare = pl.col("bare") & (pl.col("row") > _last(witnesses["row"]))
    slow = rows.filter(~bare).select(sheet.rows.columns)
    verdict = judge_register(replace(sheet, rows=slow), limits)
    quick = rows.lazy().filter(bare).select("row", pl.col("number").alias("sim"), pl.col("sim").alias("iccid"), "imsi")
    judged = verdict.lines.select("row", sim_number(pl.col("iccid")).alias("sim"), "iccid", "imsi", "sim_id")
    named = quick.with_columns(pl.lit(None, pl.String).alias("sim_id")).match_to_schema(NAMED)
    return RegisterVerdict(
        judged.lazy().match_to_schema(NAMED).merge_sorted(named, "row").collect(),
        verdict.findings.match_to_schema(FINDINGS),
        verdict.rejected,
    )


def _last(rows: pl.Series) -> int:
    return int(rows[-1]) if rows.len() else 0


def _number() -> pl.Expr:
    """The first 19 digits as a number; null for what does not begin like an ICCID or has other letters in it."""
    sim = pl.col("sim")
    fits = sim.str.starts_with(ISSUER_PREFIX) & sim.str.len_bytes().is_between(BODY_DIGITS, PRINTED_DIGITS)
    return pl.when(fits).then(sim.str.head(BODY_DIGITS)).cast(pl.UInt64, strict=False)


def _is_bare() -> pl.Expr:
    """Whether a row is an ICCID in digits alone, with its check digit if it has 20, and an IMSI in digits or none."""
    digit = pl.col("sim").str.slice(BODY_DIGITS).cast(pl.UInt8, strict=False)
    short = pl.col("sim").str.len_bytes() == BODY_DIGITS
    fits = pl.col("number").is_not_null() & (short | (digit == luhn_number(pl.col("number"), BODY_DIGITS)))
    text, nothing = (pl.lit(kind, KIND_TYPE) for kind in (Kind.TEXT, Kind.EMPTY))
    imsi = (pl.col("imsi_kind") == nothing) | ((pl.col("imsi_kind") == text) & _is_imsi(pl.col("imsi")))
    is_bare = (pl.col("sim_kind") == text) & fits & imsi & (pl.col("end_kind") == nothing)
    return is_bare.fill_null(value=False)


def _is_imsi(imsi: pl.Expr) -> pl.Expr:
    """Whether it is as long as an IMSI, and digits alone: what begins with one and is a number."""
    length = imsi.str.len_bytes().is_between(IMSI_DIGITS_MIN, IMSI_DIGITS_MAX)
    return length & (imsi >= "0") & imsi.cast(pl.UInt64, strict=False).is_not_null()
