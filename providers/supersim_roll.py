"""Which SIMs of a list an account of Super SIM holds: by reading the account's list, or by asking for each, if cheaper.

The provider does not tell how long its list is, and its pages come one after the other. So the list is read until that
has cost as much as asking would; then each SIM that was not in it so far is asked for. What is learnt about the length
is remembered, and a list that was too long is begun anew only for twice as many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from domain.errors import ProviderUnavailable
from domain.identifiers import BODY_DIGITS, PRINTED_DIGITS, printed
from domain.orders import Sim
from providers.paging import READINGS_MAX, at_once
from providers.protocol import Progress, Survey
from providers.supersim_inventory import LISTED, SIMS_PATH, Listed, by_iccid, by_sid, listed_of, rows_of
from providers.supersim_pages import pages
from providers.supersim_post import Post
from providers.supersim_words import LOOKUPS_PER_PAGE, PAGES_MAX, SIMS_PER_PAGE_MAX, same

WHOLE = PAGES_MAX + 1  # so many pages are never read: the list itself ends, or is refused before
LIST_PATH = f"{SIMS_PATH}?PageSize={SIMS_PER_PAGE_MAX}"


@dataclass(frozen=True, slots=True)
class Sought:
    """A SIM that is looked for: by its sid where that is known, else by its ICCID, with or without check digit."""

    sid: str
    iccid: str


class Roll:
    """One account's SIMs, `width` of them asked for at once; each read is made when it is called for."""

    def __init__(self, post: Post, width: int) -> None:
        self.post = post
        self._width = width
        self._pages: int | None = None  # of the list, when it was last read to its end
        self._pages_min = 0  # it had more than these

    def survey(self, wanted: pl.DataFrame | None, progress: Progress) -> Survey:
        """As in `Reader`, for this account."""
        if wanted is None:
            listed, _ = self._read_steadily(WHOLE, progress)
            return self._all_of(listed)
        sought = _sought_in(wanted)
        listed = pl.DataFrame(schema=LISTED)
        if self.is_worth_listing(len(sought)):
            listed, ended = self._read_steadily(len(sought) // LOOKUPS_PER_PAGE, progress)
            if ended:
                return self._all_of(listed)
        return self._those_of(listed, sought, progress)

    def among(self, sims: Sequence[Sim]) -> dict[str, Listed]:
        """Those of these SIMs that are in the account now, by key; a list that moves while it is read may miss one."""
        if not self.is_worth_listing(len(sims)):
            return self.asked(sims)
        listed, ended = self.read(len(sims) // LOOKUPS_PER_PAGE, _silent)
        found = self.pick(listed, sims)
        return found if ended else found | self.asked([sim for sim in sims if sim.key not in found])

    def asked(self, sims: Sequence[Sim]) -> dict[str, Listed]:
        """Those of these SIMs that are in the account now, by key: by a look-up of each."""
        sought = [Sought(sim.sim_id, sim.iccid or sim.key) for sim in sims]
        found = at_once(self._look_up, sought, self._width)
        return {sim.key: listed for sim, listed in zip(sims, found, strict=True) if listed and listed.key == sim.key}

    def pick(self, listed: pl.DataFrame, sims: Sequence[Sim]) -> dict[str, Listed]:
        """Those of these SIMs that a list (LISTED) has, by key."""
        ours = pl.col("account_sid").str.to_lowercase() == self.post.account_sid.lower()
        rows = listed.filter(pl.col("iccid").str.slice(0, BODY_DIGITS).is_in(_series(sim.key for sim in sims)), ours)
        return {sim.key: sim for sim in map(Listed._make, rows.iter_rows())}

    def is_worth_listing(self, lookups: int) -> bool:
        """Whether to begin the list rather than make so many look-ups."""
        pages_paid = lookups // LOOKUPS_PER_PAGE
        if self._pages is not None:
            return self._pages <= pages_paid
        return pages_paid >= max(1, 2 * self._pages_min)

    def read(self, pages_max: int, progress: Progress) -> tuple[pl.DataFrame, bool]:
        """The list (LISTED) up to so many pages, and whether it ended there."""
        frames: list[pl.DataFrame] = []
        rows = 0
        for page in pages(self.post, LIST_PATH, "sims", listed_of):
            frames.append(pl.DataFrame(page.rows, schema=LISTED, orient="row"))
            rows += len(page.rows)
            progress(rows, 0)
            if page.next_url is None:
                self._pages = len(frames)
                return pl.concat(frames), True
            if len(frames) >= pages_max:
                break
        self._pages, self._pages_min = None, max(self._pages_min, len(frames))
        return pl.concat(frames), False

    def _read_steadily(self, pages_max: int, progress: Progress) -> tuple[pl.DataFrame, bool]:
        """As `read`; a list in which a SIM comes twice has moved, may have passed over another, and is read again."""
        for _ in range(READINGS_MAX):
            listed, ended = self.read(pages_max, progress)
            if listed.get_column("sid").n_unique() == listed.height:
                return listed, ended
        raise ProviderUnavailable(
            f"In the list of account {self.post.name} SIMs came twice, in {READINGS_MAX} readings. Somebody may be "
            "adding or moving SIMs right now: run the command again when that is over."
        )

    def _all_of(self, listed: pl.DataFrame) -> Survey:
        rows = rows_of(listed, self.post.account_sid)
        how = f"{self.post.name}: {_counted(rows.height, 'SIM')} in {_counted(self._pages or 1, 'page')}."
        return Survey(rows, how)

    def _those_of(self, listed: pl.DataFrame, sought: list[Sought], progress: Progress) -> Survey:
        """A survey of those sought alone: they are asked for, but for those that a part of the list had."""
        sids, iccids = set(listed["sid"].str.to_lowercase()), set(listed["iccid"].str.slice(0, BODY_DIGITS))
        missing = [one for one in sought if one.sid.lower() not in sids and one.iccid[:BODY_DIGITS] not in iccids]
        found: list[Listed] = []
        for place, one in enumerate(at_once(self._look_up, missing, self._width), start=1):
            found += [one] if one else []
            progress(place, len(missing))
        asked = pl.DataFrame(found, schema=LISTED, orient="row")
        by_sid_or_body = (
            pl.col("sid").str.to_lowercase().is_in(_series(one.sid.lower() for one in sought)),
            pl.col("iccid").str.slice(0, BODY_DIGITS).is_in(_series(one.iccid[:BODY_DIGITS] for one in sought)),
        )
        wanted = pl.concat([listed, asked]).filter(pl.any_horizontal(by_sid_or_body))
        longer = f", since its list is longer than {_counted(self._pages_min, 'page')}" if self._pages_min else ""
        how = f"{self.post.name}: {_counted(len(missing), 'look-up')} by ICCID or sid{longer}."
        return Survey(rows_of(wanted.unique("sid", maintain_order=True), self.post.account_sid), how, whole=False)

    def _look_up(self, one: Sought) -> Listed | None:
        if one.sid:
            call = by_sid(self.post, one.sid)
        else:
            call = by_iccid(self.post, one.iccid if len(one.iccid) >= PRINTED_DIGITS else printed(one.iccid))
        found = self.post.require(call)
        return found if found is not None and same(found.account_sid, self.post.account_sid) else None


def _sought_in(wanted: pl.DataFrame) -> list[Sought]:
    """Each SIM of these lines that can be asked for, once; an IMSI alone is nothing that Super SIM knows."""
    lines = wanted.select(pl.col("sim_id").fill_null(""), pl.col("iccid").fill_null("")).unique(maintain_order=True)
    return [Sought(sid, iccid) for sid, iccid in lines.iter_rows() if sid or iccid]


def _series(texts: Iterable[str]) -> pl.Series:
    """Texts to look for, each once, as `is_in` wants them."""
    return pl.Series(list(dict.fromkeys(texts)), dtype=pl.String).implode()


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _silent(_so_far: int, _in_all: int) -> None:
    """Progress for nobody."""
