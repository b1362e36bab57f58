"""A run of one operator over the engine's own steps: planned, executed, reconciled, taken back, and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import polars as pl

from domain.breakers import Tally
from domain.errors import FerryError
from domain.events import Event, Kind
from domain.inventory import Side
from domain.lists import LINES
from domain.orders import Order, Part, Sight, Sim
from domain.parts import Stand
from domain.plan import Checked, ListFacts, Party, Plan, Step
from domain.planning import make_plan
from domain.queue import may_not_be_planned, sims_of, with_deeds
from domain.state import fold, run_state
from journal.book import Journal
from journal.claims import Claims
from journal.run_folder import RunFolder
from tasks import cancelling, crossing, handing_rounds, issuing
from tasks.aboard import Aboard, release
from tasks.asked import Surroundings
from tasks.handing import Handing, hand_over
from tasks.restoring import restore_rest, restored
from tasks.shelf import Shelf
from tasks.token_book import TokenBook
from tasks.voyage import Voyage
from tests.fakes import Killed
from tests.reliability.fleets import Fleet
from tests.reliability.hands import Hands, Weather
from tests.reliability.lives import Book, Life
from tests.reliability.wire_law import Wire


@dataclass
class World:
    """One provider, and all that its operators share: which live run holds which SIM, the wire, the weather."""

    fleet: Fleet
    home: Path
    claims: Claims
    weather: Weather = field(default_factory=Weather)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(self.fleet.course, self.fleet.limits.settle_s)

    def held_by(self) -> dict[str, str]:
        return dict(self.claims.held(self.fleet.name).select("key", "run").iter_rows())


class Expedition:
    """One plan of some SIMs and its journal, which outlives the processes that work on it."""

    def __init__(self, world: World, name: str, keys: Sequence[str]) -> None:
        self.world, self.fleet, self.name = world, world.fleet, name
        self.folder = RunFolder(world.home / name)
        self.folder.path.mkdir()
        self.book = Book(judge=self._judge)
        self.busy = False
        self.folded = (0, fold(()))  # after so many records
        self.doubted: tuple[int, frozenset[str]] = (0, frozenset())
        self.judged: object = None  # what the last report that was judged rested on
        rows = [(at, at + 2, key, key, None, False, None) for at, key in enumerate(keys)]
        lines = pl.DataFrame(rows, schema=LINES, orient="row")
        source, target = (self.fleet.reader.survey(side, lambda *_: None) for side in (Side.SOURCE, Side.TARGET))
        self.steps = make_plan(lines, source.sims, target.sims, self.fleet.terms(world.claims.held(self.fleet.name)))
        source.settings.write_parquet(self.folder.settings_planned)
        self.sims = {sim.key: sim for sim in sims_of(self.steps.filter(pl.col("step") == Step.MOVE))}
        self.hands: Hands | None = None

    # what an operator asks for

    def execute(self, life: Life, *, resumes: bool) -> str:
        """How it ended, in a word."""
        stopped = run_state(self.book.records).stopped
        if stopped is not None and not resumes:
            return "stopped before"
        with self._alive(life) as ended:
            self._claim()
            voyage, handing = self._aboard(life)
            voyage.note(Kind.OPENED, {"fingerprint": "f", "by": "somebody", "who": "somebody"})
            if stopped is not None:
                voyage.note(Kind.RESUMED, {"cause": stopped[0], "who": "somebody"})
            self._carry(voyage, handing)
            if crossing.is_finished(self.steps, self.deeds(), voyage):
                voyage.note(Kind.FINISHED, {})
                release(self._as_aboard(voyage, handing))
        return ended[0] if ended else "executed"

    def reconcile(self, life: Life, judge: Callable[[Expedition], None]) -> str:
        """How it ended; what is reported is judged by `judge` at that moment."""
        with self._alive(life) as ended:
            voyage, handing = self._aboard(life)
            if handing is not None:
                handing_rounds.settle_doubts(voyage, self.steps, self.deeds, handing.tokens, 0.0)
            else:
                crossing.settle_doubts(voyage, self.steps, self.deeds())
            judge(self)
            release(self._as_aboard(voyage, handing))
        return ended[0] if ended else "reconciled"

    def take_back(self, life: Life) -> str:
        """What `cancel` does with every token; how it ended."""
        with self._alive(life) as ended:
            self._claim()
            voyage, handing = self._aboard(life)
            cancelling.cancel.fn(self._as_aboard(voyage, handing), None)
        return ended[0] if ended else "taken back"

    # what is known of it

    def deeds(self) -> pl.DataFrame:
        if self.folded[0] != len(self.book.records):
            self.folded = (len(self.book.records), fold(self.book.records))
        return self.folded[1]

    def moves(self) -> pl.DataFrame:
        return with_deeds(self.steps, self.deeds())

    def unsettled(self) -> frozenset[str]:
        """SIMs that no other run may take up."""
        if self.doubted[0] != len(self.book.records):
            self.doubted = (len(self.book.records), frozenset(self.moves().filter(may_not_be_planned())["key"]))
        return self.doubted[1]

    def issued(self) -> pl.Series:
        return TokenBook.of(self.book.records, self.fleet.limits.token_life_s).issued()

    # inside

    @contextmanager
    def _alive(self, life: Life) -> Iterator[list[str]]:
        """One process, and how it ended where that was not well."""
        ended: list[str] = []
        self.book.life, self.busy = life, True
        try:
            yield ended
        except Killed:
            ended.append("died")
        except FerryError as error:
            ended.append(f"refused: {type(error).__name__} {getattr(error, 'cause', '')}".strip())
        finally:
            self.book.life, self.busy = Life(), False

    def _aboard(self, life: Life) -> tuple[Voyage, Handing | None]:
        hands = Hands(self.name, self.fleet, life, self.world.wire, self.world.weather, {}, self._may_send)
        self.hands, clock, limits = hands, self.fleet.clock, self.fleet.limits
        voyage = Voyage(self.name, hands, hands, self.book, clock, limits, self.fleet.options, lambda _: None)
        if self.fleet.tokens is None:
            return voyage, None
        tokens = TokenBook.of(self.book.records, limits.token_life_s)
        return voyage, Handing(voyage, hands, hands, Shelf(self.folder, self.steps), tokens)

    def _carry(self, voyage: Voyage, handing: Handing | None) -> None:
        """What the flow does between boarding and the end."""
        resumed = run_state(self.book.records).resumed
        tally = Tally()
        if handing is None:
            crossing.settle_doubts(voyage, self.steps, self.deeds(), self.fleet.limits.await_s)
            for wave in crossing.rounds(voyage, self.steps, self.deeds, resumed):
                tally = crossing.carry_wave(voyage, wave, tally)
        else:
            wait_s = self.fleet.limits.await_s
            handing_rounds.settle_doubts(voyage, self.steps, self.deeds, handing.tokens, wait_s)
            for wave in handing_rounds.rounds(voyage, self.steps, self.deeds, handing.tokens, resumed):
                tally = hand_over(handing, wave, tally, issuing.carry)
        crossing.look_back(voyage, self.steps, self.deeds())
        if handing is not None and self.fleet.options.restores:
            arrived = self.moves().filter(pl.col("deed") == "arrived")
            stop = restore_rest(handing, arrived, restored(self.book.records))
            if stop is not None:
                voyage.stop(*stop)

    def _claim(self) -> None:
        moves = self.steps.filter(pl.col("step") == Step.MOVE)
        self.world.claims.claim(self.fleet.name, self.name, moves["key"], self.name, self.fleet.clock.now())

    def _may_send(self, order: Order) -> None:
        """Raise where what is about to leave was not looked at and written down before, or is not the run's to send.

        A token is accepted without a look: what is no longer transferring is none of the token's.
        """
        assert self.hands is not None
        held = self.world.held_by()
        names = (Kind.INTENDED, order.batch, order.attempt, str(order.part))
        records = [e for e in self.book.records if (e.kind, e.batch, e.attempt, e.part) == names]
        intended = {key for event in records for key in event.sims}
        for sim in order.sims:
            assert sim.key in intended, f"{self.name} sends {sim.key} without an intent"
            assert held.get(sim.key) == self.name, f"{self.name} sends {sim.key}, which {held.get(sim.key)} holds"
            assert sim.key in self.sims, f"{self.name} sends {sim.key}, which its plan does not move"
            shown = self.hands.shown.get(sim.key, Sight(sim.key, Side.NOWHERE))
            assert self._fits(order.part, sim, shown), f"{self.name} sends {order.part} of {sim.key}, seen as {shown}"

    def _fits(self, part: Part, sim: Sim, shown: Sight) -> bool:
        """Whether the part may be asked for: of a SIM as before, or in the status that the plan saw it in.

        Activating one that somebody else has activated changes nothing.
        """
        standing = self.fleet.course.standing(part, sim, shown)
        as_planned = shown.side == Side.SOURCE and shown.status == sim.status
        active = part == Part.ACTIVATE and standing == Stand.DONE
        return part == Part.ACCEPT or standing == Stand.BEFORE or as_planned or active

    def _judge(self, event: Event) -> None:
        """Raise where a record says done of a SIM that was not so when this process last read it."""
        if event.kind not in {Kind.SEEN, Kind.SETTLED} or event.body.get("stand") != Stand.DONE:
            return
        assert self.hands is not None
        for key in event.sims:
            sight = self.hands.seen.get(key)
            assert sight is not None, f"{self.name} says that {key} has done its {event.part}, and has not read it"
            if event.part == Part.RESTORE:
                assert sight.side == Side.TARGET
                continue
            stand = self.fleet.course.standing(Part(event.part), self.sims[key], sight)
            assert stand == Stand.DONE, f"{self.name} says that {key} has done its {event.part}: it was {sight}"

    def _as_aboard(self, voyage: Voyage, handing: Handing | None) -> Aboard:
        """The same as what the steps of `cancel` are given."""
        party, facts = Party("a", "a", "http://127.0.0.1"), ListFacts("l", "", "", "", 0, 0, 0)
        plan = Plan(
            run=self.name,
            made_at="",
            provider=self.fleet.name,
            source=party,
            target=party,
            list=facts,
            options=self.fleet.options,
            limits=self.fleet.limits,
            counts={},
            reasons={},
            batches=0,
            guarantee="",
            consequences=(),
            checked=Checked(),
            preflight=(),
            calls_estimated=0,
            seconds_estimated=0.0,
            steps_sha256="",
        )
        around = Surroundings(self.world.home, self.world.home, None, "somebody")
        journal = cast("Journal", self.book)  # as far as that writes and reads records
        return Aboard(self.folder, plan, self.steps, journal, voyage, around, handing)
