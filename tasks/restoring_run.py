"""The step of `simferry restore`: every SIM of a run that is in the target now, whoever has brought it there."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.errors import UsageError
from domain.events import Kind
from domain.orders import Part
from domain.plan import Step
from tasks.aboard import Aboard, release
from tasks.kinds import touching
from tasks.restoring import restore_rest, restored


@dataclass(frozen=True, slots=True)
class Restored:
    """SIMs of the run by where they are: in the target, those of them that are set as wanted, and elsewhere."""

    there: int
    as_wanted: int
    elsewhere: int


@touching(name="put settings back")
def restore(aboard: Aboard) -> Restored:
    """Put back what SIMs were set to; raises `UsageError` where none of them can be seen there."""
    assert aboard.handing is not None
    plan, voyage = aboard.plan, aboard.voyage
    going = aboard.steps.filter(pl.col("step").is_in([str(Step.MOVE), str(Step.ASSIST)]))
    with voyage.watching() as events:
        stop = restore_rest(aboard.handing, going, frozenset())
    release(aboard)
    if stop is not None:
        voyage.stop(*stop)
    seen = [event for event in events if event.kind == Kind.SEEN and event.part == Part.RESTORE]
    there = {key for event in seen for key in event.sims}
    if not there and not plan.options.accepts:
        raise UsageError(
            f"No SIM of {plan.run} can be seen in {plan.target.name}, so nothing was set. Where the accounts file has "
            "no credentials of it, add them, or hand settings.csv of the run's folder to the other side."
        )
    return Restored(len(there), len(restored(events)), going["key"].n_unique() - len(there))
