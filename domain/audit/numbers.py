"""One number per SIM, whichever way its ICCID is written, and SIMs found by their IMSI.

An ICCID (ITU-T E.118) comes in three lengths: all 20 digits, the last of them a check digit; 19, which is either that
without its check digit or a shorter number with it; 18, which is the latter without. The first 19 digits, with the
check digit computed for 18, are the same number for all forms of one card.
"""

from __future__ import annotations

import polars as pl

from domain.identifiers import BODY_DIGITS, ISSUER_PREFIX, luhn_digit

_SHORT_DIGITS = BODY_DIGITS - 1


def sim_number(iccid: pl.Expr) -> pl.Expr:
    """The number (UInt64) of the SIM with an ICCID (String of 18 to 20 digits); null for null and for other text."""
    length = iccid.str.len_bytes()
    short = iccid + luhn_digit(pl.when(length == _SHORT_DIGITS).then(iccid), _SHORT_DIGITS)
    digits = pl.when(length == _SHORT_DIGITS).then(short).when(length > _SHORT_DIGITS).then(iccid.str.head(BODY_DIGITS))
    is_one = iccid.str.starts_with(ISSUER_PREFIX) & (length <= BODY_DIGITS + 1)
    return pl.when(is_one).then(digits).cast(pl.UInt64, strict=False)


def who(sim: pl.Expr, imsi: pl.Expr) -> pl.Expr:
    """What a break calls the SIM: its number as text, or `imsi:` and its IMSI where it has none."""
    return pl.coalesce(sim.cast(pl.String), pl.concat_str(pl.lit("imsi:"), imsi))


def found_by_imsi(booked: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """`booked` (BOOKED) with the SIM of those rows that state an IMSI alone, where exactly one SIM of `held` has it."""
    known = held.select("imsi", pl.col("sim").alias("_sim")).drop_nulls().unique().unique("imsi", keep="none")
    return (
        booked.join(known, on="imsi", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("sim", pl.when(pl.col("iccid").is_null()).then("_sim")).alias("sim"),
        )
        .drop("_sim")
    )
