"""pandera schemas built from rule tables, and the rows that fail them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from domain.lists import IDENTIFIERS, Role
from domain.rules import RowRule
from validation.pandera_alone import import_pandera, warm_up

if TYPE_CHECKING:
    from pandera.polars import Check, DataFrameSchema, PolarsData

FAILURES = pl.Schema({"place": pl.UInt32, "rule": pl.UInt16})  # `rule` is a position in the table


def schema_of(rules: Sequence[RowRule]) -> DataFrameSchema:
    """A schema with one check per rule, named by its position, over the column whose cell the rule names."""
    import_pandera()
    import pandera.polars as pa  # noqa: PLC0415 - a quarter of a second that only judging shall cost

    columns = {
        role.value: pa.Column(
            pl.String,
            nullable=True,
            checks=[_check(place, rule) for place, rule in enumerate(rules) if rule.column == role],
        )
        for role in _roles(rules)
    }
    return pa.DataFrameSchema({**columns, "place": pa.Column(pl.UInt32), "row": pa.Column(pl.UInt32)})


def failures(frame: pl.DataFrame, rules: Sequence[RowRule]) -> pl.DataFrame:
    """Which rows of `frame` (facts) break which of `rules`: FAILURES, in no order.

    pandera's own table of failure cases repeats every value; its checks' outputs hold the same answer by position.
    """
    warm_up()
    schema = schema_of(rules)
    from pandera.errors import SchemaErrors  # noqa: PLC0415 - as above; pandera must not be imported before

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = [_failed(frame, error.check_output, error.check) for error in errors.schema_errors]
        return pl.concat(found)
    return pl.DataFrame(schema=FAILURES)


def _roles(rules: Sequence[RowRule]) -> tuple[Role, ...]:
    """The columns a list's facts have: codes are among them where rules speak of codes."""
    return (*IDENTIFIERS, Role.CODE) if any(rule.column == Role.CODE for rule in rules) else IDENTIFIERS


def _check(place: int, rule: RowRule) -> Check:
    import pandera.polars as pa  # noqa: PLC0415 - as above

    def holds(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(rule.fine)

    return pa.Check(holds, name=str(place), ignore_na=False)  # pandera would let a null pass otherwise


def _failed(frame: pl.DataFrame, output: object, check: object) -> pl.DataFrame:
    """FAILURES of one failed check; a check without an answer for each row is a bug of ours, and must not pass."""
    name = getattr(check, "name", None)
    if not isinstance(output, pl.DataFrame) or output.height != frame.height or name is None:
        raise RuntimeError(f"pandera could not carry out {check}; no row was judged")
    return frame.filter(~output.to_series()).select("place", pl.lit(int(name), pl.UInt16).alias("rule"))
