"""SIMs whose change a provider has accepted for later: looked at with growing gaps, until each is done or fell back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from domain.events import Kind
from domain.orders import Part, Sight, Sim
from domain.parts import Stand
from domain.queue import sims_of
from tasks.voyage import Batch, Voyage, by_stand

GAP_GROWTH = 1.5


@dataclass(slots=True)
class _Awaited:
    """One SIM that is waited for; `back_at` is when it was first read as if nothing had been accepted."""

    batch: Batch
    attempt: int
    sim: Sim
    accepted_at: datetime
    stand: Stand = Stand.UNDER_WAY
    back_at: datetime | None = None


def await_accepted(voyage: Voyage, pending: pl.DataFrame, wait_s: float) -> dict[str, Sight]:
    """The last sights, by key, of those that are done; `pending` (of `with_deeds`) were accepted for later.

    Ends when each is done or has fallen back, or after `wait_s`. What has fallen back is said only of a SIM that two
    agreeing reads show so, the first of them after the provider's settle time; the others go on waiting in the journal.
    """
    awaited = list(_awaited(pending))
    started = voyage.clock.now()
    done: dict[str, Sight] = {}
    gap_s = voyage.limits.await_gap_s
    while awaited:
        awaited = _look(voyage, awaited, done)
        left_s = wait_s - (voyage.clock.now() - started).total_seconds()
        in_question = [one for one in awaited if one.back_at is not None]
        if not awaited or (left_s <= 0 and not in_question):
            break
        if left_s <= 0:  # one more read tells whether they fell back
            voyage.clock.sleep(voyage.limits.settle_gap_s)
            _look(voyage, in_question, done)
            break
        voyage.say(f"{len(awaited):,} SIMs are accepted and not done yet; looking again in {min(gap_s, left_s):.0f} s.")
        voyage.rest(min(gap_s, left_s), frozenset(one.sim.sim_id for one in awaited))
        gap_s = min(gap_s * GAP_GROWTH, voyage.limits.await_gap_s_max)
    return done


def _awaited(pending: pl.DataFrame) -> Iterator[_Awaited]:
    for part in pending.partition_by("batch", "part", "attempts", maintain_order=True):
        batch = Batch(int(part["batch"][0]), (), part=Part(part["part"][0]))
        attempt = int(part["attempts"][0])
        for sim, at in zip(sims_of(part), part["last_at"], strict=True):
            yield _Awaited(batch, attempt, sim, datetime.fromisoformat(at))


def _look(voyage: Voyage, awaited: list[_Awaited], done: dict[str, Sight]) -> list[_Awaited]:
    """Read them all and record what is certain; those that are still to be waited for."""
    sights = _sights(voyage, awaited)
    now = voyage.clock.now()
    arrived: list[_Awaited] = []
    back: list[_Awaited] = []
    rest: list[_Awaited] = []
    for one in awaited:
        stand = voyage.course.standing(one.batch.part, one.sim, sights[one.sim.key])
        same, one.stand = stand == one.stand, stand
        if stand == Stand.DONE:
            done[one.sim.key] = sights[one.sim.key]
            arrived.append(one)
        elif stand == Stand.UNDER_WAY or now - one.accepted_at < timedelta(seconds=voyage.limits.settle_s):
            one.back_at = None
            rest.append(one)
        elif one.back_at is None or not same or now - one.back_at < timedelta(seconds=voyage.limits.settle_gap_s):
            one.back_at = one.back_at if same and one.back_at else now
            rest.append(one)
        else:
            back.append(one)
    _record(voyage, Kind.SEEN, arrived, accepted=False)
    _record(voyage, Kind.SETTLED, back, accepted=True)
    return rest


def _sights(voyage: Voyage, awaited: list[_Awaited]) -> dict[str, Sight]:
    """Where and how they are, read now; those of one part together, first where that part wants them."""
    sights: dict[str, Sight] = {}
    for part in Part:
        sims = [one.sim for one in awaited if one.batch.part == part]
        if sims:
            sights |= {sight.key: sight for sight in voyage.reader.find(sims, voyage.course.goals[part].side)}
    return sights


def _record(voyage: Voyage, kind: Kind, known: list[_Awaited], *, accepted: bool) -> None:
    grouped: dict[tuple[int, Part, int], list[_Awaited]] = {}
    for one in known:
        grouped.setdefault((one.batch.number, one.batch.part, one.attempt), []).append(one)
    for some in grouped.values():
        stands = by_stand((one.sim.key, one.stand) for one in some)
        voyage.saw(kind, some[0].batch, some[0].attempt, stands, accepted=accepted)
