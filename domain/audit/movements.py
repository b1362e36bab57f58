"""What came, went and changed in the accounts since the last month that is known."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from domain.audit.frames import break_lines
from domain.audit.kinds import Kind
from domain.audit.numbers import who


class Movement(StrEnum):
    """How an account's SIMs differ from last month's."""

    CAME = "came"
    WENT = "went"
    MOVED = "moved"
    STATUS = "status changed"
    GROUP = "group changed"


MOVEMENT_TYPE = pl.Enum(Movement)

# One line per SIM and movement; `run` is the run that has carried it, where one has.
MOVEMENTS = pl.Schema(
    {
        "movement": MOVEMENT_TYPE,
        "who": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "account_before": pl.String(),
        "account": pl.String(),
        "before": pl.String(),
        "now": pl.String(),
        "run": pl.String(),
    }
)


def movements(before: pl.DataFrame, now: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """MOVEMENTS between two months (HELD, of the accounts that both months have read); `carried` as CARRIED.

    SIM by SIM, as the judging is: a part of all SIMs can be compared by itself.
    """
    last, this = (held.unique("sim", keep="first", maintain_order=True) for held in (before, now))
    both = last.join(this, on="sim", how="full", suffix="_now", coalesce=True).join(carried, on="sim", how="left")
    moved = pl.col("account") != pl.col("account_now")
    by_run = pl.when(pl.col("target") == pl.col("account_now")).then("run")
    there = pl.col("account").is_not_null() & pl.col("account_now").is_not_null()
    tables = (
        (Movement.CAME, pl.col("account").is_null(), None, "status_now"),
        (Movement.WENT, pl.col("account_now").is_null(), "status", None),
        (Movement.MOVED, there & moved, "account", "account_now"),
        (Movement.STATUS, there & ~moved & pl.col("status").ne_missing(pl.col("status_now")), "status", "status_now"),
        (Movement.GROUP, there & ~moved & pl.col("group").ne_missing(pl.col("group_now")), "group", "group_now"),
    )
    return pl.concat(
        both.filter(is_so).select(
            pl.lit(movement, MOVEMENT_TYPE).alias("movement"),
            who(pl.col("sim"), pl.coalesce("imsi_now", "imsi")).alias("who"),
            pl.coalesce("iccid_now", "iccid").alias("iccid"),
            pl.coalesce("imsi_now", "imsi").alias("imsi"),
            pl.col("account").alias("account_before"),
            pl.col("account_now").alias("account"),
            (pl.lit(None, pl.String) if old is None else pl.col(old)).alias("before"),
            (pl.lit(None, pl.String) if new is None else pl.col(new)).alias("now"),
            by_run.alias("run"),
        )
        for movement, is_so, old, new in tables
    )


def moved_outside(moves: pl.DataFrame) -> pl.DataFrame:
    """A break (BREAKS) for each movement (MOVEMENTS) between accounts that no run explains."""
    rows = moves.filter((pl.col("movement") == Movement.MOVED) & pl.col("run").is_null())
    return break_lines(
        rows.with_columns(pl.lit(None, pl.UInt64).alias("sim")),
        Kind.MOVED_OUTSIDE,
        who=pl.col("who"),
        said=pl.format("last month in {}", "account_before"),
        seen=pl.format("in {}", "account"),
    )


def since(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """`now` (HELD) with the days from which on SIMs are in their status: last month's where it has not changed."""
    known = before.select("account", "sim", "status", pl.col("status_since").alias("_since")).unique(
        ["account", "sim"], keep="first"
    )
    return (
        now.join(known, on=["account", "sim", "status"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("_since", "status_since").alias("status_since"))
        .drop("_since")
    )
