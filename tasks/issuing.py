"""One batch handed over: its SIMs are looked at, what they are set to is saved, and tokens are issued for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import polars as pl

from domain.breakers import Cause
from domain.errors import ProviderUnavailable
from domain.inventory import Side
from domain.orders import Order, Part, Reply, Said, Sim
from domain.parts import Stand
from tasks.accepting import accept, declined_of
from tasks.carry import NO_ENTRY, BatchEnd, spots_of
from tasks.handing import Handing
from tasks.looked import as_planned, came_late
from tasks.settle import stands
from tasks.stages import CANARY
from tasks.voyage import Batch, Voyage

NO_TOKEN_SEEN = "the provider issued a token, and its SIMs are seen as they were"  # noqa: S105 - words
Issued = tuple[Reply, tuple[Sim, ...]]


def carry(handing: Handing, batch: Batch) -> BatchEnd:
    """What became of one batch: offered, or issued and accepted, or accepted by the tokens issued before.

    Raises `ProviderUnavailable` where the provider cannot be reached, with nothing in doubt that the journal does not
    know of.
    """
    if batch.part != Part.ACCEPT:
        return _issue(handing, batch)
    return _together(_accept_all(handing, batch, handing.tokens.by_token(batch.sims)))


def _issue(handing: Handing, batch: Batch) -> BatchEnd:
    voyage, attempt = handing.voyage, batch.attempts + 1
    going, held = _look(handing, batch, attempt)
    if not going:
        return BatchEnd(held_back=held)
    voyage.intend(batch, attempt, going)
    issued = _send(handing, batch, attempt, going)
    declined = sum(len(declined_of(reply, sims)) for reply, sims in issued if reply.said == Said.NO)
    code = next((refusal.code for reply, _ in issued for refusal in reply.refusals), "")
    if any(reply.credentials_refused for reply, _ in issued):
        return BatchEnd(len(going), declined, held, stop=(Cause.CREDENTIALS, NO_ENTRY))
    unsent = next((reply for reply, _ in issued if reply.said == Said.UNSENT), None)
    taken = [(reply, sims) for reply, sims in issued if reply.said in {Said.YES, Said.LATER}]
    ends = [BatchEnd(len(going), declined, held, code=code)]
    if batch.part == Part.ISSUE:
        accepting = Batch(batch.number, batch.sims, 0, Part.ACCEPT)
        held_now = [(reply.secret, sims) for reply, sims in taken if reply.secret is not None]
        accepted = _accept_all(handing, accepting, held_now)
        ends += [replace(each, attempted=0) for each in accepted]  # they were attempted when their token was issued
    elif taken:
        offered = tuple(sim for _, sims in taken for sim in sims)
        spots = offered if batch.number == CANARY else spots_of(offered, voyage.limits.spot_sims)
        if not _shown_transferring(voyage, batch, spots):
            ends.append(BatchEnd(stop=(Cause.NO_EFFECT, NO_TOKEN_SEEN)))
    if unsent is not None:
        raise ProviderUnavailable(
            f"Batch {batch.number} could not be sent whole: {unsent.words or 'the provider was not reached'}. "
            "What was not sent is on record. Run `simferry execute` again when the provider answers."
        )
    return _together(ends)


def _look(handing: Handing, batch: Batch, attempt: int) -> tuple[tuple[Sim, ...], int]:
    """The SIMs that are as planned, what they are set to being saved, and how many were held back."""
    voyage = handing.voyage
    examined = handing.examiner.examine(Side.SOURCE, batch.sims)
    look = Reply(Said.YES, None, sights=examined.sights)
    late = came_late(voyage, batch, look)
    asked = tuple(sim for sim in batch.sims if sim.key not in late)
    going = as_planned(voyage, batch, attempt, asked, look)
    if going:
        keys = pl.Series("key", [sim.key for sim in going], pl.String)
        own = examined.settings.filter(pl.col("key").is_in(keys.implode()))
        listed = handing.examiner.listed_only(Side.SOURCE, going)
        handing.shelf.put_away(batch.number, keys, pl.concat([own, listed]))
    return going, len(asked) - len(going)


def _send(handing: Handing, batch: Batch, attempt: int, sims: tuple[Sim, ...]) -> list[Issued]:
    """Ask for the tokens of an attempt; each answer is on record, its token encrypted, before anything else is done."""
    voyage, size = handing.voyage, handing.voyage.options.sims_per_token
    calls = [sims[start : start + size] for start in range(0, len(sims), size)]
    halted: deque[bool] = deque(maxlen=1)  # an answer has shown that further calls are in vain

    def one(some: tuple[Sim, ...]) -> Issued:
        if halted:
            reply = Reply(Said.UNSENT, None, words="not sent: the batch stopped before its turn")
        else:
            reply = handing.transferor.move(Order(batch.number, attempt, some, voyage.options, batch.part))
        if reply.credentials_refused or reply.said == Said.UNSENT:
            halted.append(True)
        voyage.answered(batch, attempt, reply, some)
        if reply.secret is not None:
            handing.tokens.add((sim.key for sim in some), reply.secret, voyage.clock.now())
        return reply, some

    if len(calls) == 1:
        return [one(calls[0])]
    with ThreadPoolExecutor(max_workers=voyage.limits.calls_in_flight, thread_name_prefix="issue") as pool:
        return list(pool.map(one, calls))


def _accept_all(handing: Handing, batch: Batch, held: Sequence[tuple[bytes, tuple[Sim, ...]]]) -> list[BatchEnd]:
    """What came of accepting these tokens, several at once."""
    if len(held) == 1:
        return [accept(handing, batch, sims, token) for token, sims in held]
    with ThreadPoolExecutor(max_workers=handing.voyage.limits.calls_in_flight, thread_name_prefix="accept") as pool:
        return list(pool.map(lambda one: accept(handing, batch, one[1], one[0]), held))


def _shown_transferring(voyage: Voyage, batch: Batch, spots: tuple[Sim, ...]) -> bool:
    """Whether reads show, within the settle time, that SIMs which were offered are no longer as they were."""
    deadline = voyage.clock.now() + timedelta(seconds=voyage.limits.settle_s)
    while any(stand == Stand.BEFORE for stand in stands(voyage, batch, spots).values()):
        if voyage.clock.now() >= deadline:
            return False
        voyage.clock.sleep(voyage.limits.settle_gap_s)
    return True


def _together(ends: Sequence[BatchEnd]) -> BatchEnd:
    """What the parts of a batch came to in all; with a code where nothing of it was not declined."""
    attempted, declined = sum(end.attempted for end in ends), sum(end.declined for end in ends)
    return BatchEnd(
        attempted,
        declined,
        sum(end.held_back for end in ends),
        sum(end.arrived for end in ends),
        next((end.code for end in ends if end.code), "") if declined == attempted else "",
        next((end.stop for end in ends if end.stop is not None), None),
    )
