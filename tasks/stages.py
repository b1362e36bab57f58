"""A wave of SIMs that each take calls of their own, carried through every part of their ways before the next wave.

stage   ─► send what may be sent ─► see what was said to be done ─► wait for what was accepted ─┐
 ▲                                                                                              │
 └────────────────────────── SIMs with a further part to go ────────────────────────────────────┘

So the canary has been through all of its parts before anything else is sent, and no SIM is offline for longer than
its own wave takes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from domain.breakers import Cause, Tally, tripped
from domain.events import Event
from domain.orders import Part, Sight, Sim
from domain.outcomes import DEEDS, Deed
from domain.parts import Stand
from domain.queue import GIVEN_UP, has_gone_its_way, left_to_send, sims_of, with_deeds
from domain.state import fold, later
from tasks.awaiting import Seen, await_accepted, is_awaited
from tasks.carry import no_effect, spots_of
from tasks.settle import Doubt, arrived, settle
from tasks.stream import Leg, Stream
from tasks.voyage import Batch, Voyage

CANARY = 1
STAGES_MAX = 1_000  # each sends or waits; what a provider does by and by, SIM by SIM, takes many
SETTLED_AT_ONCE = 100  # batches with doubt, which wait for one gap between two reads
FRESH_S = 120.0  # a SIM that a read has shown as wanted so lately needs no other look before its next part

UNSEEN = (Deed.UNHEARD, Deed.PENDING)  # at the end of a wave; what was told is seen at the end of them all

_STANDING = ("part", "deed", "attempts", "last_at", "begun")


class Stages:
    """One wave (of `tasks.crossing.waves`) on its way; `carry` takes it to its end."""

    def __init__(self, voyage: Voyage, wave: pl.DataFrame, tally: Tally) -> None:
        self._voyage = voyage
        self._steps = wave.drop(_STANDING)
        nothing = pl.lit(None, pl.String)
        self._before = wave.with_columns(nothing.alias("code"), nothing.alias("words")).select(
            pl.col(name).cast(kind) for name, kind in DEEDS.items()
        )
        self._tally = tally
        self._sights: dict[str, Seen] = {}

    def carry(self) -> Tally:
        """The tally after the wave; raises where a breaker opens."""
        with self._voyage.watching() as events:
            for _ in range(STAGES_MAX):
                moves = self._moves(events)
                rows = left_to_send(moves, self._voyage.limits)
                if rows.is_empty() and not is_awaited(self._voyage, _pending(moves), self._voyage.limits.await_s):
                    break
                if not rows.is_empty():
                    Stream(self._voyage, _legs(rows), self._seen, self._ended).run()
                    self._look_at_told(self._moves(events))
                self._wait(self._moves(events))
                self._settle_urgent(self._moves(events))
            self._judge_canary(self._moves(events))
            self._judge_wave(events)
        return self._tally

    def _moves(self, events: list[Event]) -> pl.DataFrame:
        """The wave as it stands after these records."""
        return with_deeds(self._steps, later(self._before, fold(events)))

    def _seen(self, leg: Leg) -> dict[str, Sight]:
        """The leg's SIMs that a read has shown, a moment ago, at the end of the part before."""
        oldest = self._voyage.clock.now() - timedelta(seconds=FRESH_S)
        known = {sim.key: self._sights.get(sim.key) for sim in leg.batch.sims if sim.parts[:1] != (leg.batch.part,)}
        return {key: seen[0] for key, seen in known.items() if seen is not None and seen[1] >= oldest}

    def _ended(self, leg: Leg) -> None:
        """Count a leg that is over, stop where a breaker opens, and read some of it back at once."""
        end, voyage = leg.end(), self._voyage
        self._tally = self._tally.after(end.attempted, end.declined, end.held_back, end.code)
        voyage.moved(end.held_back + sum(sim.parts[-1:] == (leg.batch.part,) for sim in leg.going))
        self._stop_for(end.stop or tripped(self._tally, voyage.limits))
        if leg.batch.number != CANARY and leg.told:
            self._confirm(leg.batch, leg.attempt, spots_of(tuple(leg.told), voyage.limits.spot_sims), tuple(leg.told))

    def _look_at_told(self, moves: pl.DataFrame) -> None:
        """See, before they go on, SIMs said to be done with a part that is not their last; of the canary all."""
        told = moves.filter(pl.col("deed") == Deed.TOLD)
        on_their_way = ~pl.col("parts").str.ends_with(pl.col("part")) | (pl.col("batch") == CANARY)
        for part in told.filter(on_their_way).partition_by("batch", "part", "attempts", maintain_order=True):
            sims = sims_of(part)
            self._confirm(_batch_of(part), int(part["attempts"][0]), sims, sims)

    def _confirm(self, batch: Batch, attempt: int, spots: tuple[Sim, ...], told: tuple[Sim, ...]) -> None:
        """Read `spots` back; where they are not as the provider says, settle all that were told and stop."""
        voyage = self._voyage
        left_at = voyage.clock.now()
        if arrived(voyage, batch, attempt, spots):
            return
        stands = settle(voyage, [Doubt(batch, attempt, told)], left_at)
        if any(stand not in {Stand.DONE, Stand.UNDER_WAY} for stand in stands.values()):
            voyage.stop(Cause.NO_EFFECT, no_effect(stands))

    def _wait(self, moves: pl.DataFrame) -> None:
        """Wait for what was accepted for later, and remember how it was seen."""
        voyage = self._voyage
        ready_at = None if left_to_send(moves, voyage.limits).is_empty() else voyage.clock.now()
        # what was seen is good for the very next stage alone
        self._sights = await_accepted(voyage, _pending(moves), voyage.limits.await_s, ready_at)

    def _settle_urgent(self, moves: pl.DataFrame) -> None:
        """Settle doubt about SIMs that may be offline meanwhile, and about the canary; the rest waits for the end."""
        self._settle(moves, pl.col("parts").str.contains(Part.DEACTIVATE) | (pl.col("batch") == CANARY))

    def _settle(self, moves: pl.DataFrame, which: pl.Expr) -> None:
        settle_all(self._voyage, moves.filter((pl.col("deed") == Deed.UNHEARD) & which), self._voyage.clock.now())

    def _judge_canary(self, moves: pl.DataFrame) -> None:
        """The canary's own breaker: of one of its ways, no SIM arrived, in this execution or before."""
        failed = canary_failed(moves.filter(~pl.col("proven")))
        self._stop_for(no_canary(failed) if failed else None)

    def _judge_wave(self, events: list[Event]) -> None:
        """The breaker of what came to nothing: SIMs of the next wave would be deactivated for as little."""
        if tripped(self._with_in_vain(self._moves(events)), self._voyage.limits) is not None:
            self._settle(self._moves(events), pl.lit(value=True))  # what has no answer may be done
        self._tally = self._with_in_vain(self._moves(events))
        self._stop_for(tripped(self._tally, self._voyage.limits))

    def _with_in_vain(self, moves: pl.DataFrame) -> Tally:
        """The tally with those SIMs of the wave of which nothing came."""
        in_vain = moves.filter(pl.col("deed").is_in([str(deed) for deed in (*UNSEEN, *GIVEN_UP)])).height
        return replace(self._tally, in_vain=self._tally.in_vain + in_vain)

    def _stop_for(self, cause: tuple[Cause, str] | None) -> None:
        if cause is not None:
            self._voyage.stop(*cause)


