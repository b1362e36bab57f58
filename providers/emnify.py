"""emnify as eyes and hands: two workspaces, one synchronous call for up to 500 SIMs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from domain.errors import ProviderError, UsageError
from domain.inventory import GROUPS, HISTORY, Side, sights_of
from domain.orders import Options, Order, Reply, Sight, Sim
from providers.emnify_consequences import consequences_of
from providers.emnify_inventory import list_call, lookup_call
from providers.emnify_migration import act_call, try_call
from providers.emnify_post import Post
from providers.emnify_preflight import preflight
from providers.emnify_told import Pair
from providers.emnify_words import (
    ACTIVATED,
    ADVICE,
    CHECKED,
    GUARANTEE,
    SETTLE_S,
    SIMS_PER_CALL_MAX,
    SIMS_PER_PAGE_MAX,
    SUSPENDED,
)
from providers.paging import Page, at_once, read_all
from providers.protocol import Progress, Survey, Traits
from providers.replies import kept_out, reply_of

LOOKUPS_AT_ONCE = 8
LOOKUPS_PER_SIM = 2  # at the target, then at the source
LOOKUPS_PER_PAGE = 3  # what a page weighs: a megabyte, and a tenth of a second of a limit of its own


class EmnifyReader:
    """Eyes; every body that leaves from here is a login's or says `dry_run: true`."""

    def __init__(self, source: Post, target: Post, calls_in_flight: int = 1) -> None:
        self._posts = {Side.SOURCE: source, Side.TARGET: target}
        self._pair = Pair(source.workspace, target.workspace)
        self._sims_in: dict[Side, int] = {}
        self._shows_status_after: bool | None = None  # unknown until an answer tells
        self.traits = Traits("emnify", SIMS_PER_CALL_MAX, calls_in_flight, SETTLE_S, GUARANTEE, CHECKED, (ACTIVATED,))

    def preflight(self) -> tuple[str, ...]:
        """As in `Reader`: users and workspaces on both sides, and the list of those that we administer."""
        return preflight(self._posts[Side.SOURCE], self._posts[Side.TARGET])

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:  # noqa: ARG002 - a whole workspace is a few pages, and no look-up finds by ICCID
        """As in `Reader`: always whole."""
        post = self._posts[side]

        def fetch(number: int) -> Page:
            page = post.require(list_call(number, post.workspace))
            self._sims_in[side] = page.marks.rows
            return page

        sims = read_all(fetch, "sim_id", progress)
        return Survey(sims, f"{post.workspace}: all of its {sims.height:,} SIMs were read")

    def groups(self, side: Side) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        """As in `Reader`: there are none."""
        return pl.DataFrame(schema=GROUPS)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """As in `Reader`: names of SIMs need not be unique."""
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        """As in `Reader`: nothing is lost."""
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        """As in `Reader`; the sights are those of the SIMs that the answer names with their workspace."""
        return self._posts[Side.SOURCE].require(try_call(order, self._pair))

    def look(self, order: Order) -> Reply:
        """As in `Reader`: by a dry run, by another of those that the first did not name, and by reads of the rest."""
        reply = self.dry_run(order)
        seen = self._honest(order, reply.sights)
        named = {refusal.key for refusal in reply.refusals if refusal.key is not None}
        rest = tuple(sim for sim in order.sims if sim.key not in named)
        if named and rest:
            seen |= self._honest(order, self.dry_run(replace(order, sims=rest)).sights)
        seen |= {sight.key: sight for sight in self.find([sim for sim in order.sims if sim.key not in seen])}
        return replace(reply, sights=tuple(seen[sim.key] for sim in order.sims))

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:  # noqa: ARG002 - both are read
        """As in `Reader`: SIM by SIM, or by both lists where those are fewer calls."""
        if not sims:
            return ()
        pages = sum(self._pages(side) for side in (Side.SOURCE, Side.TARGET))
        if len(sims) * LOOKUPS_PER_SIM > pages * LOOKUPS_PER_PAGE:
            return self._find_in_lists(sims)
        return tuple(at_once(self._find_one, sims, LOOKUPS_AT_ONCE))

    def advice(self, code: str) -> str:
        """As in `Reader`."""
        return ADVICE.get(code, "")

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        """As in `Reader`."""
        return consequences_of(steps, options)

    def _honest(self, order: Order, sights: tuple[Sight, ...]) -> dict[str, Sight]:
        """Sights by key, with the status each SIM has now.

        It is not documented whether a dry run shows the status from before or from after the suspension. So where
        one that was activated is shown as suspended, one look-up tells which it is, for this and all later answers.
        """
        if any(sight.status == ACTIVATED for sight in sights):
            self._shows_status_after = False
        planned = {sim.key: sim for sim in order.sims}
        unsure = [s for s in sights if s.status == SUSPENDED and planned[s.key].status == ACTIVATED]
        if unsure and self._shows_status_after is None:
            (truth,) = self.find([planned[unsure[0].key]])
            if truth.status == ACTIVATED:
                self._shows_status_after = True
        seen = {sight.key: sight for sight in sights}
        if self._shows_status_after:
            seen |= {sight.key: replace(sight, status=ACTIVATED) for sight in unsure}
        return seen

    def _find_one(self, sim: Sim) -> Sight:
        """Target, source, and the target again: a SIM on its way between the first two reads is not nowhere."""
        for side in (Side.TARGET, Side.SOURCE, Side.TARGET):
            post = self._posts[side]
            sight = post.require(lookup_call(sim, post.workspace, side))
            if sight is not None:
                return sight
        return Sight(sim.key, Side.NOWHERE)

    def _find_in_lists(self, sims: Sequence[Sim]) -> tuple[Sight, ...]:
        """From both lists, the source's first: a SIM on its way is then seen twice rather than nowhere."""
        source, target = (self.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        found = sights_of(pl.Series([sim.key for sim in sims], dtype=pl.String), source, target)
        return tuple(
            Sight(key, Side(side), sim_id, status, device_id, group)
            for key, side, sim_id, status, device_id, group in found.iter_rows()
        )

    def _pages(self, side: Side) -> int:
        """Calls that the list of that side takes, by the last total seen; asks for one where none was."""
        if side not in self._sims_in:
            post = self._posts[side]
            self._sims_in[side] = post.require(list_call(1, post.workspace, per_page=1)).marks.rows
        return max(1, -(-self._sims_in[side] // SIMS_PER_PAGE_MAX))


class EmnifyMover:
    """Hands; a migration is asked for with the source's token, once."""

    def __init__(self, source: Post, target: Post) -> None:
        self._post = source
        self._pair = Pair(source.workspace, target.workspace)

    def move(self, order: Order) -> Reply:
        """As in `Mover`."""
        call = act_call(order, self._pair)
        try:
            outcome = self._post.session.call(call, self._post.workspace)
        except (ProviderError, UsageError) as error:
            return kept_out(error)
        return reply_of(outcome)
