"""The step of `simferry restore`: every SIM of a run that is in the target now, whoever has brought it there."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.errors import UsageError
from domain.plan import Step
from tasks.aboard import Aboard, release
from tasks.kinds import touching
from tasks.restoring import restore_rest, restored


@dataclass(frozen=True, slots=True)
class Restored:
    """SIMs of the run that are in the target and as they are wanted, of all that were to go there."""

    sims: int
    as_wanted: int


@touching(name="put settings back")
def restore(aboard: Aboard) -> Restored:
    """Put back what SIMs were set to; raises `UsageError` where none of them can be seen there."""
    assert aboard.handing is not None
    going = aboard.steps.filter(pl.col("step").is_in([str(Step.MOVE), str(Step.ASSIST)]))
    stop = restore_rest(aboard.handing, going, frozenset())
    release(aboard)
    if stop is not None:
        aboard.voyage.stop(*stop)
    done = restored(aboard.journal.events())
    if not done and not aboard.plan.options.accepts:
        raise UsageError(
            f"No SIM of {aboard.plan.run} can be seen in {aboard.plan.target.name}, so nothing was set. Where the "
            "accounts file has no credentials of it, add them, or hand settings.csv of the run's folder to the other "
            "side."
        )
    return Restored(going.height, going.filter(pl.col("key").is_in(sorted(done))).height)