def settle_all(voyage: Voyage, doubted: pl.DataFrame, since: datetime) -> None:
    """Settle SIMs (of `with_deeds`), many batches together, all from the same instant."""
    parts = doubted.partition_by("batch", "part", "attempts", maintain_order=True)
    for start in range(0, len(parts), SETTLED_AT_ONCE):
        some = parts[start : start + SETTLED_AT_ONCE]
        settle(voyage, [Doubt(_batch_of(part), int(part["attempts"][0]), sims_of(part)) for part in some], since)


def canary_failed(moves: pl.DataFrame) -> int:
    """SIMs of the canary (of `with_deeds`) whose way not one of them has gone to its end."""
    by_way = (
        moves.filter(pl.col("batch") == CANARY)
        .group_by("parts")
        .agg(pl.len().alias("sims"), has_gone_its_way().any().alias("arrived"))
    )
    return int(by_way.filter(~pl.col("arrived"))["sims"].sum())


def no_canary(sims: int) -> tuple[Cause, str]:
    """The breaker of a canary of so many SIMs."""
    return Cause.CANARY, f"none of the {sims} SIMs of the canary batch arrived"


def _pending(moves: pl.DataFrame) -> pl.DataFrame:
    """Those that a provider has accepted for later."""
    return moves.filter(pl.col("deed") == Deed.PENDING)


def _legs(rows: pl.DataFrame) -> list[Leg]:
    """The legs of a stage, batch by batch; SIMs of one batch that were attempted differently go separately."""
    legs = []
    for part in rows.partition_by("batch", "part", "attempts", "deed", maintain_order=True):
        number, attempts, tried = int(part["batch"][0]), int(part["attempts"][0]), part["deed"][0] == Deed.STILL
        legs.append(Leg(Batch(number, sims_of(part), attempts, Part(part["part"][0]), tried)))
    return legs


def _batch_of(part: pl.DataFrame) -> Batch:
    """The batch that rows of one batch and part belong to, for records about it."""
    return Batch(int(part["batch"][0]), (), part=Part(part["part"][0]))
