"""The steps of `simferry cancel`: tokens taken back whole, and their SIMs read back to what they were."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import polars as pl

from domain.breakers import Cause
from domain.errors import UsageError
from domain.events import Event, Kind
from domain.inventory import Side
from domain.orders import Part, Said, Sim
from domain.outcomes import Deed
from domain.parts import Stand
from domain.plan import utc_text
from domain.queue import sims_of, with_deeds
from domain.tokens import Cancelled, Ended, Token, tokens_of
from tasks.aboard import Aboard, release
from tasks.carry import NO_ENTRY
from tasks.kinds import touching
from tasks.voice import voice

_ENDED = (Deed.CANCELLED, Deed.FELL_BACK, Deed.ARRIVED)


@touching(name="take tokens back")
def cancel(aboard: Aboard, number: int | None) -> tuple[Cancelled, ...]:
    """What became of every token that somebody may still accept, or of that one alone.

    Raises `UsageError` where the run has no such token.
    """
    events = list(aboard.journal.events())
    tokens = tokens_of(events, aboard.plan.limits.token_life_s)
    secrets = [event.secret for event in events if event.kind == Kind.ANSWERED and event.secret is not None]
    known = with_deeds(aboard.steps, aboard.deeds())
    over = frozenset(known.filter(pl.col("deed").is_in([str(deed) for deed in _ENDED]))["key"])
    if number is None:
        chosen = [token for token in tokens if not over.issuperset(token.sims)]
    else:
        chosen = [token for token in tokens if token.number == number]
        if not chosen:
            there = f"It has the tokens 1 to {len(tokens)}" if tokens else "No token was issued in it"
            raise UsageError(f"{aboard.plan.run} has no token {number}. {there}: see `simferry status`.")
    keys = [key for token in chosen for key in token.sims]
    sims = {sim.key: sim for sim in sims_of(known.filter(pl.col("key").is_in(keys)))}

    def one(token: Token) -> Cancelled:
        return _one(aboard, token, secrets[token.number - 1], tuple(sims[key] for key in token.sims if key in sims))

    ended: list[Cancelled] = []
    with ThreadPoolExecutor(max_workers=aboard.plan.limits.calls_in_flight, thread_name_prefix="cancel") as pool:
        for each in pool.map(one, chosen):
            ended.append(each)
            voice().progress("Taking back, tokens", len(ended), len(chosen))
    release(aboard)
    return tuple(ended)


def _one(aboard: Aboard, token: Token, secret: bytes, sims: tuple[Sim, ...]) -> Cancelled:
    """Take one token back, where any of its SIMs is transferring still."""
    voyage = aboard.voyage
    stands = _stands(aboard, sims)
    if Stand.UNDER_WAY not in stands.values():
        return _not_needed(aboard, token, stands)
    at = utc_text(voyage.clock.now())
    aboard.journal.write(Event(Kind.CANCELLING, at, token.batch, token.attempt, token.part, token.sims))
    assert aboard.handing is not None
    reply = aboard.handing.transferor.cancel(secret)
    if reply.credentials_refused:
        voyage.stop(Cause.CREDENTIALS, NO_ENTRY)
    stands = _read_back(aboard, sims, voyage.clock.now())
    ready = [key for key, stand in stands.items() if stand == Stand.BEFORE]
    gone = [key for key, stand in stands.items() if stand in {Stand.GONE, Stand.DONE}]
    _taken_back(aboard, token, ready)
    if gone:
        return Cancelled(token.number, Ended.ACCEPTED, len(sims), len(ready), len(gone), reply.words)
    ended = Ended.UNSURE if Stand.UNDER_WAY in stands.values() else Ended.CANCELLED
    words = "" if reply.said == Said.YES else reply.words
    return Cancelled(token.number, ended, len(sims), len(ready), len(gone), words)


def _taken_back(aboard: Aboard, token: Token, ready: Sequence[str]) -> None:
    """Record that these SIMs of the token were read back as they were before."""
    if ready:
        at = utc_text(aboard.voyage.clock.now())
        aboard.journal.write(Event(Kind.CANCELLED, at, token.batch, token.attempt, token.part, tuple(ready)))


def _not_needed(aboard: Aboard, token: Token, stands: dict[str, Stand]) -> Cancelled:
    """Why there is nothing to take back: it was, by a process that died before it saw so, or somebody was first."""
    gone = sum(stand in {Stand.GONE, Stand.DONE} for stand in stands.values())
    ready = [key for key, stand in stands.items() if stand == Stand.BEFORE]
    ended = Ended.ACCEPTED if gone else Ended.RAN_OUT
    if ended == Ended.RAN_OUT and _was_begun(aboard, token):
        _taken_back(aboard, token, ready)
        ended = Ended.CANCELLED
    return Cancelled(token.number, ended, len(stands), len(ready), gone)


def _was_begun(aboard: Aboard, token: Token) -> bool:
    """Whether it was asked for before that the token be taken back."""
    events = (event for event in aboard.journal.events() if event.kind == Kind.CANCELLING)
    return any((token.part, token.sims) == (event.part, event.sims) for event in events)


def _read_back(aboard: Aboard, sims: Sequence[Sim], since: datetime) -> dict[str, Stand]:
    """How the SIMs stand once none is transferring any more, or when the settle time has passed."""
    voyage = aboard.voyage
    deadline = since + timedelta(seconds=voyage.limits.settle_s)
    stands = _stands(aboard, sims)
    while Stand.UNDER_WAY in stands.values() and voyage.clock.now() < deadline:
        voyage.clock.sleep(voyage.limits.settle_gap_s)
        stands = _stands(aboard, sims)
    return stands


def _stands(aboard: Aboard, sims: Sequence[Sim]) -> dict[str, Stand]:
    """How each SIM stands as one that was offered: ready, transferring, accepted, or changed."""
    course = aboard.voyage.course
    found = aboard.voyage.reader.find(sims, Side.SOURCE)
    by_key = {sim.key: sim for sim in sims}
    return {sight.key: course.standing(Part.OFFER, by_key[sight.key], sight) for sight in found}
