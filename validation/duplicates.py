"""Which rows name a SIM or an IMSI that an earlier row names."""

from __future__ import annotations

import polars as pl


def with_first_rows(frame: pl.DataFrame, sims: pl.DataFrame) -> pl.DataFrame:
    """`frame` (facts) with `first_sim_row`, `first_imsi_row` and `whose`: the first row with that SIM or IMSI.

    SIMs are compared by body, so the 19- and 20-digit forms of one meet, and a range meets the SIMs inside it. Those
    named by a provider's id are compared by that, whatever the case of its letters. A row that shares a SIM with any
    earlier row here is a duplicate of the first such row, even where that row is a duplicate itself: whoever mends the
    earlier row sees the later one next to it.
    """
    imsis = frame.filter(pl.col("known_imsi").is_not_null()).select("place", "row", pl.col("known_imsi").alias("imsi"))
    whose = pl.when("is_range").then(pl.lit("A SIM of this range")).otherwise(pl.lit("The same SIM"))
    frame = _with_first_id(_with_first(frame, sims, "body", "first_sim_row"))
    return _with_first(frame, imsis, "imsi", "first_imsi_row").with_columns(whose.alias("whose"))


def _with_first_id(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with `first_sim_row` of rows with an id, which have no body."""
    ids = frame.filter(pl.col("sim_id").is_not_null()).select("place", "row", pl.col("sim_id").str.to_lowercase())
    if ids.is_empty():
        return frame
    first = pl.min_horizontal("first_sim_row", "first_id_row").alias("first_sim_row")
    return _with_first(frame, ids, "sim_id", "first_id_row").with_columns(first).drop("first_id_row")


def _with_first(frame: pl.DataFrame, named: pl.DataFrame, by: str, name: str) -> pl.DataFrame:
    """`frame` with column `name`: the first row of `named` (place, row, `by`) with one of its values, or its own."""
    if named[by].n_unique() == named.height:  # the usual list; counting costs a fifth of telling which is the first
        return frame.with_columns(pl.col("row").alias(name))
    marked = named.with_columns(pl.col(by).is_first_distinct().alias("first"))
    again = marked.filter(~pl.col("first"))
    firsts = marked.filter("first").select(by, pl.col("row").alias(name))
    earliest = again.join(firsts, on=by).group_by("place").agg(pl.col(name).min())
    return frame.join(earliest, on="place", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(pl.col("row"))
    )
