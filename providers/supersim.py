"""Super SIM (Twilio, KORE) as eyes: two accounts, each read with its own credentials."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from domain.inventory import Side
from domain.orders import Options, Order, Refusal, Reply, Said, Sight, Sim
from domain.plan import Basis
from providers import supersim_fleets, supersim_history
from providers.protocol import Progress, Survey, Traits
from providers.supersim_consequences import consequences_of
from providers.supersim_inventory import Listed
from providers.supersim_looks import Looks
from providers.supersim_post import Post
from providers.supersim_preflight import preflight
from providers.supersim_roll import Roll
from providers.supersim_words import (
    ACTIVE,
    ADVICE,
    CHECKED,
    COURSE,
    GUARANTEE,
    INACTIVE,
    READY,
    SECONDS_PER_CALL,
    SETTLE_S,
)


class SuperSimReader:
    """Eyes; the parent's credentials are only tried."""

    def __init__(self, source: Post, target: Post, parent: Post, calls_in_flight: int) -> None:
        self._posts = {Side.SOURCE: source, Side.TARGET: target}
        self._parent = parent
        self._width = calls_in_flight
        rolls = {post: Roll(post, calls_in_flight) for post in (source, target)}
        self._rolls = {side: rolls[post] for side, post in self._posts.items()}
        self._looks = {side: Looks(roll) for side, roll in self._rolls.items()}
        self.traits = Traits(
            "supersim",
            sims_per_call=1,
            calls_in_flight=calls_in_flight,
            settle_s=SETTLE_S,
            guarantee=GUARANTEE,
            checked=CHECKED,
            live_statuses=(READY, ACTIVE),
            course=COURSE,
            tried=(Basis.READ_TWICE, Basis.READ_TWICE_NO),
            history_of=(READY, ACTIVE, INACTIVE),
            seconds_per_call=SECONDS_PER_CALL,
        )

    def preflight(self) -> tuple[str, ...]:
        """As in `Reader`: every account that is needed lets us in; whose child which is cannot be known."""
        return preflight(self._posts[Side.SOURCE], self._posts[Side.TARGET], self._parent)

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:
        """As in `Reader`; either side is asked for all that is wanted, so that a SIM in both is seen in both."""
        return self._rolls[side].survey(wanted, progress)

    def groups(self, side: Side) -> pl.DataFrame:
        """As in `Reader`: fleets."""
        return supersim_fleets.fleets(self._posts[side])

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:
        """As in `Reader`: name by name, or from the whole list, where that costs less or a name fits in no path."""
        target, roll = self._posts[Side.TARGET], self._rolls[Side.TARGET]
        plain = [name for name in names if supersim_fleets.PLAIN_NAME.fullmatch(name)]
        if len(plain) == len(names) and not roll.is_worth_listing(len(names)):
            return supersim_fleets.taken(target, names, self._width)
        held = roll.survey(None, lambda *_: None).sims
        return frozenset(held["name"].drop_nulls()) & frozenset(names)

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:
        """As in `Reader`: billing periods, and usage since the current one began."""
        return supersim_history.history(self._posts[Side.SOURCE], sims, self._width)

    def dry_run(self, order: Order) -> Reply:
        """As in `Reader`: there is none, so the SIMs are read again, and refused where they are not as planned."""
        sights = self._seen(order.sims, Side.SOURCE)
        refusals = tuple(
            Refusal(sim.key, *why)
            for sim, sight in zip(order.sims, sights, strict=True)
            if (why := _differs(sim, sight))
        )
        said = Said.NO if refusals else Said.YES
        return Reply(said, None, "a second read shows it otherwise" if refusals else "", sights, refusals)

    def look(self, order: Order) -> Reply:
        """As in `Reader`: reads alone; SIMs that something was sent to are read afresh, others may come from a list."""
        before = COURSE.goals[order.part].before
        side = Side.TARGET if before is Side.NOWHERE else before
        touched = order.attempt > 1 or any(sim.parts[:1] != (order.part,) for sim in order.sims)
        sights = self.find(order.sims, side) if touched else self._seen(order.sims, side)
        ready = all(sight.side is before and sight.status not in COURSE.under_way for sight in sights)
        return Reply(Said.YES if ready else Said.NO, None, "" if ready else "not as it was", sights)

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        """As in `Reader`: where it is likely, elsewhere, and again where it is likely, since it may be on its way."""
        return self._sights(sims, first, self._rolls[first].among(sims))

    def advice(self, code: str) -> str:
        """As in `Reader`."""
        return ADVICE.get(code, "")

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        """As in `Reader`."""
        return consequences_of(steps, options)

    def _seen(self, sims: Sequence[Sim], side: Side) -> tuple[Sight, ...]:
        """One sight each, of SIMs that nothing was sent to."""
        return self._sights(sims, side, self._looks[side].at(sims))

    def _sights(self, sims: Sequence[Sim], side: Side, found: dict[str, Listed]) -> tuple[Sight, ...]:
        """One sight each: those found on that side, and the others where else they are."""
        sights = {key: _sight(key, side, listed) for key, listed in found.items()}
        other = Side.SOURCE if side is Side.TARGET else Side.TARGET
        if self._posts[other] is not self._posts[side]:
            sights |= _at(other, self._rolls[other].among([sim for sim in sims if sim.key not in sights]))
            sights |= _at(side, self._rolls[side].asked([sim for sim in sims if sim.key not in sights]))
        return tuple(sights.get(sim.key, Sight(sim.key, Side.NOWHERE)) for sim in sims)


def _sight(key: str, side: Side, listed: Listed) -> Sight:
    return Sight(key, side, listed.sid, listed.status, group=listed.fleet_sid)


def _at(side: Side, found: dict[str, Listed]) -> dict[str, Sight]:
    return {key: _sight(key, side, listed) for key, listed in found.items()}


def _differs(sim: Sim, sight: Sight) -> tuple[str, str] | None:
    """Code and words where a SIM is not, before its first part, as the plan has it; None where it is."""
    part = sim.parts[0]
    before, expected = COURSE.goals[part].before, COURSE.expected(part, sim)
    if sight.side is not before:
        return ("moved", _ELSEWHERE[sight.side])
    if before is Side.NOWHERE:
        return None
    tests = (
        (sight.sim_id != sim.sim_id, ("other_sim", "a second read shows another SIM under its number")),
        (sight.status in COURSE.under_way, ("under_way", "a second read shows another change of it under way")),
        (
            bool(expected) and sight.status not in expected,
            ("status_changed", f"its status was {sim.status}, a second read shows {sight.status}"),
        ),
        (sight.group != sim.group, ("group_changed", "a second read shows it in another fleet, or in none")),
    )
    return next((why for wrong, why in tests if wrong), None)


_ELSEWHERE = {
    Side.SOURCE: "a second read shows it in the source account",
    Side.TARGET: "a second read shows it in the target account",
    Side.NOWHERE: "a second read shows it in neither account",
}
