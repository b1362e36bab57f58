"""What a report on Super SIMs says held against the sandbox's own books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from domain.orders import Part
from domain.outcomes import Outcome, totals
from domain.plan import Step
from sandbox.supersim.accounts import NORTH, SOUTH, Account
from sandbox.supersim.truth import Truth

BODY_DIGITS = 19
_STILL_NORTH = (Outcome.DECLINED, Outcome.NOT_DONE, Outcome.NOT_STARTED, Outcome.REFUSED)


@dataclass(frozen=True)
class Books:
    """The books before a run, and where to look them up now."""

    before: pl.DataFrame  # WHERE
    truth: Truth
    sides: Mapping[str, str]  # account -> side

    @classmethod
    def opened(cls, truth: Truth, source: Account = NORTH, target: Account = SOUTH) -> Books:
        return cls(truth.where(), truth, {source.sid: "source", target.sid: "target"})

    def disagreements(self, steps: pl.DataFrame, outcomes: pl.DataFrame, by_others: tuple[str, ...] = ()) -> list[str]:
        """Whatever is not as it must be, in words: lies of the report, SIMs changed twice, lost, or without a plan.

        `by_others` are bodies of SIMs that the test itself has changed.
        """
        now = self.truth.where()
        if outcomes.height != steps.height or sum(totals(outcomes).values()) != outcomes.height:
            return [f"{steps.height} steps, and {outcomes.height} outcomes"]
        return [
            *_lies(steps, outcomes, now, self.sides),
            *_changed_twice(steps, self.truth, by_others),
            *_unplanned(steps, self.before, now, by_others),
        ]


def _lies(steps: pl.DataFrame, outcomes: pl.DataFrame, now: pl.DataFrame, sides: Mapping[str, str]) -> list[str]:
    """Lines whose outcome is not what the books say, and whose last sight is not."""
    known = outcomes.filter(pl.col("iccid").is_not_null())
    bodies = known.with_columns(pl.col("iccid").str.slice(0, BODY_DIGITS).alias("body"))
    ways = steps.select("line", "parts", "step")
    joined = bodies.join(ways, on="line", how="left").join(
        now.select(
            pl.col("iccid").alias("body"),
            pl.col("account").replace_strict(sides, default="nowhere").alias("at"),
            pl.col("status").alias("is"),
            pl.col("fleet"),
        ),
        on="body",
        how="left",
    )
    false = []
    for row in joined.with_columns(pl.col("at").fill_null("nowhere")).iter_rows(named=True):
        seen = (str(row["side_now"]), row["status_now"], row["group_now"])
        there = (row["at"], row["is"], row["fleet"]) if row["at"] != "nowhere" else ("nowhere", None, None)
        if seen != there:
            false.append(f"{row['body']} was last seen {seen} and is {there}")
        if not _may_be(Outcome(str(row["outcome"])), row):
            said = (str(row["outcome"]), row["part"], row["reason"])
            false.append(f"{row['body']}, to {row['parts']}, is said to be {said} and is {there}")
    return false


def _may_be(outcome: Outcome, row: dict[str, str | None]) -> bool:
    """Whether the books allow the outcome."""
    at, status, parts = row["at"], row["is"], str(row["parts"]).split()
    goal = at == "target" and (row["group_to"] is None or row["group_to"] == (row["fleet"] or ""))
    goal &= Part.ACTIVATE not in parts or status == "active"
    match outcome:
        case Outcome.CONFIRMED:
            return goal
        case Outcome.LEFT:
            return at == "target"
        case Outcome.AWAITING:
            return not goal
        case _ if outcome in _STILL_NORTH and row["part"] != Part.ACTIVATE:
            return at == "source" or row["step"] != Step.MOVE
        case _ if outcome in _STILL_NORTH:
            return at == "target" and status != "active"
        case _:
            return True  # in doubt, drifted: says nothing about where it is


def _changed_twice(steps: pl.DataFrame, truth: Truth, by_others: tuple[str, ...]) -> list[str]:
    """SIMs of the run that changed their account more than once, or their status more often than their way has it."""
    ledger = truth.ledger().filter(pl.col("request") > 0)
    ways = steps.filter(pl.col("step") == Step.MOVE).select("sim_id", "key", "parts")
    counts = ledger.group_by("sim_id").agg(
        (pl.col("change") == "account").sum().alias("moves"),
        ((pl.col("change") == "status") & (pl.col("became") == "scheduled")).sum().alias("turns"),
    )
    joined = ways.join(counts, on="sim_id").filter(~pl.col("key").is_in(list(by_others)))
    turns = pl.col("parts").str.count_matches("activate")  # deactivate has it in it
    wrong = joined.filter((pl.col("moves") > 1) | (pl.col("turns") > turns))
    return [f"{key}, to {parts}: {moves} moves, {turns} turns" for _, key, parts, moves, turns in wrong.iter_rows()]


def _unplanned(steps: pl.DataFrame, before: pl.DataFrame, now: pl.DataFrame, by_others: tuple[str, ...]) -> list[str]:
    """SIMs that no step wanted to change and that are not as they were."""
    mine = steps.filter(pl.col("step") == Step.MOVE)["key"].to_list()
    columns = ["iccid", "account", "status", "fleet", "name"]
    rest, then = (frame.filter(~pl.col("iccid").is_in([*mine, *by_others])).select(columns) for frame in (now, before))
    other = rest.join(then, on=columns, how="anti", nulls_equal=True)["iccid"].to_list()
    gone = then.join(rest, on="iccid", how="anti")["iccid"].to_list()
    lost = before.filter(pl.col("iccid").is_in(mine)).join(now, on="iccid", how="anti")["iccid"].to_list()
    return [f"{body} has changed" for body in other] + [f"{body} is gone" for body in [*gone, *lost]]
