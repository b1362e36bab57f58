"""Doubt, settled: wait out the provider, read until two reads agree, and record what they show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.events import Kind
from domain.orders import Part, Sight, Sim
from domain.parts import Stand
from reports.words import plural
from tasks.voyage import Batch, Voyage, by_stand


@dataclass(frozen=True, slots=True)
class Doubt:
    """SIMs of one attempt at a part of a batch of which it is not known what became."""

    batch: Batch
    attempt: int
    sims: tuple[Sim, ...]


def settle(voyage: Voyage, doubts: Sequence[Doubt], since: datetime) -> dict[str, Stand]:
    """How each doubted SIM stands, for those on which two reads in a row agree; the others stay in doubt.

    `since` is the last instant at which a request about them may have left. No read counts before the provider's
    settle time has passed after it. What is settled is in the journal when this returns.
    """
    limits, sims = voyage.limits, sum(len(doubt.sims) for doubt in doubts)
    voyage.say(
        f"{_named(doubts)}: {plural(sims, 'SIM')} in doubt. "
        f"The provider has {limits.settle_s:.0f} s to settle; then they are read, twice."
    )
    since = min(since, voyage.clock.now())  # another process may have written it by a clock that was fast
    voyage.wait_until(since + timedelta(seconds=limits.settle_s))
    before: dict[str, Stand] = {}
    settled: dict[str, Stand] = {}
    for read in range(limits.settle_reads_max):
        if read > 0:
            voyage.clock.sleep(limits.settle_gap_s)
        now = _stands_now(voyage, doubts, settled.keys())
        agreed = {key: stand for key, stand in now.items() if before.get(key) == stand}
        _record(voyage, doubts, agreed)
        settled |= agreed
        if len(settled) == sims:
            break
        before = now
    return settled


def _named(doubts: Sequence[Doubt]) -> str:
    """The batches in words."""
    numbers = {doubt.batch.number for doubt in doubts}
    return f"Batch {min(numbers)}" if len(numbers) == 1 else f"{len(numbers):,} batches"


def _stands_now(voyage: Voyage, doubts: Sequence[Doubt], settled: Collection[str]) -> dict[str, Stand]:
    """How those that are not settled stand, by a read made now; those of one part are read together."""
    now: dict[str, Stand] = {}
    for part in Part:
        some = [doubt for doubt in doubts if doubt.batch.part == part]
        if some:
            sims = tuple(sim for doubt in some for sim in doubt.sims if sim.key not in settled)
            now |= stands(voyage, some[0].batch, sims)
    return now


def _record(voyage: Voyage, doubts: Sequence[Doubt], agreed: dict[str, Stand]) -> None:
    """Record what two reads agree on, together."""
    grouped = (
        (doubt, by_stand((sim.key, agreed[sim.key]) for sim in doubt.sims if sim.key in agreed)) for doubt in doubts
    )
    voyage.saw_all(
        Kind.SETTLED,
        ((doubt.batch, doubt.attempt, stand, keys) for doubt, seen in grouped for stand, keys in seen.items()),
    )


def arrived(
    voyage: Voyage,
    batch: Batch,
    attempt: int,
    sims: tuple[Sim, ...],
    early: Future[tuple[Sight, ...]] | None = None,
) -> bool:
    """Whether a read shows all of these SIMs as the part wants them; what it shows is recorded.

    A SIM that the provider says has moved and that is not there yet may be seen late, so the read is repeated within
    the settle time. Not arriving is no verdict: that takes `settle`. `early` is the first read, if it has been sent.
    """
    deadline = voyage.clock.now() + timedelta(seconds=voyage.limits.settle_s)
    missing = sims
    while missing:
        now = stands(voyage, batch, missing, early.result() if early else None)
        early = None
        there = [key for key, stand in now.items() if stand == Stand.DONE]
        if there:
            voyage.saw(Kind.SEEN, batch, attempt, {Stand.DONE: there})
        missing = tuple(sim for sim in missing if now.get(sim.key) != Stand.DONE)
        if missing and voyage.clock.now() >= deadline:
            voyage.saw(Kind.SEEN, batch, attempt, by_stand((sim.key, now[sim.key]) for sim in missing))
            return False
        if missing:
            voyage.clock.sleep(voyage.limits.settle_gap_s)
    return True


def stands(
    voyage: Voyage, batch: Batch, sims: tuple[Sim, ...], sights: tuple[Sight, ...] | None = None
) -> dict[str, Stand]:
    """How these SIMs stand to the batch's part, by `sights` or by a read made now."""
    seen = voyage.reader.find(sims, voyage.course.goals[batch.part].side) if sights is None else sights
    known = {sim.key: sim for sim in sims}
    return {s.key: voyage.course.standing(batch.part, known[s.key], s) for s in seen if s.key in known}
