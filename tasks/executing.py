"""The steps of `simferry execute` as tasks of the engine, which never repeats one: the journal knows what was done."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.breakers import Tally
from domain.events import Kind
from domain.outcomes import Deed
from domain.queue import with_deeds
from domain.state import run_state
from tasks import artifacts, crossing, handing_rounds, issuing
from tasks.aboard import Aboard, release
from tasks.handing import hand_over
from tasks.kinds import reading, touching
from tasks.restoring import restore_rest, restored


@reading(name="settle what is in doubt")
def settle_doubts(aboard: Aboard) -> None:
    """Settle, by reads, what an earlier execution left without an answer or unseen."""
    wait_s = aboard.plan.limits.await_s
    if aboard.handing is None:
        crossing.settle_doubts(aboard.voyage, aboard.steps, aboard.deeds(), wait_s)
    else:
        handing_rounds.settle_doubts(aboard.voyage, aboard.steps, aboard.deeds, aboard.tokens(), wait_s)


def waves_left(aboard: Aboard) -> Iterator[pl.DataFrame]:
    """The waves that may be sent, the canary first."""
    resumed = run_state(aboard.journal.events()).resumed
    if aboard.handing is None:
        yield from crossing.rounds(aboard.voyage, aboard.steps, aboard.deeds, resumed)
    else:
        yield from handing_rounds.rounds(aboard.voyage, aboard.steps, aboard.deeds, aboard.handing.tokens, resumed)


@touching(name="carry a wave across")
def carry_wave(aboard: Aboard, wave: pl.DataFrame, tally: Tally) -> Tally:
    """Carry one wave across; raises where a breaker opens."""
    if aboard.handing is None:
        return crossing.carry_wave(aboard.voyage, wave, tally)
    return hand_over(aboard.handing, wave, tally, issuing.carry)


@reading(name="read back")
def look_back(aboard: Aboard) -> None:
    """Read back every SIM that was said to have moved and was not seen yet."""
    crossing.look_back(aboard.voyage, aboard.steps, aboard.deeds())


@touching(name="restore what is left")
def restore(aboard: Aboard) -> None:
    """Put back what SIMs were set to that have arrived, and of which the journal does not know that it is done."""
    if aboard.handing is None or not aboard.plan.options.restores:
        return
    arrived = with_deeds(aboard.steps, aboard.deeds()).filter(pl.col("deed") == Deed.ARRIVED)
    stop = restore_rest(aboard.handing, arrived, restored(aboard.journal.events()))
    if stop is not None:
        aboard.voyage.stop(*stop)


@touching(name="finish")
def finish(aboard: Aboard) -> None:
    """Write down that nothing is left to do or to find out, and let go of the SIMs, where that is so."""
    deeds = aboard.deeds()
    if crossing.is_finished(aboard.steps, deeds, aboard.voyage):
        aboard.voyage.note(Kind.FINISHED, {})
        release(aboard)
    counts, closing = counts_of(aboard.steps, deeds), "What the journal says; reconcile looks again."
    artifacts.final(
        aboard.plan.run, artifacts.counted(f"Execution of {aboard.plan.run}", counts, closing), aboard.folder.path
    )


def counts_of(steps: pl.DataFrame, deeds: pl.DataFrame) -> dict[str, int]:
    """SIMs per deed at the part of its way that each is at: one that is deactivated has not arrived."""
    counted = with_deeds(steps, deeds).group_by("deed").len()
    return {str(deed): int(sims) for deed, sims in counted.iter_rows()}
