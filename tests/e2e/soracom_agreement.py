"""What a report on Soracom's SIMs says about where they are, held against the sandbox's own books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from domain.inventory import Side
from domain.outcomes import Outcome, totals
from domain.plan import Step
from sandbox.soracom.accounts import EAST, WEST, Operator
from sandbox.soracom.truth import Truth
from sandbox.soracom.words import Status

READY = (str(Side.SOURCE), str(Status.READY))
UNDER_WAY = (str(Side.SOURCE), str(Status.TRANSFERRING))
_AS_BEFORE = ["iccid", "operator", "status", "group", "name"]


@dataclass(frozen=True)
class Books:
    """The books before a run from the east, and where to look them up now."""

    before: pl.DataFrame  # WHERE
    settings: pl.DataFrame  # SETTINGS
    truth: Truth
    target: Operator

    @classmethod
    def opened(cls, truth: Truth, target: Operator = WEST) -> Books:
        """The books as they are now."""
        return cls(truth.where(), truth.settings(), truth, target)

    def disagreements(
        self, steps: pl.DataFrame, outcomes: pl.DataFrame, by_others: tuple[str, ...] = (), *, blind: bool = False
    ) -> list[str]:
        """Whatever is not as it must be, in words: lies of the report, SIMs moved twice, lost, or without a plan.

        `by_others` are SIMs that others than the run have done something to; `blind` is a run that cannot read its
        target.
        """
        if outcomes.height != steps.height or sum(totals(outcomes).values()) != outcomes.height:
            return [f"{steps.height} steps, and {outcomes.height} outcomes"]
        now = self.truth.where()
        sides = {EAST.operator: str(Side.SOURCE)} | ({} if blind else {self.target.operator: str(Side.TARGET)})
        return [
            *self._lies(outcomes, now, sides),
            *(f"{key} was moved twice" for key in self.truth.moved_twice()),
            *self._offered_twice(steps),
            *self._unplanned(steps, now, by_others),
        ]

    def _lies(self, outcomes: pl.DataFrame, now: pl.DataFrame, sides: Mapping[str, str]) -> Iterator[str]:
        """Lines whose outcome is not what the books say, and whose last sight is not."""
        is_now = now.select("operator", "status", "group", pl.col("iccid").alias("sim_id"))
        before = self.before.select(pl.col("operator").alias("was_of"), "status", pl.col("iccid").alias("sim_id"))
        joined = outcomes.join(is_now, on="sim_id", suffix="_is").join(before, on="sim_id", suffix="_was")
        for row in joined.iter_rows(named=True):
            side = sides.get(row["operator"], str(Side.NOWHERE))
            there = (side, row["status"], row["group_is"]) if side != Side.NOWHERE else (side, None, None)
            seen = (str(row["side_now"]), row["status_now"], row["group_now"])
            if seen != there:
                yield f"{row['sim_id']} was last seen {seen} and is {there}"
            as_before = (row["operator"], row["status"]) == (row["was_of"], row["status_was"])
            if not _may_be(Outcome(str(row["outcome"])), side, str(row["status"]), as_before=as_before):
                yield f"{row['sim_id']} is said to be {row['outcome']} ({row['reason']}) and is {there}"

    def _offered_twice(self, steps: pl.DataFrame) -> Iterator[str]:
        """SIMs of the run that it has put under way more than once: what fell back is a new plan's."""
        mine = steps.filter(pl.col("step") == Step.MOVE)["key"]
        under_way = self.truth.ledger().filter(
            pl.col("change") == "status", pl.col("became") == str(Status.TRANSFERRING), pl.col("request") > 0
        )
        counts = under_way.filter(pl.col("iccid").is_in(mine.implode())).group_by("iccid").len()
        yield from (f"{key} was offered {count} times" for key, count in counts.filter(pl.col("len") > 1).iter_rows())

    def _unplanned(self, steps: pl.DataFrame, now: pl.DataFrame, by_others: tuple[str, ...]) -> Iterator[str]:
        """SIMs that no step wanted to change and that are not as they were, and any that are gone."""
        mine = [*steps.filter(pl.col("step") == Step.MOVE)["key"], *by_others]
        then, rest = (frame.filter(~pl.col("iccid").is_in(mine)).select(_AS_BEFORE) for frame in (self.before, now))
        changed = then.join(rest, on=_AS_BEFORE, how="anti", nulls_equal=True)["iccid"]
        set_otherwise = self.settings.filter(pl.col("key").is_in(then["iccid"].implode())).join(
            self.truth.settings(), on=["key", "setting", "value"], how="anti"
        )
        yield from (f"{key} has changed" for key in changed)
        yield from (f"{key} is set otherwise" for key in set_otherwise["key"].unique())
        yield from (f"{key} is gone" for key in self.before.join(now, on="iccid", how="anti")["iccid"])


def _may_be(outcome: Outcome, side: str, status: str, *, as_before: bool) -> bool:
    """Whether the books allow the outcome of a SIM that is there; `as_before` is that the run found it so."""
    offered = (side, status) in {READY, UNDER_WAY}
    match outcome:
        case Outcome.CONFIRMED | Outcome.LEFT:
            return side == Side.TARGET and (as_before or outcome == Outcome.CONFIRMED)
        case Outcome.REFUSED | Outcome.ASSISTED:
            return as_before
        case Outcome.NOT_DONE | Outcome.NOT_STARTED | Outcome.CANCELLED:
            return (side, status) == READY
        case Outcome.DECLINED | Outcome.AWAITING:
            return offered or (outcome == Outcome.AWAITING and side == Side.NOWHERE)
        case Outcome.DRIFTED:
            return side != Side.TARGET and not offered
        case _:
            return True  # in doubt: says nothing about where it is
