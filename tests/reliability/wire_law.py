"""What left for the provider and what was read since, and the law about sending again, kept apart from the journal.

A change that may have arrived is sent again only where two reads in a row, made after the settle time, agreed that
it had had no effect; by another run only where the first one has found out what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from domain.orders import Part, Reply, Said, Sight, Sim
from domain.parts import Course, Stand

UNTOUCHED = {Said.NO, Said.UNSENT}  # answers that say that nothing was done


@dataclass
class Sent:
    """One change of one SIM that left; `said` is None where whoever asked died before the answer."""

    run: str
    part: Part
    at: datetime
    said: Said | None = None
    seen: list[tuple[datetime, Stand]] = field(default_factory=list)  # by the run that sent it

    def shows(self, sim: Sim, sight: Sight, course: Course, now: datetime) -> None:
        self.seen.append((now, course.standing(self.part, sim, sight)))

    def agreed(self, settle_s: float) -> list[Stand]:
        """What any two reads in a row, at different instants after the settle time, agreed on."""
        late = [(at, stand) for at, stand in self.seen if at >= self.at + timedelta(seconds=settle_s)]
        return [stand for (first, before), (then, stand) in pairwise(late) if first < then and before == stand]

    def is_known(self, settle_s: float) -> bool:
        """Whether it has been found out what became of it."""
        seen = [stand for _, stand in self.seen]
        offered = seen[seen.index(Stand.UNDER_WAY) :] if Stand.UNDER_WAY in seen else []
        taken_back = self.said == Said.LATER and Stand.BEFORE in offered
        return self.said in UNTOUCHED or Stand.DONE in seen or taken_back or bool(self.agreed(settle_s))


@dataclass
class Wire:
    """All that any run has asked for, SIM by SIM."""

    course: Course
    settle_s: float
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    again: int = 0  # changes that were sent once more, lawfully

    def leaves(self, run: str, part: Part, sims: Sequence[Sim], now: datetime) -> list[Sent]:
        """Enter changes that are about to leave; raises AssertionError where one must not."""
        for sim in sims:
            for before in self.sent.get(sim.key, ()):
                if before.part == part:
                    self._may_leave(sim.key, run, before)
        entries = [Sent(run, part, now) for _ in sims]
        for sim, entry in zip(sims, entries, strict=True):
            self.sent.setdefault(sim.key, []).append(entry)
        return entries

    def answered(self, entries: Sequence[Sent], reply: Reply) -> None:
        for entry in entries:
            entry.said = reply.said

    def read(self, run: str, sims: Sequence[Sim], sights: Sequence[Sight], now: datetime) -> None:
        """Enter what a run has read of SIMs."""
        known = {sim.key: sim for sim in sims}
        for sight in sights:
            for entry in self.sent.get(sight.key, ()):
                if entry.run == run:
                    entry.shows(known[sight.key], sight, self.course, now)

    def in_doubt(self, run: str) -> set[str]:
        """SIMs of which the run has not found out what became of a change that it sent."""
        mine = [(key, entry) for key, entries in self.sent.items() for entry in entries if entry.run == run]
        return {key for key, entry in mine if not self._found_out(key, entry)}

    def _found_out(self, key: str, sent: Sent) -> bool:
        """Whether the run that sent it has found out; what a later part came to tells of this one."""
        since = [entry for entry in self.sent[key] if entry.run == sent.run and entry.at >= sent.at]
        return any(entry.is_known(self.settle_s) for entry in since)

    def _may_leave(self, key: str, run: str, before: Sent) -> None:
        if before.said in UNTOUCHED:
            return
        self.again += 1
        if before.run != run:
            assert self._found_out(key, before), f"{key}: {run} sends what {before.run} is in doubt about"
            return
        agreed = before.agreed(self.settle_s)
        assert Stand.BEFORE in agreed, f"{key}: {run} sends {before.part} again, and no two reads showed it untouched"
        assert Stand.DONE not in {stand for _, stand in before.seen}, f"{key}: {run} sends what it has seen done"
