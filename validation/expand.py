"""The SIMs that rows stand for: one each, or all of a range, counted without the check digit."""

from __future__ import annotations

import polars as pl

from domain.lists import LINES
from validation.numbering import Numbering, counted, in_digits, in_full

SIMS = pl.Schema({"place": pl.UInt32, "row": pl.UInt32, "body": pl.UInt64})


def sims_of(frame: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """SIMS of the rows of `frame` (facts) that name ICCIDs, in list order; `body` is the first 19 digits.

    The caller has bounded `range_sims` before: expanding takes 16 bytes a SIM.
    """
    singles = frame.filter(~pl.col("is_range") & pl.col("sim_body").is_not_null())
    alone = singles.select("place", "row", pl.col("sim_body").alias("body"))
    ranges = frame.filter("is_range")
    if ranges.is_empty():
        return alone
    steps = pl.int_ranges(0, pl.col("range_sims").cast(pl.Int64), dtype=pl.UInt32)
    expanded = (
        ranges.select("place", "row", counted(pl.col("sim_body"), numbering).alias("first"), steps.alias("step"))
        .explode("step")
        .select("place", "row", in_digits(pl.col("first") + pl.col("step"), numbering).alias("body"))
    )
    return pl.concat([alone, expanded]).sort("place", maintain_order=True)


def lines_of(frame: pl.DataFrame, sims: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """LINES of the accepted rows of `frame` (facts); `sims` are SIMS of at least these rows.

    `key` is the first 19 digits, which every provider's inventory has and which the two printed forms of one SIM
    share. It is null for a row known by IMSI or by the provider's id alone.
    """
    single = frame.select(
        "place",
        "row",
        pl.col("sim_body").alias("body"),
        pl.when(pl.col("sim_body").is_not_null()).then("sim_digits").alias("iccid"),
        pl.col("known_imsi").alias("imsi"),
        pl.col("is_range").alias("in_range"),
        "sim_id",
    )
    if single["in_range"].any():
        ranged = sims.join(single.filter("in_range").select("place"), on="place", how="semi").with_columns(
            in_full(pl.col("body"), numbering).alias("iccid"),
            pl.lit(None, pl.String).alias("imsi"),
            pl.lit(True).alias("in_range"),
            pl.lit(None, pl.String).alias("sim_id"),
        )
        single = pl.concat([single.filter(~pl.col("in_range")), ranged]).sort("place", maintain_order=True)
    return (
        single.with_row_index("line")
        .with_columns(pl.col("body").cast(pl.String).alias("key"))
        .select(LINES.names())
        .cast(LINES)
    )
