"""The parts that a SIM's way is made of, what each wants, and how a SIM stands to it by what a read shows.

emnify      move
Super SIM   [deactivate ─►] move [─► activate]
            register
Soracom     issue ─► accept         we hold the credentials of both sides
            offer                   the other side accepts by itself
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from domain.inventory import SIDE_TYPE, Side
from domain.orders import Part, Sight, Sim


class Stand(StrEnum):
    """How a SIM stands to a part of its way, by one read."""

    DONE = "done"  # as the part wants it
    BEFORE = "before"  # as it was before
    UNDER_WAY = "under_way"  # the provider is at work on it
    ASTRAY = "astray"  # neither
    BACK = "back"  # as it was before an earlier part of its way
    GONE = "gone"  # it has left the source, and nobody can see where it is to be


STAND_TYPE = pl.Enum(Stand)


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a part wants a SIM to be, in which of the provider's statuses (none named: any), and where it is before.

    `starts` are the statuses that it has before (none named: any), `back` those that it had before an earlier part,
    `under_way` those of a change that the provider carries out. `leaves` says that a SIM which is nowhere to be seen
    may well be where it should.
    """

    side: Side
    before: Side
    statuses: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What the parts are at one provider, in its own words for statuses.

    `under_way` are statuses under which any change is being carried out. `becomes` are changes (from, to) that a SIM
    makes by itself, so that they are no drift. In one of `ends` nobody can move a SIM any more.
    """

    goals: Mapping[Part, Goal]
    under_way: tuple[str, ...] = ()
    becomes: tuple[tuple[str, str], ...] = ()
    ends: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a provider accepts what it does later."""
        return bool(self.under_way) or any(goal.under_way for goal in self.goals.values())

    def standing(self, part: Part, sim: Sim, sight: Sight) -> Stand:
        """How the SIM stands to the part, by this sight of it; what its next part would find under way is no DONE."""
        goal = self.goals[part]
        if sight.status in self.under_way and (goal.statuses or sight.side != goal.side or part in sim.parts[:-1]):
            return Stand.UNDER_WAY
        if sight.side == goal.side and (not goal.statuses or sight.status in goal.statuses):
            return Stand.DONE if _group_fits(part, sim.group_to, sight.group) else Stand.ASTRAY
        if sight.side == goal.before:
            return _before(goal, sight.status)
        return Stand.GONE if goal.leaves and sight.side == Side.NOWHERE else Stand.ASTRAY

    def standings(self) -> pl.Expr:
        """The same for whole columns: `part`, `parts`, `group_to`; `side_now`, `status_now`, `group_now` as read."""
        fits = pl.col("group_to").is_null() | (pl.col("group_to") == pl.col("group_now").fill_null(""))
        stand = pl.lit(Stand.ASTRAY, STAND_TYPE)
        for part, goal in self.goals.items():
            this, side = pl.col("part") == part, pl.col("side_now")
            wanted = this & (side == pl.lit(goal.side, SIDE_TYPE))
            if goal.statuses:
                wanted &= pl.col("status_now").is_in(goal.statuses).fill_null(value=False)
            stand = pl.when(this & (side == pl.lit(goal.before, SIDE_TYPE))).then(_befores(goal)).otherwise(stand)
            if goal.leaves:
                nowhere = this & (side == pl.lit(Side.NOWHERE, SIDE_TYPE))
                stand = pl.when(nowhere).then(_stand(Stand.GONE)).otherwise(stand)
            done = pl.when(fits).then(_stand(Stand.DONE)).otherwise(_stand(Stand.ASTRAY))
            stand = pl.when(wanted).then(done if part == Part.MOVE else _stand(Stand.DONE)).otherwise(stand)
        elsewhere = pl.lit(value=False)
        for part, goal in self.goals.items():
            goes_on = pl.col("parts").str.contains(f"{part} ", literal=True)
            other_side = pl.col("side_now") != pl.lit(goal.side, SIDE_TYPE)
            matters = pl.lit(value=True) if goal.statuses else other_side | goes_on
            elsewhere |= (pl.col("part") == part) & matters
        busy = pl.col("status_now").is_in(self.under_way).fill_null(value=False) & elsewhere
        return pl.when(busy).then(_stand(Stand.UNDER_WAY)).otherwise(stand)

    def expected(self, part: Part, sim: Sim) -> tuple[str, ...]:
        """Statuses that the SIM may be in just before the part; none named: it is not known which."""
        place = sim.parts.index(part) if part in sim.parts else 0
        if place > 0:
            return self.goals[sim.parts[place - 1]].statuses
        if sim.status is None:
            return ()
        return (sim.status, *(after for before, after in self.becomes if before == sim.status))


# One part, and no status that matters: a provider whose move is one call.
PLAIN = Course({Part.MOVE: Goal(Side.TARGET, Side.SOURCE)})


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a step's column `parts`, in their order; raises ValueError for an unknown word."""
    return tuple(Part(word) for word in text.split())


def _before(goal: Goal, status: str | None) -> Stand:
    """How a SIM stands that is where it was before the part, by its status."""
    if status in goal.under_way:
        return Stand.UNDER_WAY
    if status in goal.back:
        return Stand.BACK
    return Stand.BEFORE if not goal.starts or status in goal.starts else Stand.ASTRAY


def _befores(goal: Goal) -> pl.Expr:
    """The same for whole columns."""
    status = pl.col("status_now")
    stand = pl.lit(Stand.BEFORE if not goal.starts else Stand.ASTRAY, STAND_TYPE)
    for statuses, then in ((goal.starts, Stand.BEFORE), (goal.back, Stand.BACK), (goal.under_way, Stand.UNDER_WAY)):
        if statuses:
            stand = pl.when(status.is_in(statuses).fill_null(value=False)).then(_stand(then)).otherwise(stand)
    return stand


def _stand(stand: Stand) -> pl.Expr:
    return pl.lit(stand, STAND_TYPE)


def _group_fits(part: Part, wanted: str | None, group: str | None) -> bool:
    """Whether a moved SIM is in the group it was to be in; "" is none, and None that nothing was said about it."""
    return part != Part.MOVE or wanted is None or (group or "") == wanted
