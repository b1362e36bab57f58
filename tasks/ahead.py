"""The look at the next batch, sent the moment the answer to this one is in, while that is recorded and read back.

    batch 1   look ─ intend ═ act ─┬─ record ───┬─ seen
                                   ├─ read back ┘
    batch 2                        └─ look ─────────── intend ═ act ─┬─ record ─ …

So one request about a change is under way at a time, and none waits for the journal's disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta

from domain.orders import Order, Reply, Sight, Sim
from tasks.voyage import Batch, Voyage

FRESH_S = 5.0  # a look that is older is taken again
THREADS = 2  # that it needs of its pool: for the look, and for what is read back


class Ahead:
    """A look at one batch that may be under way already, with a read of the batch before it."""

    def __init__(self, voyage: Voyage, pool: Executor, batch: Batch) -> None:
        self._voyage = voyage
        self._pool = pool
        self._order = Order(batch.number, batch.attempts + 1, batch.sims, voyage.options)
        self._look: Future[Reply] | None = None
        self._since: datetime | None = None
        self.read_back: Future[tuple[Sight, ...]] | None = None

    def start(self, before: Sequence[Sim]) -> None:
        """Send the look, and beside it the read of SIMs that have just moved."""
        self._since = self._voyage.clock.now()
        self._look = self._pool.submit(self._voyage.reader.look, self._order)
        self.read_back = self._pool.submit(self._voyage.reader.find, before)

    def take(self) -> Reply:
        """What the look shows; it is sent now where it was not before, or so long ago that it says little."""
        now = self._voyage.clock.now()
        if self._look is None or self._since is None or now - self._since > timedelta(seconds=FRESH_S):
            return self._voyage.reader.look(self._order)
        return self._look.result()
