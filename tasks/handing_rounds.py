"""All waves of an execution by tokens; between them doubt is settled, and SIMs without a token are the other side's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import polars as pl

from domain.events import Kind
from domain.orders import Part
from domain.outcomes import Deed
from domain.parts import Stand
from domain.queue import ALWAYS_SENT, with_deeds
from tasks import crossing
from tasks.awaiting import await_accepted
from tasks.token_book import TokenBook
from tasks.voyage import Batch, Voyage

ROUNDS_MAX = 20
_UNSETTLED = (*ALWAYS_SENT, Deed.STILL)

Deeds = Callable[[], pl.DataFrame]


def rounds(
    voyage: Voyage, steps: pl.DataFrame, deeds: Deeds, tokens: TokenBook, resumed: Collection[str]
) -> Iterator[pl.DataFrame]:
    """All waves of an execution; `deeds` tells how the journal stands."""
    for _ in range(ROUNDS_MAX):
        again = list(crossing.waves(voyage, steps, deeds(), resumed))
        if not again:
            return
        yield from again
        settle_doubts(voyage, steps, deeds, tokens.live, voyage.limits.await_s)


def settle_doubts(
    voyage: Voyage, steps: pl.DataFrame, deeds: Deeds, live: Callable[..., frozenset[str]], wait_s: float
) -> None:
    """Settle what an earlier execution left without an answer or unseen, and look at what waits for the other side.

    SIMs that are transferring by a token which nobody holds, or which has ended, can be accepted by nobody here: the
    link in the e-mail may still be opened, so they are waited for as those that were offered.
    """
    crossing.settle_doubts(voyage, steps, deeds(), wait_s)
    moves = with_deeds(steps, deeds())
    unsettled = pl.col("deed").is_in([str(deed) for deed in _UNSETTLED])
    held = sorted(live(voyage.clock.now()))
    lost = moves.filter((pl.col("part") == Part.ACCEPT) & unsettled & ~pl.col("key").is_in(held))
    if lost.is_empty():
        return
    voyage.saw_all(
        Kind.SEEN,
        (
            (Batch(int(rows["batch"][0]), (), part=Part.OFFER), int(rows["attempts"][0]), Stand.UNDER_WAY, rows["key"])
            for rows in lost.partition_by("batch", "attempts", maintain_order=True)
        ),
    )
    offered = with_deeds(steps, deeds()).join(lost.select("key"), on="key", how="semi")
    await_accepted(voyage, offered.filter(pl.col("deed") == Deed.PENDING), 0.0)
