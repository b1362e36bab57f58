"""The look before a part: which SIMs are as the plan saw them, and what is different about the others."""

from __future__ import annotations

from collections.abc import Iterator

from domain.events import Kind
from domain.inventory import Side
from domain.orders import Order, Part, Reply, Sight, Sim
from domain.parts import Course, Stand
from tasks.voyage import Batch, Voyage, by_stand


def came_late(voyage: Voyage, batch: Batch, reply: Reply) -> frozenset[str]:
    """SIMs that a look shows reached, or being reached, by the attempt before after all; recorded as seen so.

    None of a batch of which nothing that was sent can have arrived.
    """
    stands = dict(_reached(voyage.course, batch, reply)) if batch.tried else {}
    if stands:
        voyage.saw(Kind.SEEN, batch, batch.attempts, by_stand(stands.items()))
    return frozenset(stands)


def _reached(course: Course, batch: Batch, reply: Reply) -> Iterator[tuple[str, Stand]]:
    sims = {sim.key: sim for sim in batch.sims}
    for sight in reply.sights:
        stand = course.standing(batch.part, sims[sight.key], sight)
        if stand in {Stand.DONE, Stand.UNDER_WAY}:
            yield sight.key, stand


def as_planned(voyage: Voyage, batch: Batch, attempt: int, sims: tuple[Sim, ...], reply: Reply) -> tuple[Sim, ...]:
    """The SIMs that a look shows as the plan saw them; the others are recorded as held back, with what is different.

    Where the answer differs from what was asked, that may be for those others: the rest is looked at again.
    """
    seen = {sight.key: sight for sight in reply.sights}
    course = voyage.course
    why = {sim.key: differs for sim in sims if (differs := difference(sim, seen.get(sim.key), batch.part, course))}
    for refusal in reply.refusals:
        if refusal.key is not None:
            why.setdefault(refusal.key, (refusal.code, refusal.words))
    if reply.problems and not why:  # nothing explains it, and the change itself would be answered likewise
        words = f"asked about its batch, the provider spoke of something else: {' '.join(reply.problems)}"
        why = {sim.key: ("answer_differs", words) for sim in sims}
    if why:
        voyage.held_back(batch, attempt, why)
    rest = tuple(sim for sim in sims if sim.key not in why)
    if reply.problems and rest:
        again = voyage.reader.look(Order(batch.number, attempt, rest, voyage.options, batch.part))
        return as_planned(voyage, batch, attempt, rest, again)
    return rest


def difference(sim: Sim, sight: Sight | None, part: Part, course: Course) -> tuple[str, str] | None:
    """Code and words on how a SIM differs, before this part, from what the plan expects; None where it does not."""
    before = course.goals[part].before
    if sight is None or sight.side != before:
        return "moved", _MOVED[before]
    if before == Side.NOWHERE:
        return None
    expected = course.expected(part, sim)
    reasons = (
        (
            sight.sim_id not in {None, sim.sim_id},
            ("other_sim", "the provider now has another SIM under this number"),
        ),
        (
            course.standing(part, sim, sight) == Stand.UNDER_WAY,
            ("under_way", f"another change of it is under way (its status is {sight.status})"),
        ),
        (
            sight.status is not None and bool(expected) and sight.status not in expected,
            ("status_changed", f"its status was {expected[:1] and expected[0]} and is {sight.status} now"),
        ),
        (
            part != Part.ACTIVATE and sight.group != sim.group,
            ("group_changed", "it was in another group, or none, when the plan was made"),
        ),
        (
            sight.device_id != sim.device_id,
            ("device_changed", "it was attached to another device, or none, when the plan was made"),
        ),
    )
    return next((reason for differs, reason in reasons if differs), None)


_MOVED = {
    Side.SOURCE: "it is no longer in the source account",
    Side.TARGET: "it is no longer in the target account",
    Side.NOWHERE: "it is in an account by now",
}
