"""Prints how long `judge` takes for a million good rows, and for a million of which one in ten is bad.

.venv/bin/python -m benchmarks.judging [--rows N] [--repeat N]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path

import polars as pl

from benchmarks.measured import table
from domain.identifiers import BODY_DIGITS, luhn_digit
from domain.lists import KIND_TYPE, ROWS, Column, Kind, ListLimits, Role, Sheet
from validation.judge import judge

FIRST_BODY = 8_988_303_000_000_000_000
SHARE_BAD = 10  # one row in this many


def good(rows: int) -> pl.DataFrame:
    """ROWS with one 20-digit ICCID each."""
    body = (pl.int_range(rows, dtype=pl.UInt64) * 7 + FIRST_BODY).cast(pl.String).alias("body")
    empty, text = (pl.lit(kind, KIND_TYPE) for kind in (Kind.EMPTY, Kind.TEXT))
    return (
        pl.DataFrame({"row": pl.int_range(2, rows + 2, dtype=pl.UInt32, eager=True)})
        .with_columns(body)
        .with_columns(
            (pl.col("body") + luhn_digit(pl.col("body"), BODY_DIGITS)).alias("sim"),
            text.alias("sim_kind"),
            *(pl.lit(None, pl.String).alias(name) for name in ("imsi", "end")),
            *(empty.alias(name) for name in ("imsi_kind", "end_kind")),
        )
        .select(ROWS.names())
        .cast(ROWS)
    )


def one_in_ten_bad(rows: int) -> pl.DataFrame:
    """The same, a tenth of it damaged in the seven ways that come up most."""
    frame = good(rows)
    number = pl.lit(Kind.NUMBER, KIND_TYPE)
    sim, turn = pl.col("sim"), pl.int_range(pl.len()) // SHARE_BAD % 7
    bad = pl.int_range(pl.len()) % SHARE_BAD == 0
    damaged = (
        pl.when(turn == 0)
        .then(sim.str.head(19) + pl.lit("0"))  # nine in ten of these break the check digit
        .when(turn == 1)
        .then(pl.lit("8.98830300000801E+18"))
        .when(turn == 2)
        .then(sim.str.head(17))
        .when(turn == 3)
        .then(sim.str.head(9) + pl.lit("\u200b") + sim.str.tail(11))
        .when(turn == 4)
        .then(sim.shift(1))  # twice in the list
        .when(turn == 5)
        .then(pl.lit("8.988303000008014E+19"))
        .otherwise(pl.lit("12") + sim.str.tail(18))
    )
    kind = pl.when(bad & (turn == 5)).then(number).otherwise("sim_kind")
    return frame.with_columns(pl.when(bad).then(damaged).otherwise(sim).alias("sim"), kind.alias("sim_kind"))


def decorated(rows: int) -> pl.DataFrame:
    """All good, and every one written with spaces."""
    sim = pl.col("sim")
    spaced = pl.concat_str(*(sim.str.slice(place, 4) for place in range(0, 20, 4)), separator=" ")
    return good(rows).with_columns(spaced.alias("sim"))


def sheet_of(rows: pl.DataFrame) -> Sheet:
    column = Column(0, "ICCID", "A")
    return Sheet(Path("bench.csv"), "", "csv", "", 1, (column,), {Role.SIM: column}, rows, "bench")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--repeat", type=int, default=5)
    options = asked.parse_args()
    started = time.perf_counter()
    judge(sheet_of(good(10)), "emnify", ListLimits())
    print(f"{options.rows:,} rows; the first judgement of 10 imports pandera: {time.perf_counter() - started:.2f} s\n")
    lines = []
    for make in (good, one_in_ten_bad, decorated):
        sheet, times = sheet_of(make(options.rows)), []
        for _ in range(options.repeat):
            started = time.perf_counter()
            verdict = judge(sheet, "emnify", ListLimits())
            times.append(time.perf_counter() - started)
        found = (f"{verdict.rows_accepted:,}", f"{verdict.findings.height:,}")
        lines.append((make.__name__.replace("_", " "), f"{statistics.median(times):.2f}", f"{min(times):.2f}", *found))
    table(("", "median s", "best s", "accepted", "findings"), lines)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
