"""SIMs whose change a provider has accepted for later: looked at with growing gaps, until each is done or fell back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import polars as pl

from domain.events import Kind
from domain.orders import Part, Sight, Sim
from domain.parts import Stand
from domain.queue import sims_of
from tasks.voyage import Batch, Voyage, by_stand

GAP_GROWTH = 1.5
KEPT_S_MAX = 30.0  # that SIMs which may be offline wait for others before they go on

Seen: TypeAlias = tuple[Sight, datetime]  # and when that was


@dataclass(slots=True)
class _Awaited:
    """One SIM that is waited for; `back_at` is when it was first read as if nothing had been accepted."""

    batch: Batch
    attempt: int
    sim: Sim
    accepted_at: datetime
    stand: Stand = Stand.UNDER_WAY
    back_at: datetime | None = None

    @property
    def goes_on(self) -> bool:
        """Whether its way has a further part."""
        return self.sim.parts[-1:] != (self.batch.part,)

    def until(self, voyage: Voyage, wait_s: float) -> datetime:
        """How long it is waited for; another process may have written when it was accepted by a clock that was fast."""
        accepted_at = min(self.accepted_at, voyage.clock.now())
        return max(accepted_at, voyage.began_at) + timedelta(seconds=wait_s)


def await_accepted(
    voyage: Voyage, pending: pl.DataFrame, wait_s: float, ready_at: datetime | None = None
) -> dict[str, Seen]:
    """The sights, by key, of those that are done; `pending` (of `with_deeds`) were accepted for later.

    Each is waited for until `wait_s` after it was accepted, or after this execution began. It does not keep those that
    can go on: where some of these are done and have a further part to go, or others are ready since `ready_at`, this
    ends as soon as a look finds no other one done, or after KEPT_S_MAX. What has fallen back is said only of a SIM that
    two agreeing reads show so, the first of them after the provider's settle time; the others go on waiting in the
    journal.
    """
    awaited = list(_awaited(pending))
    done: dict[str, Seen] = {}
    gap_s, told = voyage.limits.await_gap_s, 0
    while awaited:
        before = awaited
        awaited = _look(voyage, awaited, done)
        now = voyage.clock.now()
        if ready_at is None and any(one.goes_on for one in before if one.sim.key in done):
            ready_at = now
        left_s = max(((one.until(voyage, wait_s) - now).total_seconds() for one in awaited), default=0.0)
        in_question = [one for one in awaited if one.back_at is not None]
        if not awaited or (left_s <= 0 and not in_question):
            break
        if ready_at is not None and (len(awaited) == len(before) or now - ready_at >= timedelta(seconds=KEPT_S_MAX)):
            break
        if left_s <= 0:  # one more read tells whether they fell back
            voyage.clock.sleep(voyage.limits.settle_gap_s)
            _look(voyage, in_question, done)
            break
        if len(awaited) != told:
            told = len(awaited)
            voyage.say(f"Accepted and not done yet: {told:,}. Waiting for them, up to {left_s:.0f} s …")
        voyage.rest(min(gap_s, left_s), frozenset(one.sim.sim_id for one in awaited))
        gap_s = min(gap_s * GAP_GROWTH, voyage.limits.await_gap_s_max)
    return done


def is_awaited(voyage: Voyage, pending: pl.DataFrame, wait_s: float) -> bool:
    """Whether any of these SIMs is to be waited for still."""
    now = voyage.clock.now()
    return any(one.until(voyage, wait_s) > now for one in _awaited(pending))


def _awaited(pending: pl.DataFrame) -> Iterator[_Awaited]:
    for part in pending.partition_by("batch", "part", "attempts", maintain_order=True):
        batch = Batch(int(part["batch"][0]), (), part=Part(part["part"][0]))
        attempt = int(part["attempts"][0])
        for sim, at in zip(sims_of(part), part["last_at"], strict=True):
            yield _Awaited(batch, attempt, sim, datetime.fromisoformat(at))


def _look(voyage: Voyage, awaited: list[_Awaited], done: dict[str, Seen]) -> list[_Awaited]:
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
            done[one.sim.key] = sights[one.sim.key], now
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
