"""Soracom's books in the words of a report, and what outcomes they allow where we accept what we issue."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chaos.emnify_books import unchanged
from chaos.verdict import NOW, Books, Line
from domain.inventory import SIDE_TYPE, Side
from domain.outcomes import Outcome
from sandbox.soracom.accounts import EAST, WEST
from sandbox.soracom.truth import Truth
from sandbox.soracom.words import Status

SIDES = {EAST.operator: str(Side.SOURCE), WEST.operator: str(Side.TARGET)}


def opened(home: Path) -> Books:
    """The books in a sandbox's home, as they are before a run from the east to the west."""
    truth = Truth(home)
    return Books(now_of(truth), lambda: now_of(truth), may_be)


def now_of(truth: Truth) -> pl.DataFrame:
    """Frame `NOW`; SIMs have no devices here, and turn transferring as often as tokens end."""
    first = truth.moves().group_by("iccid").agg(pl.col("at").min().alias("moved_at"))
    return (
        truth.where()
        .join(first, on="iccid", how="left")
        .select(
            key="iccid",
            account="operator",
            side=pl.col("operator").replace_strict(SIDES, default=str(Side.NOWHERE)).cast(SIDE_TYPE),
            status="status",
            device=pl.lit(None, pl.String),
            group="group",
            moves="moves",
            turns=pl.lit(0, pl.Int64),
            moved_at="moved_at",
        )
        .cast(NOW)
    )


def may_be(outcome: Outcome, line: Line) -> bool:
    """Whether the books allow the outcome; in doubt and drifted say nothing about where a SIM is."""
    match outcome:
        case Outcome.CONFIRMED:
            return line["side"] == Side.TARGET
        case Outcome.NOT_DONE | Outcome.NOT_STARTED | Outcome.CANCELLED:
            return (line["side"], line["status"]) == (Side.SOURCE, Status.READY)
        case Outcome.DECLINED | Outcome.AWAITING:
            return line["side"] == Side.SOURCE
        case Outcome.LEFT:
            return line["side"] == Side.TARGET and unchanged(line)
        case Outcome.REFUSED | Outcome.ASSISTED:
            return unchanged(line)
        case _:
            return True
