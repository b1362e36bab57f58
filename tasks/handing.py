"""A wave of SIMs handed over by tokens: several batches at once, each looked at, issued, accepted and restored.

batch   look ─► settings saved ─► intend ═ issue ═ token on record ─┬─► the other side accepts, or does not
                                                                    └─► intend ═ accept ─► seen ─► settings restored
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

import polars as pl

from domain.breakers import Tally, tripped
from domain.orders import Part
from domain.outcomes import DEEDS, Deed
from domain.queue import has_gone_its_way, sims_of, with_deeds
from domain.state import fold, later
from providers.protocol import Examiner, Transferor
from tasks.carry import BatchEnd
from tasks.shelf import Shelf
from tasks.stages import CANARY, no_canary, settle_all
from tasks.token_book import TokenBook
from tasks.voyage import Batch, Voyage

BATCHES_AT_ONCE = 3  # so that lanes are not empty while one of them is looked at or recorded

_STANDING = ("part", "deed", "attempts", "last_at", "begun", "proven")


@dataclass(frozen=True, slots=True)
class Handing:
    """What handing over takes beside the voyage; its repr holds no token."""

    voyage: Voyage
    examiner: Examiner
    transferor: Transferor
    shelf: Shelf
    tokens: TokenBook


Carry = Callable[[Handing, Batch], BatchEnd]


def hand_over(handing: Handing, wave: pl.DataFrame, tally: Tally, carry: Carry) -> Tally:
    """The tally after the wave (of `tasks.crossing.waves`), with no doubt about it left that reads can settle.

    Raises `RefusedToRun` or `CredentialsRefused` where a breaker opens, and `ProviderUnavailable`.
    """
    voyage = handing.voyage
    proven = bool(wave["proven"].all())
    with voyage.watching() as events:
        for batch, end in _ends(handing, _batches(wave), carry):
            voyage.moved(len(batch.sims))
            tally = tally.after(end.attempted, end.declined, end.held_back, end.code)
            cause = end.stop or tripped(tally, voyage.limits)
            if cause is not None:
                voyage.stop(*cause)
        nothing = pl.lit(None, pl.String)
        before = wave.with_columns(nothing.alias("code"), nothing.alias("words")).select(
            pl.col(name).cast(kind) for name, kind in DEEDS.items()
        )
        steps = wave.drop(_STANDING)
        moves = with_deeds(steps, later(before, fold(events)))
        settle_all(voyage, moves.filter(pl.col("deed") == Deed.UNHEARD), voyage.clock.now())
        ended = with_deeds(steps, later(before, fold(events)))
    canary = ended.filter(pl.col("batch") == CANARY)
    if canary.height and not proven and not canary.filter(has_gone_its_way()).height:
        voyage.stop(*no_canary(canary.height))
    return tally


def _batches(wave: pl.DataFrame) -> list[Batch]:
    """SIMs of one batch that stand alike, together; a batch is tried where an attempt of it may have arrived."""
    return [
        Batch(
            int(rows["batch"][0]),
            sims_of(rows),
            int(rows["attempts"][0]),
            Part(rows["part"][0]),
            rows["deed"][0] == Deed.STILL,
        )
        for rows in wave.partition_by("batch", "part", "attempts", "deed", maintain_order=True)
    ]


def _ends(handing: Handing, batches: Sequence[Batch], carry: Carry) -> Iterator[tuple[Batch, BatchEnd]]:
    """Batches with what they came to, as they end; the next one begins when one that has ended opened no breaker."""
    waiting = iter(batches)
    running: dict[Future[BatchEnd], Batch] = {}
    with ThreadPoolExecutor(max_workers=BATCHES_AT_ONCE, thread_name_prefix="batch") as pool:

        def begin(count: int) -> None:
            running.update({pool.submit(carry, handing, batch): batch for batch in islice(waiting, count)})

        begin(BATCHES_AT_ONCE)
        while running:
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                yield running.pop(future), future.result()
            begin(len(ended))
