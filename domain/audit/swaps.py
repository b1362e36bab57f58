"""Two rows of a register that have each other's IMSI."""

from __future__ import annotations

import polars as pl

from domain.audit.frames import BREAKS
from domain.audit.kinds import KIND_TYPE, Kind


def with_swaps(breaks: pl.DataFrame) -> pl.DataFrame:
    """The breaks (BREAKS of all SIMs), where those whose IMSIs differ both ways are said to be swapped.

    Row A has the IMSI that the provider gives the SIM of row B, and the other way round, in the same register.
    """
    pairs = breaks.filter(pl.col("kind") == Kind.PAIR_DIFFERS)
    one = pairs.select("who", "register", "said", "seen")
    other = pairs.select(
        "register", pl.col("who").alias("_other"), pl.col("said").alias("seen"), pl.col("seen").alias("said")
    )
    swapped = (
        one.join(other, on=["register", "said", "seen"], how="inner")
        .filter(pl.col("who") != pl.col("_other"))
        .unique(["who", "register"], keep="any")
        .select("who", "register", "_other", pl.lit(Kind.PAIR_DIFFERS, KIND_TYPE).alias("kind"))
    )
    if swapped.is_empty():
        return breaks
    found = pl.col("_other").is_not_null()
    return (
        breaks.join(swapped, on=["who", "register", "kind"], how="left", maintain_order="left")
        .with_columns(
            pl.when(found).then(pl.lit(Kind.SWAPPED, KIND_TYPE)).otherwise("kind").alias("kind"),
            pl.when(found).then(pl.format("{}, that of {}", "said", "_other")).otherwise("said").alias("said"),
        )
        .select(BREAKS.names())
    )
