"""Looks at SIMs that nothing was sent to yet: one by one, or from a list that was begun only just now."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import polars as pl

from domain.orders import Sim
from providers.supersim_inventory import Listed
from providers.supersim_roll import Roll
from providers.supersim_words import LOOK_FRESH_S, LOOKUPS_PER_PAGE


class Looks:
    """Looks at one account. A list is read as soon as the look-ups made since the last one would have paid for it."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._kept: pl.DataFrame | None = None
        self._kept_from_s = 0.0
        self._spent = 0
        self._lock = threading.Lock()

    def at(self, sims: Sequence[Sim]) -> dict[str, Listed]:
        """Those of these SIMs that are in the account, by key, as they were LOOK_FRESH_S ago at most.

        A SIM that is not in the list is asked for: a list that moves while it is read can pass over one.
        """
        with self._lock:
            kept = self._list_for(len(sims))
        found = {} if kept is None else self._roll.pick(kept, sims)
        return found | self._roll.asked([sim for sim in sims if sim.key not in found])

    def _list_for(self, looks: int) -> pl.DataFrame | None:
        """A list that serves so many looks; None where look-ups are cheaper still."""
        now_s = self._roll.post.clock.steady_s()
        if self._kept is not None and now_s - self._kept_from_s <= LOOK_FRESH_S:
            return self._kept
        self._kept = None
        self._spent += looks
        if self._roll.is_worth_listing(self._spent):
            listed, ended = self._roll.read(self._spent // LOOKUPS_PER_PAGE, lambda *_: None)
            if ended:
                self._kept, self._kept_from_s, self._spent = listed, now_s, 0
        return self._kept
