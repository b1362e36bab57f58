"""All waves of an execution by tokens; between them doubt is settled, and SIMs without a token are the other side's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

import polars as pl

from domain.events import Kind
from domain.orders import Part
from domain.outcomes import Deed
from domain.parts import STAND_TYPE, Stand
from domain.queue import ALWAYS_SENT, GIVEN_UP, OPEN_DEEDS, with_deeds
from tasks import crossing
from tasks.stages import settle_all
from tasks.token_book import TokenBook
from tasks.voyage import Batch, Voyage

ROUNDS_MAX = 20
_UNACCEPTED = (*ALWAYS_SENT, Deed.STILL)

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
        settle_doubts(voyage, steps, deeds, tokens, voyage.limits.await_s)


def settle_doubts(voyage: Voyage, steps: pl.DataFrame, deeds: Deeds, tokens: TokenBook, wait_s: float) -> None:
    """Settle what an earlier execution left without an answer or unseen, and look at what waits for the other side.

    What has arrived by the link in the e-mail is seen so, whatever else was to be done about it. A SIM that a token
    came for and that is ready again is never offered anew by itself: that token has ended.
    """
    _see_taken(voyage, with_deeds(steps, deeds()))
    crossing.settle_doubts(voyage, steps, deeds(), wait_s)
    _see_ended(voyage, with_deeds(steps, deeds()), tokens)
    _leave_to_others(voyage, steps, deeds, tokens)


def _see_taken(voyage: Voyage, moves: pl.DataFrame) -> None:
    """See SIMs in the target of which the journal knows no acceptance by us, or one that was declined."""
    unknown = pl.col("deed").is_in([str(deed) for deed in (*OPEN_DEEDS, *GIVEN_UP)]) & (pl.col("part") == Part.ISSUE)
    declined = (pl.col("deed") == Deed.DECLINED) & (pl.col("part") == Part.ACCEPT)
    rows = moves.filter(unknown | declined).with_columns(pl.lit(str(Part.ACCEPT)).alias("part"))
    if not rows.is_empty():
        seen = crossing.standing_now(voyage, rows)
        crossing.record_seen(voyage, seen.filter(pl.col("stand") == pl.lit(Stand.DONE, STAND_TYPE)))


def _see_ended(voyage: Voyage, moves: pl.DataFrame, tokens: TokenBook) -> None:
    """Record that SIMs fell back which two reads have shown ready, and for which a token had come."""
    had_one = pl.col("key").is_in(tokens.issued().implode())
    ended = moves.filter((pl.col("part") == Part.ISSUE) & (pl.col("deed") == Deed.STILL) & had_one)
    for rows in ended.partition_by("batch", "attempts", maintain_order=True):
        batch = Batch(int(rows["batch"][0]), (), part=Part.ISSUE)
        stands = {Stand.BEFORE: rows["key"].to_list()}
        voyage.saw(Kind.SETTLED, batch, int(rows["attempts"][0]), stands, accepted=True)


def _leave_to_others(voyage: Voyage, steps: pl.DataFrame, deeds: Deeds, tokens: TokenBook) -> None:
    """SIMs that wait to be accepted by a token which nobody holds, or which has ended.

    Where it has ended, two reads tell whether they are ready again. Those that are transferring can be accepted by
    nobody here: the link in the e-mail may still be opened, so they are waited for as those that were offered.
    """
    ended = _unusable(voyage, steps, deeds, tokens).filter(pl.col("key").is_in(tokens.issued().implode()))
    if not ended.is_empty():
        settle_all(voyage, ended, datetime.fromisoformat(str(ended["last_at"].max())))
    left = _unusable(voyage, steps, deeds, tokens)
    voyage.saw_all(
        Kind.SEEN,
        (
            (Batch(int(rows["batch"][0]), (), part=Part.OFFER), int(rows["attempts"][0]), Stand.UNDER_WAY, rows["key"])
            for rows in left.partition_by("batch", "attempts", maintain_order=True)
        ),
    )


def _unusable(voyage: Voyage, steps: pl.DataFrame, deeds: Deeds, tokens: TokenBook) -> pl.DataFrame:
    """SIMs (of `with_deeds`) that are to be accepted, and whose token cannot be used."""
    waits = (pl.col("part") == Part.ACCEPT) & pl.col("deed").is_in([str(deed) for deed in _UNACCEPTED])
    usable = pl.col("key").is_in(tokens.live(voyage.clock.now()).implode())
    return with_deeds(steps, deeds()).filter(waits & ~usable)
