"""Names in place of ids of groups."""

from __future__ import annotations

import polars as pl

NO_GROUP = "(none)"


def name_of(ids: pl.Expr, groups: pl.DataFrame) -> pl.Expr:
    """Names for ids of groups (GROUPS); the id where it has none, `(none)` for "", null stays null."""
    known = groups.filter(pl.col("name").is_not_null() & (pl.col("name") != "")).unique("group")
    names = {"": NO_GROUP, **dict(known.select("group", "name").iter_rows())}
    return ids.replace_strict(list(names), list(names.values()), default=ids, return_dtype=pl.String)
