"""Which SIMs an operator of Soracom holds: by reading its list, or by asking for each of a few, where that is cheaper.

The list tells no length and its pages come one after the other. So it is read until that has cost as much as asking
would; then each SIM that was not in it so far is asked for. Where one of them is not there under its own number, the
list is read on to its end after all, since it may be there under another profile's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl

from domain.errors import ProviderUnavailable
from domain.inventory import INVENTORY, Side
from domain.orders import Sim
from providers.paging import READINGS_MAX, at_once
from providers.protocol import Progress, Survey
from providers.soracom_columns import Columns, Sought, rows_of, sought_in
from providers.soracom_pages import Page, pages
from providers.soracom_post import Post
from providers.soracom_sims import SIMS_PATH, Shown, lookup_call, shown_of
from providers.soracom_words import LOOK_FRESH_S, LOOKUPS_PER_PAGE

WAITING_SHARE = 0.5  # of threads beyond the calls under way, so that an answer that is being read keeps no lane idle


class Roll:
    """One operator's SIMs, `most` of them asked for at once; each read is made when it is called for."""

    def __init__(self, post: Post, side: Side, most: int) -> None:
        self.post = post
        self._to_the_end = side is Side.SOURCE  # in the target, most of what is looked for is not there yet
        self._width = most if most == 1 else most + max(1, int(most * WAITING_SHARE))
        self._pages: int | None = None  # of the list, when it was last read to its end
        self._kept = pl.DataFrame(schema=INVENTORY)  # by key, from a list that was read for looks
        self._kept_until_s = float("-inf")
        self._spent = 0
        self._lock = threading.Lock()

    def survey(self, wanted: pl.DataFrame | None, progress: Progress) -> Survey:
        """As in `Reader`, for this operator.

        A list in which a SIM comes twice has moved while it was read, may have passed over another, and is read again.
        """
        sought = None if wanted is None else sought_in(wanted)
        for _ in range(READINGS_MAX):
            columns = Columns(self.post.operator, sought)
            asked = self._gather(columns, sought, progress)
            if not columns.came_twice:
                return self._survey_of(columns, asked)
        raise ProviderUnavailable(
            f"In the list of account {self.post.name} SIMs came twice, in {READINGS_MAX} readings. Somebody may be "
            "adding or moving SIMs right now: run the command again when that is over."
        )

    def asked(self, sims: Sequence[Sim]) -> dict[str, Shown]:
        """Those of these SIMs that are in the operator now, by key: by a look-up of each."""
        found = self._look_up([sim.sim_id or sim.key for sim in sims])
        return {sim.key: shown for sim, shown in zip(sims, found, strict=True) if shown is not None}

    def glanced(self, sims: Sequence[Sim]) -> pl.DataFrame:
        """Those of these SIMs that are in the operator (INVENTORY), from a list that serves two minutes, where cheaper.

        A SIM that is not in the list is asked for: a list that moves while it is read can pass over one.
        """
        with self._lock:
            kept = self._kept_for(len(sims))
        keys = pl.Series([sim.key for sim in sims], dtype=pl.String)
        places = kept["key"].search_sorted(keys)
        found = kept[places.filter(places < kept.height).unique()].filter(pl.col("key").is_in(keys.implode()))
        there = set(found["key"])
        return pl.concat([found, rows_of(self.asked([sim for sim in sims if sim.key not in there]).values())])

    def _gather(self, columns: Columns, sought: Sought | None, progress: Progress) -> int | None:
        """Read as much of the list as is worth it, and ask for the rest: how many were asked for, None where none."""
        listed = pages(self.post, SIMS_PATH, "SIMs", shown_of)
        pages_max = None if sought is None or sought.by_imsi else max(1, len(sought.ids) // LOOKUPS_PER_PAGE)
        if self._read(listed, columns, progress, pages_max) or sought is None:
            return None
        missing = [sim_id for sim_id in sought.ids if sim_id not in columns.ids]
        found: list[Shown] = []
        for place, shown in enumerate(self._look_up(missing), start=1):
            found += [] if shown is None else [shown]
            progress(place, len(missing))
        if self._to_the_end and len(found) < len(missing):
            self._read(listed, columns, progress, None)
            return None
        columns.add(found)
        return len(missing)

    def _read(self, listed: Iterator[Page[Shown]], columns: Columns, progress: Progress, pages_max: int | None) -> bool:
        """Whether the list, read on for so many pages, has come to its end."""
        for page in islice(listed, pages_max):
            columns.add(page.rows)
            columns.pages += 1
            progress(len(columns.ids), 0)
            if not page.next_key:
                self._pages = columns.pages
                return True
        return False

    def _survey_of(self, columns: Columns, asked: int | None) -> Survey:
        sims = columns.sims()
        if asked is None:
            how = f"{self.post.name}: {_counted(sims.height, 'SIM')} in its list, read to the end."
            return Survey(sims, how, settings=columns.settings(), aliases=columns.aliases())
        looked = f", then {_counted(asked, 'look-up')} by ICCID" if asked else ""
        pages = _counted(columns.pages, "page")
        how = f"{self.post.name}: {pages} of its list{looked}, which is all that the list of SIMs asks for."
        sought = columns.sought
        assert sought is not None
        numbers = pl.Series(list(sought.numbers), dtype=pl.String).implode()
        known = columns.aliases().filter(pl.any_horizontal(pl.col("iccid", "imsi").is_in(numbers)))["key"]
        ours = pl.any_horizontal(pl.col("key", "imsi").is_in(numbers)) | pl.col("key").is_in(known.implode())
        return Survey(sims.filter(ours), how, whole=False, settings=columns.settings(), aliases=columns.aliases())

    def _look_up(self, sim_ids: Sequence[str]) -> Iterator[Shown | None]:
        return at_once(lambda sim_id: self.post.require(lookup_call(self.post, sim_id)), sim_ids, self._width)

    def _kept_for(self, looks: int) -> pl.DataFrame:
        """A list that serves so many looks, by key; one without rows where look-ups are cheaper still."""
        now_s = self.post.clock.steady_s()
        if now_s <= self._kept_until_s:
            return self._kept
        self._kept = self._kept.clear()
        self._spent += looks
        if self._pages is not None and self._spent >= self._pages * LOOKUPS_PER_PAGE:
            columns = Columns(self.post.operator)
            self._read(pages(self.post, SIMS_PATH, "SIMs", shown_of), columns, _silent, None)
            ended_s = self.post.clock.steady_s()
            self._kept = columns.sims().unique("key", keep="last").sort("key")
            self._kept_until_s, self._spent = ended_s + max(LOOK_FRESH_S, ended_s - now_s), 0
        return self._kept


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _silent(_so_far: int, _in_all: int) -> None:
    """Progress for nobody."""
