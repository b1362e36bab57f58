"""What a process holds of a provider: eyes and hands through which every read and every change is seen and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import polars as pl

from domain.inventory import Side
from domain.orders import Options, Order, Part, Refusal, Reply, Said, Sight, Sim
from domain.settings import Change
from providers.protocol import Examined, Progress, Survey, Traits
from tests.reliability.fleets import Fleet, Hitch
from tests.reliability.lives import Life
from tests.reliability.wire_law import Wire


class Fault(StrEnum):
    """What becomes of one change on its way to the provider and back."""

    LOST_BEFORE = "lost before"  # it never arrived, and nobody knows
    LOST_AFTER = "lost after"  # done, and the answer is lost
    LATE = "late"  # no answer, and done half a minute later
    LATEST = "latest"  # no answer, and done between the first two reads after the settle time
    PART = "part"  # no answer, and every second SIM done
    LIE = "lie"  # a yes, and nothing done
    THROTTLED = "throttled"  # 429 to the end
    DECLINED = "declined"
    NAMED = "named"  # declined for the first SIM
    NO_ENTRY = "no entry"


LATE_S = {Fault.LATE: 30.0, Fault.LATEST: 62.0}
UNHEARD = Reply(Said.UNHEARD, None, words="no answer")


@dataclass
class Weather:
    """What goes wrong with the changes to come, and what is under way without anybody knowing."""

    coming: list[Fault | Hitch | None] = field(default_factory=list)
    late: list[tuple[datetime, Order]] = field(default_factory=list)

    def next(self) -> Fault | Hitch | None:
        return self.coming.pop(0) if self.coming else None


@dataclass
class Hands:
    """A reader, a mover, an examiner and a transferor for one process of one run."""

    run: str
    fleet: Fleet
    life: Life
    wire: Wire
    weather: Weather
    seen: dict[str, Sight]  # the truth about each SIM at the last read of it
    may_send: Callable[[Order], None]
    shown: dict[str, Sight] = field(default_factory=dict)  # what that read showed

    # eyes

    @property
    def traits(self) -> Traits:
        return self.fleet.reader.traits

    def preflight(self) -> tuple[str, ...]:
        return ()

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:
        self._now()
        return self.fleet.reader.survey(side, progress, wanted)

    def groups(self, side: Side) -> pl.DataFrame:
        return self.fleet.reader.groups(side)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:
        return self.fleet.reader.names_taken(names)

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:
        return self.fleet.reader.history(sims)

    def dry_run(self, order: Order) -> Reply:
        return self.look(order)

    def look(self, order: Order) -> Reply:
        self._now()
        reply = self.fleet.reader.look(order)
        self._saw(order.sims, reply.sights)
        return reply

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        self._now()
        sights = self.fleet.reader.find(sims, first)
        self._saw(sims, sights)
        return sights

    def examine(self, side: Side, sims: Sequence[Sim]) -> Examined:
        assert self.fleet.tokens is not None
        self._now()
        examined = self.fleet.tokens[0].examine(side, sims)
        self._saw(sims, examined.sights)
        return examined

    def listed_only(self, side: Side, sims: Sequence[Sim]) -> pl.DataFrame:
        assert self.fleet.tokens is not None
        return self.fleet.tokens[0].listed_only(side, sims)

    def advice(self, code: str) -> str:
        return self.fleet.reader.advice(code)

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        return self.fleet.reader.consequences(steps, options)

    # hands

    def move(self, order: Order) -> Reply:
        self.life.beat()
        self._catch_up()
        self.may_send(order)
        entries = self.wire.leaves(self.run, order.part, order.sims, self.fleet.clock.now())
        reply = self._sent(order, self.weather.next())
        self.life.beat()
        self.wire.answered(entries, reply)
        return reply

    def cancel(self, token: bytes) -> Reply:
        assert self.fleet.tokens is not None
        self.life.beat()
        fault = self.weather.next()
        if fault in {Fault.LOST_BEFORE, Fault.THROTTLED, Fault.NO_ENTRY}:
            return UNHEARD
        reply = self.fleet.tokens[1].cancel(token)
        self.life.beat()
        return UNHEARD if fault == Fault.LOST_AFTER else reply

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        assert self.fleet.tokens is not None
        self.life.beat()
        reply = self.fleet.tokens[1].restore(sim, changes, now)
        self.life.beat()
        return reply

    # inside

    def _now(self) -> None:
        self.life.read()
        self._catch_up()

    def _catch_up(self) -> None:
        """What has come into force by now, what came late among it."""
        self.fleet.catch_up()
        now = self.fleet.clock.now()
        due = [order for at, order in self.weather.late if at <= now]
        self.weather.late = [one for one in self.weather.late if one[0] > now]
        for order in due:
            self.fleet.move(order, None)

    def _saw(self, sims: Sequence[Sim], sights: Sequence[Sight]) -> None:
        self.wire.read(self.run, sims, sights, self.fleet.clock.now())
        self.seen |= {sight.key: self.fleet.truth(sight.key) for sight in sights}
        self.shown |= {sight.key: sight for sight in sights}

    def _sent(self, order: Order, fault: Fault | Hitch | None) -> Reply:
        if fault is None or isinstance(fault, Hitch):
            return self.fleet.move(order, fault)
        match fault:
            case Fault.LOST_AFTER:
                self.fleet.move(order, None)
            case Fault.PART if order.part != Part.ACCEPT:
                self.fleet.move(replace(order, sims=order.sims[::2]), None)
            case Fault.LATE | Fault.LATEST:
                at = self.fleet.clock.now() + timedelta(seconds=LATE_S[fault])
                self.weather.late.append((at, order))
            case _:
                pass
        return _answer(order, fault)


def _answer(order: Order, fault: Fault) -> Reply:
    """What is heard where nothing was done, or where the answer is lost."""
    match fault:
        case Fault.LIE:
            secret = b"no-token-TOKEN" if order.part in {Part.ISSUE, Part.OFFER} else None
            return Reply(Said.LATER if order.part == Part.OFFER else Said.YES, 200, secret=secret)
        case Fault.THROTTLED:
            return Reply(Said.UNSENT, 429, words="too many requests")
        case Fault.NO_ENTRY:
            return Reply(Said.UNSENT, 401, credentials_refused=True)
        case Fault.DECLINED | Fault.NAMED:
            key = order.sims[0].key if fault == Fault.NAMED else None
            return Reply(Said.NO, 409, words="not so", refusals=(Refusal(key, "not_so", "not so"),))
        case _:
            return UNHEARD
