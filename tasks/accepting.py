"""A token accepted for the target, its SIMs seen there, and what they were set to put back."""

from __future__ import annotations

from datetime import datetime

from domain.breakers import Cause
from domain.errors import ProviderUnavailable
from domain.events import Kind
from domain.inventory import Side
from domain.orders import Order, Reply, Said, Sim
from domain.parts import Stand
from providers.protocol import Examined
from tasks.carry import NO_ENTRY, BatchEnd, no_effect
from tasks.handing import Handing
from tasks.restoring import restore
from tasks.settle import Doubt, arrived, settle
from tasks.voyage import Batch


def accept(handing: Handing, batch: Batch, sims: tuple[Sim, ...], token: bytes) -> BatchEnd:
    """What came of accepting a token of these SIMs (batch.part ACCEPT).

    A SIM that is no longer transferring is none of the token's by the provider's rules, so nobody is held back here;
    what the reads after it show decides. An acceptance without an answer stays in doubt in the journal.
    """
    voyage, attempt = handing.voyage, batch.attempts + 1
    voyage.intend(batch, attempt, sims)
    reply = handing.transferor.move(Order(batch.number, attempt, sims, voyage.options, batch.part, token=token))
    left_at = voyage.clock.now()
    voyage.answered(batch, attempt, reply, sims)
    if reply.credentials_refused:
        return BatchEnd(len(sims), stop=(Cause.CREDENTIALS, NO_ENTRY))
    match reply.said:
        case Said.NO:
            return _declined(handing, batch, sims, reply)
        case Said.UNHEARD:
            return BatchEnd(len(sims))
        case Said.UNSENT:
            raise ProviderUnavailable(
                f"A token of batch {batch.number} could not be accepted: {reply.words or 'no connection was made'}. "
                "It is on record. Run `simferry execute` again when the provider answers, before its hour is over."
            )
        case _:
            return _seen(handing, batch, sims, left_at)


def _declined(handing: Handing, batch: Batch, sims: tuple[Sim, ...], reply: Reply) -> BatchEnd:
    """See whether the other side has accepted before us, by its link: then the SIMs are there all the same."""
    examined = handing.examiner.examine(Side.TARGET, sims)
    there = _there(handing, batch, sims, examined)
    handing.voyage.saw(Kind.SEEN, batch, batch.attempts + 1, {Stand.DONE: [sim.key for sim in there]})
    stop = restore(handing, batch.number, there, examined.settings) if handing.voyage.options.restores else None
    declined = tuple(sim for sim in declined_of(reply, sims) if sim not in there)
    code = next((refusal.code for refusal in reply.refusals), "")
    return BatchEnd(len(sims), len(declined), arrived=len(there), code=code, stop=stop)


def declined_of(reply: Reply, sims: tuple[Sim, ...]) -> tuple[Sim, ...]:
    """The SIMs that a no is about: those that it names, else all."""
    named = {refusal.key for refusal in reply.refusals}
    return tuple(sim for sim in sims if sim.key in named) or sims


def _seen(handing: Handing, batch: Batch, sims: tuple[Sim, ...], left_at: datetime) -> BatchEnd:
    """See the SIMs in the target and restore them; where they do not come, the run is to stop."""
    voyage, attempt = handing.voyage, batch.attempts + 1
    examined = handing.examiner.examine(Side.TARGET, sims)
    there = _there(handing, batch, sims, examined)
    voyage.saw(Kind.SEEN, batch, attempt, {Stand.DONE: [sim.key for sim in there]})
    missing = tuple(sim for sim in sims if sim not in there)
    if missing and arrived(voyage, batch, attempt, missing):
        examined, missing, there = handing.examiner.examine(Side.TARGET, sims), (), sims
    if voyage.options.restores:
        stop = restore(handing, batch.number, there, examined.settings)
        if stop is not None:
            return BatchEnd(len(sims), arrived=len(there), stop=stop)
    if not missing:
        return BatchEnd(len(sims), arrived=len(there))
    settled = settle(voyage, [Doubt(batch, attempt, missing)], left_at)
    if all(stand == Stand.DONE for stand in settled.values()) and len(settled) == len(missing):
        return BatchEnd(len(sims), arrived=len(sims))
    return BatchEnd(len(sims), arrived=len(there), stop=(Cause.NO_EFFECT, no_effect(settled)))


def _there(handing: Handing, batch: Batch, sims: tuple[Sim, ...], examined: Examined) -> tuple[Sim, ...]:
    course = handing.voyage.course
    seen = {sight.key: sight for sight in examined.sights}
    return tuple(sim for sim in sims if course.standing(batch.part, sim, seen[sim.key]) == Stand.DONE)
