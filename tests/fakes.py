"""A provider, a journal and a clock in memory, for tests of the engine; the provider obeys a script, never dice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import polars as pl

from domain.events import Event
from domain.guarantees import Class, Guarantee
from domain.inventory import GROUPS, HISTORY, INVENTORY, Side
from domain.orders import Options, Order, Refusal, Reply, Said, Sight, Sim
from domain.plan import Checked
from providers.protocol import Progress, Survey, Traits


class Act(StrEnum):
    """What the provider does at a scripted move."""

    DECLINE = "decline"  # says no to the first SIM of the order and acts on none
    DECLINE_ALL = "decline_all"  # says no and names nobody
    SILENT_BEFORE = "silent_before"  # no answer, nothing done
    SILENT_AFTER = "silent_after"  # no answer, all done
    SILENT_LATE = "silent_late"  # no answer, done 30 s later
    SILENT_LATEST = "silent_latest"  # no answer, done between the first two reads after the settle time
    SILENT_PART = "silent_part"  # no answer, every second SIM done
    LIE = "lie"  # says yes and does nothing
    LAG = "lag"  # says yes, and reads show it 10 s later
    UNSENT = "unsent"
    LOSE = "lose"  # no answer, and the SIMs are nowhere
    MISLAY = "mislay"  # says yes, and the SIMs are nowhere
    NO_ENTRY = "no_entry"  # credentials refused


ANSWERS: dict[Act | None, Reply] = dict.fromkeys((None, Act.LIE, Act.LAG, Act.MISLAY), Reply(Said.YES, 200)) | {
    Act.DECLINE_ALL: Reply(Said.NO, 404, refusals=(Refusal(None, "404", "not found"),)),
    Act.UNSENT: Reply(Said.UNSENT, None, words="no connection"),
    Act.NO_ENTRY: Reply(Said.NO, 401, credentials_refused=True),
    **dict.fromkeys(
        (Act.SILENT_BEFORE, Act.SILENT_AFTER, Act.SILENT_LATE, Act.SILENT_LATEST, Act.SILENT_PART, Act.LOSE),
        Reply(Said.UNHEARD, None, words="no answer"),
    ),
}


class Killed(BaseException):
    """The process dies here."""


@dataclass
class FakeClock:
    """Time that passes only when somebody sleeps."""

    at: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    slept_s: float = 0.0

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.slept_s += seconds


@dataclass
class FakeLog:
    """The journal's records in a list; dies before or after the n-th write when told to."""

    events: list[Event] = field(default_factory=list)
    writes: int = 0
    die_before: int = -1
    die_after: int = -1

    def write(self, *events: Event) -> None:
        self.writes += 1
        if self.writes == self.die_before:
            raise Killed
        self.events += events
        if self.writes == self.die_after:
            raise Killed


@dataclass
class FakeProvider:
    """Both accounts' books, and how often each SIM was effectively moved."""

    clock: FakeClock
    where: dict[str, Side]
    script: dict[int, Act] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)  # key -> code, named at dry runs
    unnamed: set[str] = field(default_factory=set)  # refused together, without a name
    sims_per_call: int = 500
    moves: dict[str, int] = field(default_factory=dict)
    sent: list[Order] = field(default_factory=list)
    dry_runs: int = 0
    die_at_move: int = -1
    name: str = "fake"
    looks: Reply | None = None  # what every look gets instead of the truth
    _later: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)
    _shown_late: dict[str, datetime] = field(default_factory=dict)

    @property
    def traits(self) -> Traits:
        return Traits(
            self.name,
            self.sims_per_call,
            1,
            60.0,
            Guarantee(Class.CONDITIONAL, "fake"),
            Checked(("a",), ("b",), ("c",)),
            ("Activated",),
        )

    def preflight(self) -> tuple[str, ...]:
        return ("both accounts let us in",)

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:  # noqa: ARG002 - the protocol's
        self._catch_up()
        keys = [key for key in self.where if self._shown(key) == side]
        progress(len(keys), len(keys))
        rows = [
            (key, f"id{key}", key, None, self.status.get(key, "Issued"), None, None, None, None, None) for key in keys
        ]
        return Survey(pl.DataFrame(rows, schema=INVENTORY, orient="row"), f"{side}: read whole")

    def groups(self, side: Side) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        return pl.DataFrame(schema=GROUPS)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        self.dry_runs += 1
        named = tuple(
            Refusal(sim.key, self.refuses[sim.key], "not this one") for sim in order.sims if sim.key in self.refuses
        )
        if named:
            return Reply(Said.NO, 409, refusals=named)
        if any(sim.key in self.unnamed for sim in order.sims):
            return Reply(Said.NO, 404, refusals=(Refusal(None, "404", "not found"),))
        return Reply(Said.YES, 200, sights=self.find(order.sims))

    def look(self, order: Order) -> Reply:
        if self.looks is not None:
            return replace(self.looks, sights=self.find(order.sims))
        return Reply(Said.YES, 200, sights=self.find(order.sims))

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:  # noqa: ARG002 - the protocol's
        self._catch_up()
        return tuple(
            Sight(sim.key, self._shown(sim.key), sim.sim_id, self.status.get(sim.key, "Issued")) for sim in sims
        )

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        return (f"{steps.height} steps, {options.detach_devices}",)

    def advice(self, code: str) -> str:
        return f"mend {code}" if code in self.refuses.values() else ""

    def move(self, order: Order) -> Reply:
        self.sent.append(order)
        if len(self.sent) == self.die_at_move:
            self._apply(tuple(sim.key for sim in order.sims))
            raise Killed
        return self._obey(self.script.get(len(self.sent)), order)

    def _obey(self, act: Act | None, order: Order) -> Reply:
        keys = tuple(sim.key for sim in order.sims)
        match act:
            case None | Act.SILENT_AFTER:
                self._apply(keys)
            case Act.SILENT_PART:
                self._apply(keys[::2])
            case Act.SILENT_LATE | Act.SILENT_LATEST:
                self._later.append((self.clock.now() + timedelta(seconds=30 if act == Act.SILENT_LATE else 62), keys))
            case Act.LAG:
                self._apply(keys)
                self._shown_late |= dict.fromkeys(keys, self.clock.now() + timedelta(seconds=10))
            case Act.LOSE | Act.MISLAY:
                self.where |= dict.fromkeys(keys, Side.NOWHERE)
            case _:
                pass
        return ANSWERS.get(act) or Reply(Said.NO, 409, refusals=(Refusal(keys[0], "1503", "status not allowed"),))

    def _apply(self, keys: Sequence[str]) -> None:
        for key in keys:
            if self.where[key] == Side.SOURCE:
                self.where[key] = Side.TARGET
                self.moves[key] = self.moves.get(key, 0) + 1

    def _catch_up(self) -> None:
        due = [keys for at, keys in self._later if at <= self.clock.now()]
        self._later = [(at, keys) for at, keys in self._later if at > self.clock.now()]
        for keys in due:
            self._apply(keys)

    def _shown(self, key: str) -> Side:
        late = self._shown_late.get(key)
        return Side.SOURCE if late is not None and late > self.clock.now() else self.where[key]


def fleet(count: int) -> tuple[Sim, ...]:
    """So many SIMs with consecutive bodies."""
    return tuple(Sim(key, f"id{key}", key, None, "Issued") for key in _keys(count))


def _keys(count: int) -> Iterator[str]:
    return (str(8988303000000000000 + place) for place in range(count))
