"""Signs that a whole column of text went through a number once."""

from __future__ import annotations

import polars as pl

from domain.identifiers import BODY_DIGITS
from domain.lists import Kind

DISTINCT_MIN = 3  # fewer values may share a factor by chance
STEP_OF_19 = 1_024  # doubles between 2^62 and 2^63 are this far apart
STEP_OF_20 = 16_384  # doubles between 2^66 and 2^67
ZEROS_STEP = 10_000  # fifteen digits kept of nineteen: four zeros behind them
_LOOK_FIRST = 64  # rows that settle it for nearly every good list


def went_through_a_float(frame: pl.DataFrame) -> pl.Expr:
    """True for the SIM column's text ICCIDs where every one of them is a multiple of what a double can tell apart.

    Or where all of them end in the zeros a spreadsheet writes behind its 15 digits. `frame` has `sim_body`,
    `sim_digits`, `sim_kind` and `is_range`; ranges, which often begin at round numbers, have no say.
    """
    judged = frame.filter((pl.col("sim_kind") == Kind.TEXT) & ~pl.col("is_range") & pl.col("sim_body").is_not_null())
    for sign in (_binary(), _decimal()):
        if not judged.head(_LOOK_FIRST).select(sign.all()).item() or not judged.select(sign.all()).item():
            continue
        if judged["sim_digits"].n_unique() >= DISTINCT_MIN:
            return pl.col("sim_body").is_not_null() & (pl.col("sim_kind") == Kind.TEXT) & ~pl.col("is_range")
    return pl.lit(False)


def may_have_been_numbers(digits: pl.Series) -> bool:
    """Whether the first ICCIDs of a column (digits alone, 19 or 20) all look so; False where there are none."""
    first = digits.head(_LOOK_FIRST).to_frame("sim_digits")
    bodies = first.with_columns(pl.col("sim_digits").str.head(BODY_DIGITS).cast(pl.UInt64).alias("sim_body"))
    return bodies.height > 0 and any(bodies.select(sign.all()).item() for sign in (_binary(), _decimal()))


def _last() -> pl.Expr:
    """The 20th digit as a number; null for ICCIDs of 19."""
    return pl.col("sim_digits").str.slice(BODY_DIGITS, 1).cast(pl.UInt64, strict=False)


def _binary() -> pl.Expr:
    body = pl.col("sim_body")
    return (
        pl.when(_last().is_null())
        .then(body % STEP_OF_19 == 0)
        .otherwise((body % STEP_OF_20 * 10 + _last()) % STEP_OF_20 == 0)
    )


def _decimal() -> pl.Expr:
    return (pl.col("sim_body") % ZEROS_STEP == 0) & (_last().fill_null(0) == 0)
