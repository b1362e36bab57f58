"""Super SIM's books in the words of a report, and what outcomes they allow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from chaos.emnify_books import unchanged
from chaos.verdict import NOW, Books, Line
from domain.inventory import SIDE_TYPE, Side
from domain.orders import Part
from domain.outcomes import Outcome
from sandbox.supersim.accounts import NORTH, SOUTH
from sandbox.supersim.truth import Truth
from sandbox.supersim.words import Status

SIDES = {NORTH.sid: str(Side.SOURCE), SOUTH.sid: str(Side.TARGET)}
STILL_THERE = (Outcome.DECLINED, Outcome.NOT_DONE, Outcome.NOT_STARTED)


def opened(home: Path) -> Books:
    """The books in a sandbox's home, as they are before a run from the north to the south."""
    truth = Truth(home)
    return Books(now_of(truth, SIDES), lambda: now_of(truth, SIDES), may_be)


def now_of(truth: Truth, sides: Mapping[str, str]) -> pl.DataFrame:
    """Frame `NOW`; a turn is a status that a request has changed, or has put on its way: not one that fell back."""
    ledger = truth.ledger().filter(pl.col("request") > 0).sort("number")
    moved = (pl.col("change") == "account") & pl.col("was").is_not_null()
    moves = ledger.filter(moved).group_by("sim_id").agg(moved_at=pl.col("at").min())
    changes = ledger.filter(pl.col("change") == "status").group_by("sim_id", "request", maintain_order=True)
    ends = changes.agg(pl.col("was").first(), pl.col("became").last())
    turns = (
        ends.filter(pl.col("was").ne_missing(pl.col("became"))).group_by("sim_id").agg(turns=pl.len().cast(pl.Int64))
    )
    return (
        truth.where()
        .join(moves, on="sim_id", how="left")
        .join(turns, on="sim_id", how="left")
        .select(
            key="iccid",
            account=pl.col("account").fill_null(""),
            side=pl.col("account").replace_strict(sides, default=str(Side.NOWHERE)).cast(SIDE_TYPE),
            status="status",
            device=pl.lit(None, pl.String),
            group="fleet",
            moves="moves",
            turns=pl.col("turns").fill_null(0),
            moved_at="moved_at",
        )
        .cast(NOW)
    )


def may_be(outcome: Outcome, line: Line) -> bool:  # noqa: PLR0911 - one case per outcome
    """Whether the books allow the outcome; in doubt and drifted say nothing about where a SIM is."""
    parts = str(line["parts"]).split()
    goal = line["side"] == Side.TARGET and (line["group_to"] is None or line["group_to"] == (line["group_is"] or ""))
    goal &= Part.ACTIVATE not in parts or line["status"] == Status.ACTIVE
    match outcome:
        case Outcome.CONFIRMED:
            return goal
        case Outcome.LEFT:
            return line["side"] == Side.TARGET and unchanged(line)
        case Outcome.REFUSED | Outcome.ASSISTED:
            return unchanged(line)
        case Outcome.AWAITING:
            return not goal
        case _ if outcome in STILL_THERE and line["part"] != Part.ACTIVATE:
            return line["side"] == Side.SOURCE
        case _ if outcome in STILL_THERE:
            return line["side"] == Side.TARGET and line["status"] != Status.ACTIVE
        case _:
            return True
