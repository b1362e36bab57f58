"""One run of SIMs handed over by tokens, between operators in memory: executed, settled, taken back, and judged."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.breakers import Tally
from domain.inventory import GROUP_MAP, Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options
from domain.outcomes import Deed, Outcome
from domain.planning import HELD, Terms, make_plan
from domain.queue import with_deeds
from domain.reconciling import reconcile
from domain.settings import compared
from domain.state import fold
from journal.run_folder import RunFolder
from providers.soracom_words import COURSE
from tasks import handing_rounds, issuing
from tasks.crossing import is_finished, look_back
from tasks.handing import Handing, hand_over
from tasks.restoring import restore_rest, restored
from tasks.shelf import Shelf
from tasks.token_book import TokenBook
from tasks.voyage import Voyage
from tests.fakes import FakeClock
from tests.handing import LIFE_S, Card, SharedLog, TwoParties

REJECTED = pl.DataFrame(schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String})
SETTINGS_OF_ONE = {
    "tag:name": "meter",
    "tag:site": "north",
    "group": "g1",
    "imei_lock": "354890060000001",
    "expiry": "2027-01-01T00:00:00.000Z terminate",
    "speed_class": "s1.fast",
    "termination_protection": "on",
}
AS_WANTED = {**SETTINGS_OF_ONE, "group": "G1"}


def limits(calls_in_flight: int = 1) -> Limits:
    return Limits(
        batch_sims=3, canary_sims=2, spot_sims=2, calls_in_flight=calls_in_flight, await_s=0.0, token_life_s=LIFE_S
    )


class Run:
    """One plan, its provider and its journal; `aims` of SIMs that others did nothing to."""

    def __init__(
        self, folder: Path, sims: int = 8, *, is_blind: bool = False, sims_per_token: int = 500, lanes: int = 1
    ) -> None:
        self.log = SharedLog()
        self.limits = limits(lanes)
        cards = {str(8942310000000000000 + at): Card(Side.SOURCE, "ready", dict(SETTINGS_OF_ONE)) for at in range(sims)}
        self.provider = TwoParties(FakeClock(), cards, self.log, is_blind=is_blind, calls_in_flight=lanes)
        self.options = Options(accepts=not is_blind, sims_per_token=sims_per_token, restores=not is_blind)
        rows = [(at, at + 2, key, key, None, False, None) for at, key in enumerate(cards)]
        lines = pl.DataFrame(rows, schema=LINES, orient="row")
        mapped = pl.DataFrame([] if is_blind else [("g1", "G1")], schema=GROUP_MAP, orient="row")
        way = pl.lit("offer" if is_blind else "issue accept")
        terms = Terms((), pl.DataFrame(schema=HELD), ("active",), self.limits, way, mapped)
        source, target = (self.provider.survey(side, lambda *_: None) for side in (Side.SOURCE, Side.TARGET))
        self.steps = make_plan(lines, source.sims, target.sims, terms)
        self.folder = RunFolder(folder)
        source.settings.write_parquet(self.folder.settings_planned)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.provider.cards)

    def voyage(self) -> Voyage:
        provider = self.provider
        return Voyage("a-run", provider, provider, self.log, provider.clock, self.limits, self.options, lambda _: None)

    def handing(self) -> Handing:
        tokens = TokenBook.of(self.log.events, self.limits.token_life_s)
        return Handing(self.voyage(), self.provider, self.provider, Shelf(self.folder, self.steps), tokens)

    def execute(self) -> None:
        """What the flow does."""
        handing = self.handing()
        voyage = handing.voyage
        handing_rounds.settle_doubts(voyage, self.steps, self.deeds, handing.tokens, 0.0)
        tally = Tally()
        for wave in handing_rounds.rounds(voyage, self.steps, self.deeds, handing.tokens, ()):
            tally = hand_over(handing, wave, tally, issuing.carry)
        look_back(voyage, self.steps, self.deeds())
        arrived = self.moves().filter(pl.col("deed") == Deed.ARRIVED)
        if self.options.restores:
            stop = restore_rest(handing, arrived, restored(self.log.events))
            if stop is not None:
                voyage.stop(*stop)

    def settle(self) -> None:
        """What a reconciliation does before it surveys."""
        handing = self.handing()
        handing_rounds.settle_doubts(handing.voyage, self.steps, self.deeds, handing.tokens, 0.0)

    def deeds(self) -> pl.DataFrame:
        return fold(self.log.events)

    def moves(self) -> pl.DataFrame:
        return with_deeds(self.steps, self.deeds())

    def deed_of(self, key: str) -> tuple[str, str]:
        """The part of its way that a SIM is at, and what was done about it."""
        part, deed = self.moves().filter(key=key).select("part", pl.col("deed").cast(pl.String)).row(0)
        return str(part), str(deed)

    def is_finished(self) -> bool:
        return is_finished(self.steps, self.deeds(), self.voyage())

    def outcomes(self) -> pl.DataFrame:
        source, target = (self.provider.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        sights = sights_of(self.steps["key"], source, target)
        issued = TokenBook.of(self.log.events, self.limits.token_life_s).issued()
        return reconcile(self.steps, REJECTED, self.deeds(), sights, COURSE, issued)

    def outcome_of(self, key: str) -> Outcome:
        return Outcome(self.outcomes().filter(iccid=key)["outcome"][0])

    def next_step_of(self, key: str) -> str:
        return str(self.outcomes().filter(iccid=key)["next_step"][0])

    def reason_of(self, key: str) -> str:
        return str(self.outcomes().filter(iccid=key)["reason"][0])

    def settings_compared(self) -> pl.DataFrame:
        """The report's sheet of settings."""
        target = self.provider.survey(Side.TARGET, lambda *_: None)
        shelf = Shelf(self.folder, self.steps)
        return compared(shelf.all_before(), shelf.groups_to, target.settings, target.sims["key"])

    def tells_the_truth(self) -> None:
        """Every outcome says what the books say, and nothing was done twice that was done once."""
        provider = self.provider
        provider.catch_up()
        assert not provider.broken
        assert max(provider.moved.values(), default=0) <= 1
        outcomes = self.outcomes()
        assert outcomes.height == self.steps.height
        for iccid, outcome in outcomes.select("iccid", "outcome").iter_rows():
            card = provider.cards[iccid]
            match outcome:
                case Outcome.CONFIRMED | Outcome.LEFT:
                    assert card.side == Side.TARGET
                case Outcome.NOT_DONE | Outcome.NOT_STARTED | Outcome.CANCELLED:
                    assert (card.side, card.status) == (Side.SOURCE, "ready")
                case Outcome.DECLINED:
                    assert card.side == Side.SOURCE
                case _:
                    assert card.side == Side.SOURCE or provider.is_blind or outcome == Outcome.IN_DOUBT
        for event in self.log.events:
            assert "TOKEN" not in str(dict(event.body))
            assert "TOKEN" not in " ".join(event.sims)
