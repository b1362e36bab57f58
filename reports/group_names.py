"""Groups as people know them: the provider's noun, and names in place of ids."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.inventory import Side
from reports.names import NO_GROUP, name_of
from reports.run_report import RunReport

_NOUNS = {"supersim": "Fleet"}
_COLUMNS = ("group", "group_to", "group_now")


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column of group names: what `named` called it, its heading, and the column of its ids."""

    name: str
    heading: str
    ids: str


def noun(provider: str) -> str:
    """What the provider calls a group of SIMs, as a heading begins with it."""
    return _NOUNS.get(provider, "Group")


def named_columns(provider: str) -> tuple[NamedColumn, ...]:
    """The columns that `named` adds: where a SIM was, was to be, and is."""
    whens = ("before", "wanted", "now")
    return tuple(
        NamedColumn(f"{ids}_named", f"{noun(provider)} {when}", ids) for ids, when in zip(_COLUMNS, whens, strict=True)
    )


def named(report: RunReport) -> pl.DataFrame:
    """The outcomes with `group_named`, `group_to_named` and `group_now_named`: by name, else by id.

    And with `group_way`, all of it in words: `a → b`, `a (wanted in south: b)`; "" where there is no group.
    """
    with_names = report.outcomes.with_columns(
        name_of(pl.col(ids), report.groups).alias(f"{ids}_named") for ids in _COLUMNS
    )
    concerned = pl.col("group").is_not_null() | pl.col("group_to").is_not_null()
    taken_off = concerned & (pl.col("side_now") == str(Side.TARGET)) & pl.col("group_now").is_null()
    return with_names.with_columns(
        pl.when(taken_off).then(pl.lit(NO_GROUP)).otherwise("group_now_named").alias("group_now_named")
    ).with_columns(_way(report.plan.target.name).alias("group_way"))


def _way(target: str) -> pl.Expr:
    before, now, wanted = (pl.col(f"{ids}_named") for ids in ("group", "group_now", "group_to"))
    same = pl.col("group").eq_missing(pl.col("group_now"))
    way = (
        pl.when(same)
        .then(before.fill_null(""))
        .otherwise(pl.concat_str(before, now, separator=" → ", ignore_nulls=True))
    )
    missed = (pl.col("group_to") != pl.col("group_now").fill_null("")).fill_null(value=False)
    aim = pl.when(missed).then(pl.lit(f" (wanted in {target}: ") + wanted + ")").otherwise(pl.lit(""))
    return (way + aim).str.strip_chars_start()
