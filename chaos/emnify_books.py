"""emnify's books in the words of a report, and what outcomes they allow."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chaos.verdict import NOW, UNTOUCHED, Books, Line
from domain.inventory import SIDE_TYPE, Side
from domain.outcomes import Outcome
from sandbox import accounts
from sandbox.emnify.words import Status
from sandbox.truth import Truth

SIDES = {accounts.SOURCE: str(Side.SOURCE), accounts.TARGET: str(Side.TARGET)}
STATUSES = {int(status): str(status.named()["description"]) for status in Status}
MUST_BE_IN = {
    Outcome.CONFIRMED: Side.TARGET,
    Outcome.LEFT: Side.TARGET,
    Outcome.DECLINED: Side.SOURCE,
    Outcome.NOT_DONE: Side.SOURCE,
    Outcome.NOT_STARTED: Side.SOURCE,
    Outcome.CANCELLED: Side.SOURCE,
}
AS_BEFORE = (Outcome.REFUSED, Outcome.ASSISTED, Outcome.LEFT)


def opened(home: Path) -> Books:
    """The books in a sandbox's home, as they are before a run from the source to the target."""
    truth = Truth(home)
    return Books(now_of(truth), lambda: now_of(truth), may_be)


def now_of(truth: Truth) -> pl.DataFrame:
    """Frame `NOW`."""
    first = truth.moves().group_by("sim_id").agg(pl.col("at").min().alias("moved_at"))
    return (
        truth.where()
        .join(first, on="sim_id", how="left")
        .select(
            key="iccid",
            account=pl.col("workspace_id").cast(pl.String),
            side=pl.col("workspace_id").replace_strict(SIDES, default=str(Side.NOWHERE)).cast(SIDE_TYPE),
            status=pl.col("status").replace_strict(STATUSES),
            device=pl.col("endpoint_id").cast(pl.String),
            group=pl.lit(None, pl.String),
            moves="moves",
            turns=pl.lit(0, pl.Int64),
            moved_at="moved_at",
        )
        .cast(NOW)
    )


def may_be(outcome: Outcome, line: Line) -> bool:
    """Whether the books allow the outcome; in doubt and drifted say nothing about where a SIM is."""
    where = MUST_BE_IN.get(outcome)
    return (where is None or line["side"] == where) and (outcome not in AS_BEFORE or unchanged(line))


def unchanged(line: Line) -> bool:
    """Whether the SIM is as it was before the run."""
    there = ("account", "status", "device", "group_is")
    return all(line[now] == line[f"{name}_was"] for now, name in zip(there, UNTOUCHED, strict=True))
