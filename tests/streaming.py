"""A provider of one call per SIM in memory: parts, statuses that take their time, and a script of what goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import polars as pl

from domain.events import Event
from domain.guarantees import Class, Guarantee
from domain.inventory import GROUPS, HISTORY, INVENTORY, Side
from domain.orders import Options, Order, Part, Refusal, Reply, Said, Sight, Sim
from domain.parts import Course, Goal
from domain.plan import Checked
from providers.protocol import Progress, Survey, Traits
from tests.fakes import FakeClock, Killed

COURSE = Course(
    {
        Part.DEACTIVATE: Goal(Side.SOURCE, Side.SOURCE, ("inactive",)),
        Part.MOVE: Goal(Side.TARGET, Side.SOURCE),
        Part.ACTIVATE: Goal(Side.TARGET, Side.TARGET, ("active",)),
    },
    under_way=("scheduled",),
    becomes=(("ready", "active"),),
)
WORK_S = 20.0  # that a change of status takes


class Slip(StrEnum):
    """What goes wrong at a scripted call."""

    SILENT_BEFORE = "silent_before"  # no answer, nothing done
    SILENT_AFTER = "silent_after"  # no answer, done
    SILENT_LATE = "silent_late"  # no answer, done 30 s later
    DECLINE = "decline"
    UNSENT = "unsent"
    LIE = "lie"  # a plain yes, and nothing done
    FALL_BACK = "fall_back"  # accepted, and after a while as before
    NEVER = "never"  # accepted, and never done
    NO_ENTRY = "no_entry"


ANSWERS: dict[Slip, Reply] = {
    **dict.fromkeys(
        (Slip.SILENT_BEFORE, Slip.SILENT_AFTER, Slip.SILENT_LATE), Reply(Said.UNHEARD, None, words="no answer")
    ),
    **dict.fromkeys((Slip.FALL_BACK, Slip.NEVER), Reply(Said.LATER, 202)),
    Slip.UNSENT: Reply(Said.UNSENT, None, words="no connection"),
    Slip.NO_ENTRY: Reply(Said.UNSENT, 401, credentials_refused=True),
    Slip.LIE: Reply(Said.YES, 200),
}


def _busy(sim: Sim) -> Reply:
    return Reply(Said.NO, 400, refusals=(Refusal(sim.key, "83009", "another operation is in progress"),))


@dataclass
class MortalLog:
    """The journal in a list; dies before or after the n-th write, and is dead from then on."""

    events: list[Event] = field(default_factory=list)
    writes: int = 0
    die_before: int = -1
    die_after: int = -1
    dead: bool = False

    def write(self, *events: Event) -> None:
        if self.dead:
            raise Killed
        self.writes += 1
        if self.writes == self.die_before:
            self.dead = True
            raise Killed
        self.events += events
        if self.writes == self.die_after:
            self.dead = True
            raise Killed

    def resurrect(self) -> None:
        self.dead, self.die_before, self.die_after = False, -1, -1


@dataclass
class Card:
    """One SIM in the provider's books; `coming` is when its status becomes what."""

    side: Side
    status: str
    group: str | None = None
    coming: tuple[datetime, str] | None = None


@dataclass
class Exchange:
    """Both accounts' books; `effects` counts what really changed, by SIM and part."""

    clock: FakeClock
    cards: dict[str, Card]
    log: MortalLog
    script: dict[int, Slip] = field(default_factory=dict)
    die_at_call: int = -1
    calls: int = 0
    effects: Counter[tuple[str, Part]] = field(default_factory=Counter)
    late: list[tuple[datetime, Sim, Part]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    looks: int = 0

    @property
    def traits(self) -> Traits:
        checked = Checked(("a",), ("b",), ("c",))
        return Traits(
            "stream",
            1,
            1,
            60.0,
            Guarantee(Class.SET_TO, "fake"),
            checked,
            ("ready", "active"),
            COURSE,
            history_of=("active",),
        )

    def preflight(self) -> tuple[str, ...]:
        return ()

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:  # noqa: ARG002 - the protocol's
        self._catch_up()
        rows = [
            (key, f"id{key}", key, None, card.status, None, None, card.group, None, None)
            for key, card in self.cards.items()
            if card.side == side
        ]
        return Survey(pl.DataFrame(rows, schema=INVENTORY, orient="row"), "read whole")

    def groups(self, side: Side) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        return pl.DataFrame(schema=GROUPS)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        return self.look(order)

    def look(self, order: Order) -> Reply:
        self.looks += len(order.sims)
        return Reply(Said.YES, 200, sights=self.find(order.sims))

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:  # noqa: ARG002 - the protocol's
        self._catch_up()
        cards = [(sim, self.cards[sim.key]) for sim in sims]
        return tuple(Sight(sim.key, card.side, sim.sim_id, card.status, None, card.group) for sim, card in cards)

    def advice(self, code: str) -> str:  # noqa: ARG002 - the protocol's
        return ""

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        return ()

    def move(self, order: Order) -> Reply:
        with self.lock:
            if self.log.dead:
                raise Killed
            self.calls += 1
            (sim,) = order.sims
            if self.calls == self.die_at_call:
                self._apply(sim, order.part)
                self.log.dead = True
                raise Killed
            self._catch_up()
            return self._answer(sim, order.part, self.script.get(self.calls))

    def _answer(self, sim: Sim, part: Part, slip: Slip | None) -> Reply:
        card, now = self.cards[sim.key], self.clock.now()
        match slip:
            case None:
                return self._apply(sim, part)
            case Slip.SILENT_AFTER:
                self._apply(sim, part)
            case Slip.SILENT_LATE:
                self.late.append((now + timedelta(seconds=30), sim, part))
            case Slip.FALL_BACK | Slip.NEVER:
                at = now + timedelta(seconds=WORK_S if slip == Slip.FALL_BACK else 1e8)
                card.coming, card.status = (at, card.status), "scheduled"
            case _:
                pass
        return ANSWERS[slip] if slip != Slip.DECLINE else _busy(sim)

    def _apply(self, sim: Sim, part: Part) -> Reply:
        card = self.cards[sim.key]
        busy = card.status == "scheduled"
        if part == Part.MOVE and card.status in {"new", "inactive"}:
            self.effects[sim.key, part] += card.side == Side.SOURCE
            card.side, card.group = Side.TARGET, sim.group_to or None
            return Reply(Said.YES, 200)
        wanted = {Part.DEACTIVATE: "inactive", Part.ACTIVATE: "active"}.get(part)
        if busy or wanted is None:
            return Reply(Said.NO, 400, refusals=(Refusal(sim.key, "83010", "not in this status"),))
        if card.status != wanted:
            self.effects[sim.key, part] += 1
            card.coming, card.status = (self.clock.now() + timedelta(seconds=WORK_S), wanted), "scheduled"
            return Reply(Said.LATER, 202)
        return Reply(Said.YES, 200)

    def _catch_up(self) -> None:
        now = self.clock.now()
        due = [(sim, part) for at, sim, part in self.late if at <= now]
        self.late = [one for one in self.late if one[0] > now]
        for sim, part in due:
            self._apply(sim, part)
        for card in self.cards.values():
            if card.coming is not None and card.coming[0] <= now:
                card.status, card.coming = card.coming[1], None
