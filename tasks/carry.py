"""One batch carried across: look, intend, act, look, record; and again only for SIMs proven untouched.

┌──────────────────────────────────────────────────────────────┐
▼                                                              │ still at the source, proven,
look (as planned?) ─► intend ═► act ─► record ─► look ─► confirmed    │ and attempts are left
│ differs        durable     │ no answer      │ not there      │
▼                            ▼                ▼                │
held back                     in doubt ──────► settle ─────────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from domain.breakers import Cause
from domain.errors import ProviderUnavailable
from domain.orders import Order, Reply, Said, Sim
from domain.parts import Stand
from tasks.ahead import Ahead
from tasks.looked import as_planned
from tasks.settle import Doubt, arrived, settle
from tasks.voyage import Batch, Voyage

NO_ENTRY = "the provider refuses our credentials"


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """What a batch came to, in SIMs; `code` is the provider's where it declined all it was asked for, else ''.

    `arrived` were read back in the target account; `stop` names a breaker that this batch alone opens.
    """

    attempted: int = 0
    declined: int = 0
    held_back: int = 0
    arrived: int = 0
    code: str = ""
    stop: tuple[Cause, str] | None = None


def carry_batch(voyage: Voyage, batch: Batch, read_back: int, ahead: Ahead, following: Ahead | None) -> BatchEnd:
    """Carry one batch across; `read_back` SIMs of it are read back at once (the canary: all of them).

    `ahead` is its own look, `following` the next batch's, which is sent once this one is answered with a plain yes.
    Raises `ProviderUnavailable` where the provider cannot be reached, with nothing in doubt that the journal does not
    know of; the run is taken up again by another `execute`.
    """
    sims = batch.sims
    attempted = declined = held = there = 0
    first = batch.attempts + 1  # one attempt at least: earlier ones that the provider never acted on count for nothing
    for attempt in range(first, max(first, voyage.limits.attempts_max) + 1):
        order = Order(batch.number, attempt, sims, voyage.options)
        look = ahead.take() if sims is batch.sims else voyage.reader.look(order)
        if look.credentials_refused:
            return BatchEnd(attempted, declined, held, there, stop=(Cause.CREDENTIALS, NO_ENTRY))
        going = as_planned(voyage, batch, attempt, sims, look)
        held += len(sims) - len(going)
        if not going:
            break
        voyage.intend(batch, attempt, going)
        replies = _act(voyage, batch, attempt, going, read_back, following)
        left_at = voyage.clock.now()
        attempted += len(going)
        refused, untouched, doubted, told = _sorted_out(replies)
        declined += len(refused)
        if any(reply.credentials_refused for reply, _ in replies):
            return BatchEnd(attempted, declined, held, there, stop=(Cause.CREDENTIALS, NO_ENTRY))
        spots = spots_of(told, read_back)
        if arrived(voyage, batch, attempt, spots, following.read_back if following else None):
            there += len(spots)
        else:
            settled = settle(voyage, [Doubt(batch, attempt, told)], left_at)
            there += sum(stand == Stand.DONE for stand in settled.values())
            if any(stand != Stand.DONE for stand in settled.values()):
                return BatchEnd(attempted, declined, held, there, stop=(Cause.NO_EFFECT, no_effect(settled)))
        if doubted:
            settled = settle(voyage, [Doubt(batch, attempt, doubted)], left_at)
            there += sum(stand == Stand.DONE for stand in settled.values())
            untouched += tuple(sim for sim in doubted if settled.get(sim.key) == Stand.BEFORE)
        if not untouched:
            break
        if not refused and not doubted:
            raise ProviderUnavailable(
                f"Batch {batch.number} could not be sent: {replies[0][0].words or 'the provider was not reached'}. "
                "Nothing of it is in doubt. Run `simferry execute` again when the provider answers."
            )
        sims = untouched
    whole = attempted > 0 and declined == attempted
    return BatchEnd(attempted, declined, held, there, code=_code(replies) if whole else "")


def _act(
    voyage: Voyage, batch: Batch, attempt: int, sims: tuple[Sim, ...], read_back: int, following: Ahead | None
) -> list[tuple[Reply, tuple[Sim, ...]]]:
    """Send the attempt, in as many calls as the provider needs, and record each answer as it comes."""
    size = voyage.reader.traits.sims_per_call
    calls = [sims[start : start + size] for start in range(0, len(sims), size)]

    def one(part: tuple[Sim, ...]) -> tuple[Reply, tuple[Sim, ...]]:
        reply = voyage.mover.move(Order(batch.number, attempt, part, voyage.options))
        if following is not None and len(calls) == 1 and reply.said == Said.YES:
            following.start(spots_of(part, read_back))
        voyage.answered(batch, attempt, reply, None if len(calls) == 1 else part)
        return reply, part

    if len(calls) == 1:
        return [one(calls[0])]
    with ThreadPoolExecutor(max_workers=voyage.limits.calls_in_flight) as pool:
        return list(pool.map(one, calls))


def _sorted_out(
    replies: Sequence[tuple[Reply, tuple[Sim, ...]]],
) -> tuple[tuple[Sim, ...], tuple[Sim, ...], tuple[Sim, ...], tuple[Sim, ...]]:
    """SIMs that were refused, that were not acted on, that are in doubt, and that the provider says have moved."""
    refused: list[Sim] = []
    untouched: list[Sim] = []
    doubted: list[Sim] = []
    told: list[Sim] = []
    for reply, sims in replies:
        match reply.said:
            case Said.YES:
                told += sims
            case Said.LATER:
                pass
            case Said.UNHEARD:
                doubted += sims
            case Said.UNSENT:
                untouched += sims
            case Said.NO:
                named = {refusal.key for refusal in reply.refusals} - {None}
                refused += [sim for sim in sims if not named or sim.key in named]
                untouched += [sim for sim in sims if named and sim.key not in named]
    return tuple(refused), tuple(untouched), tuple(doubted), tuple(told)


def spots_of(sims: tuple[Sim, ...], count: int) -> tuple[Sim, ...]:
    """Up to `count` SIMs spread evenly over the batch, its first and last among them."""
    if count >= len(sims):
        return sims
    last = len(sims) - 1
    return tuple(sims[round(place * last / max(count - 1, 1))] for place in range(count))


def no_effect(stands: dict[str, Stand]) -> str:
    """Words on SIMs that the provider said yes to, and that are not as wanted."""
    still = sum(stand == Stand.BEFORE for stand in stands.values())
    gone = sum(stand == Stand.ASTRAY for stand in stands.values())
    nowhere = f" and {gone} in neither account" if gone else ""
    return f"the provider said yes to {len(stands)} SIMs, and {still} of them are still where they were{nowhere}"


def _code(replies: Sequence[tuple[Reply, tuple[Sim, ...]]]) -> str:
    """The first code a provider gave in these answers, '' where it gave none."""
    return next((refusal.code for reply, _ in replies for refusal in reply.refusals), "")
