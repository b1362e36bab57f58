"""What a report may say of each SIM, judged by the provider's own truth at that moment."""

from __future__ import annotations

import polars as pl

from domain.inventory import Side, sights_of
from domain.outcomes import Outcome, totals
from domain.reconciling import reconcile
from tests.reliability.expedition import Expedition

REJECTED = pl.DataFrame(
    {"row": [1], "raw": ["x"], "code": ["bad"]}, schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String}
)
THERE = {Outcome.CONFIRMED, Outcome.LEFT}
NOT_THERE = {Outcome.NOT_STARTED, Outcome.NOT_DONE, Outcome.DECLINED, Outcome.CANCELLED}


def outcomes_of(run: Expedition) -> pl.DataFrame:
    """What a report made now would say."""
    reader = run.fleet.reader
    source, target = (reader.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
    sights = sights_of(run.steps["key"], source, target)
    return reconcile(run.steps, REJECTED, run.deeds(), sights, run.fleet.course, run.issued())


def tells_the_truth(run: Expedition) -> None:
    """Raise where a line has no outcome, the totals do not balance, or an outcome contradicts the truth."""
    run.fleet.catch_up()
    seen = tuple((key, run.fleet.truth(key), run.fleet.lags(key)) for key in run.fleet.keys)
    if run.judged == (len(run.book.records), seen):
        return
    run.judged = (len(run.book.records), seen)
    outcomes = outcomes_of(run)
    assert outcomes.height == run.steps.height + REJECTED.height
    assert outcomes["outcome"].null_count() == 0
    assert outcomes["row"].n_unique() == outcomes.height
    assert sum(totals(outcomes).values()) == outcomes.height
    ways = dict(run.steps.select("key", "parts").iter_rows())
    for key, outcome in outcomes.drop_nulls("iccid").select("iccid", "outcome").iter_rows():
        if not run.fleet.lags(key):
            _agrees(run, key, Outcome(outcome), ways[key] or "")


def leaves_no_doubt(run: Expedition) -> None:
    """Raise where a reconciliation that nothing disturbed has not found out what became of a SIM."""
    tells_the_truth(run)
    doubted = outcomes_of(run).filter(pl.col("outcome") == Outcome.IN_DOUBT)["iccid"].to_list()
    assert not doubted, f"{run.name} is still in doubt about {doubted}"


def _agrees(run: Expedition, key: str, outcome: Outcome, way: str) -> None:
    sight = run.fleet.truth(key)
    words = f"{run.name} says {outcome} of {key}: it is {sight}"
    assert sight.side in {Side.SOURCE, Side.TARGET}, f"{key} is lost"
    if outcome in THERE:
        assert sight.side == Side.TARGET, words
    if outcome in NOT_THERE and not way.endswith("activate"):  # where its activation may be what was declined
        assert sight.side == Side.SOURCE, words
    if outcome == Outcome.CONFIRMED and way.endswith("activate"):
        assert sight.status == "active", words
