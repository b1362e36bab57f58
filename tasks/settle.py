"""Doubt, settled: wait out the provider, read until two reads agree, and record what they show."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta

from domain.events import Kind
from domain.inventory import Side
from domain.orders import Sight, Sim
from tasks.voyage import Batch, Voyage, by_side


def settle(voyage: Voyage, batch: Batch, attempt: int, doubted: tuple[Sim, ...], since: datetime) -> dict[str, Side]:
    """Where each doubted SIM is, for those on which two reads in a row agree; the others stay in doubt.

    `since` is the last instant at which a request about them may have left. No read counts before the provider's
    settle time has passed after it. What is settled is in the journal when this returns.
    """
    limits = voyage.limits
    voyage.say(
        f"Batch {batch.number}: {len(doubted)} SIMs in doubt. "
        f"The provider has {limits.settle_s:.0f} s to settle; then they are read, twice."
    )
    since = min(since, voyage.clock.now())  # another process may have written it by a clock that was fast
    voyage.wait_until(since + timedelta(seconds=limits.settle_s))
    before: dict[str, Side] = {}
    settled: dict[str, Side] = {}
    for read in range(limits.settle_reads_max):
        if read > 0:
            voyage.clock.sleep(limits.settle_gap_s)
        open_sims = tuple(sim for sim in doubted if sim.key not in settled)
        now = {sight.key: sight.side for sight in voyage.reader.find(open_sims)}
        agreed = {key: side for key, side in now.items() if before.get(key) == side}
        if agreed:
            voyage.saw(Kind.SETTLED, batch, attempt, by_side(agreed.items()))
            settled |= agreed
        if len(settled) == len(doubted):
            break
        before = now
    return settled


def arrived(
    voyage: Voyage,
    batch: Batch,
    attempt: int,
    sims: tuple[Sim, ...],
    early: Future[tuple[Sight, ...]] | None = None,
) -> bool:
    """Whether a read shows all of these SIMs in the target account; what it shows is recorded.

    A SIM that the provider says has moved and that is not there yet may be seen late, so the read is repeated within
    the settle time. Not arriving is no verdict: that takes `settle`. `early` is the first read, if it has been sent.
    """
    deadline = voyage.clock.now() + timedelta(seconds=voyage.limits.settle_s)
    missing = sims
    while missing:
        now = {sight.key: sight.side for sight in (early.result() if early else voyage.reader.find(missing))}
        early = None
        there = [key for key, side in now.items() if side == Side.TARGET]
        if there:
            voyage.saw(Kind.SEEN, batch, attempt, {Side.TARGET: there})
        missing = tuple(sim for sim in missing if now.get(sim.key) != Side.TARGET)
        if missing and voyage.clock.now() >= deadline:
            voyage.saw(Kind.SEEN, batch, attempt, by_side((sim.key, now[sim.key]) for sim in missing))
            return False
        if missing:
            voyage.clock.sleep(voyage.limits.settle_gap_s)
    return True
