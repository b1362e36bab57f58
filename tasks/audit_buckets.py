"""Tables cut into buckets of SIMs, so that each can be judged by itself and memory stays bounded.

Which bucket a SIM is in follows from its number alone. Tables have 1, 4, 16 … buckets, so that each bucket of a table
with many of them lies within one bucket of a table with few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from journal.audits import JSON, Parts

BUCKET_ROWS_MAX = 1_000_000
BUCKETS_MAX = 1024
_FACTOR = 4


def buckets_for(rows: int) -> int:
    """How many buckets a table of so many rows has."""
    count = 1
    while rows / count > BUCKET_ROWS_MAX and count < BUCKETS_MAX:
        count *= _FACTOR
    return count


def keep(parts: Parts, frame: pl.DataFrame, facts: JSON) -> None:
    """Keep a table (with `sim`) in buckets; rows without a number are in the first."""
    count = buckets_for(frame.height)
    parts.replace(_cut(frame, count), facts | {"buckets": count, "rows": frame.height})


def most_buckets(tables: Iterable[Parts]) -> int:
    """As many buckets as the table with the most of them has."""
    return max((_buckets(table) for table in tables), default=1)


def bucket(parts: Parts, schema: pl.Schema, number: int, of: int) -> pl.DataFrame:
    """The SIMs of a table that are in bucket `number` of `of`, which is a multiple of the table's own number."""
    own = _buckets(parts)
    file = parts.path / f"part-{number % own:04d}.parquet"
    if not file.exists():
        return pl.DataFrame(schema=schema)
    found = pl.read_parquet(file, glob=False)
    return found if own == of else found.filter(_in(number, of))


def together(tables: Iterable[Parts], schema: pl.Schema, number: int, of: int) -> pl.DataFrame:
    """The same of several tables."""
    return pl.concat([pl.DataFrame(schema=schema), *(bucket(table, schema, number, of) for table in tables)])


def within(frame: pl.DataFrame, number: int, of: int) -> pl.DataFrame:
    """The rows of a frame that are in a bucket."""
    return frame if of == 1 else frame.filter(_in(number, of))


def _cut(frame: pl.DataFrame, count: int) -> Iterator[pl.DataFrame]:
    if count == 1:
        yield frame
        return
    marked = frame.with_columns((pl.col("sim") % count).fill_null(0).alias("_bucket"))
    cut = marked.partition_by("_bucket", as_dict=True, include_key=False, maintain_order=True)
    for number in range(count):
        yield cut.get((number,), frame.clear())


def _in(number: int, of: int) -> pl.Expr:
    return (pl.col("sim") % of).fill_null(0) == number


def _buckets(parts: Parts) -> int:
    return int(parts.facts["buckets"] or 1) if parts.is_there else 1
