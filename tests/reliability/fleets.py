"""Small fleets at three providers in memory, in one shape: their truth, their plans, and what others do to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import polars as pl

from domain.inventory import GROUP_MAP, Side
from domain.limits import Limits
from domain.orders import Options, Order, Part, Reply, Sight
from domain.parts import Course
from domain.planning import Terms
from providers.protocol import Examiner, Reader, Transferor
from providers.soracom_words import COURSE as BY_TOKENS
from tests import handing, streaming
from tests.fakes import Act, FakeClock, FakeProvider, fleet

SIMS = 5
BATCHES = Limits(batch_sims=2, canary_sims=2, spot_sims=1, await_s=120.0)
STATUSES = ("new", "active", "ready", "inactive", "active")
SETTINGS_OF_ONE = {"tag:name": "meter", "group": "g1", "speed_class": "s1.fast"}


class Others(StrEnum):
    """What somebody else does to a SIM."""

    TAKE = "take"  # moves it to the target
    GIVE_BACK = "give back"  # moves it to the source
    ACTIVATE = "activate"
    ACCEPT = "accept"  # opens the link in the e-mail, where there is one


class Hitch(StrEnum):
    """What goes wrong inside of the provider, rather than on the way to it."""

    LAG = "lag"  # done, and reads show it later
    FALL_BACK = "fall back"  # accepted for later, and after a while as before
    NEVER = "never"  # accepted for later, and never done


class Fleet(Protocol):
    """SIMs at one provider, and the truth about them; `returned` is how often others moved a SIM to the source."""

    clock: FakeClock
    name: str
    options: Options
    limits: Limits
    returned: Counter[str]

    @property
    def keys(self) -> tuple[str, ...]: ...

    @property
    def reader(self) -> Reader: ...

    @property
    def course(self) -> Course: ...

    @property
    def tokens(self) -> tuple[Examiner, Transferor] | None: ...

    def terms(self, held: pl.DataFrame) -> Terms: ...

    def catch_up(self) -> None: ...

    def move(self, order: Order, hitch: Hitch | None) -> Reply: ...

    def truth(self, key: str) -> Sight: ...

    def moved(self, key: str) -> int: ...

    def lags(self, key: str) -> bool: ...

    def others(self, key: str, deed: Others) -> None: ...

    def wrongs(self) -> Sequence[str]: ...


def _lagging(until: datetime | None, clock: FakeClock) -> bool:
    return until is not None and until > clock.now()


@dataclass
class Emnify:
    """One call per batch; what has moved is not moved again."""

    clock: FakeClock = field(default_factory=FakeClock)
    name: str = "emnify"
    options: Options = field(default_factory=Options)
    limits: Limits = BATCHES
    returned: Counter[str] = field(default_factory=Counter)
    reader: FakeProvider = field(init=False)
    tokens: None = None

    def __post_init__(self) -> None:
        self.reader = FakeProvider(self.clock, {sim.key: Side.SOURCE for sim in fleet(SIMS)})

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.reader.where)

    @property
    def course(self) -> Course:
        return self.reader.traits.course

    def terms(self, held: pl.DataFrame) -> Terms:
        return Terms((), held, ("Activated",), self.limits)

    def catch_up(self) -> None:
        self.reader._catch_up()

    def move(self, order: Order, hitch: Hitch | None) -> Reply:
        if hitch == Hitch.LAG:
            self.reader.script[len(self.reader.sent) + 1] = Act.LAG
        return self.reader.move(order)

    def truth(self, key: str) -> Sight:
        return Sight(key, self.reader.where[key], f"id{key}", self.reader.status.get(key, "Issued"))

    def moved(self, key: str) -> int:
        return self.reader.moves.get(key, 0)

    def lags(self, key: str) -> bool:
        return _lagging(self.reader._shown_late.get(key), self.clock)

    def others(self, key: str, deed: Others) -> None:
        match deed:
            case Others.TAKE:
                self.reader.where[key] = Side.TARGET
            case Others.GIVE_BACK:
                self.returned[key] += self.reader.where[key] == Side.TARGET
                self.reader.where[key] = Side.SOURCE
            case Others.ACTIVATE:
                self.reader.status[key] = "Activated"
            case Others.ACCEPT:
                pass

    def wrongs(self) -> Sequence[str]:
        return ()


@dataclass
class SuperSim:
    """One call per SIM, in parts; repeating one is harmless."""

    clock: FakeClock = field(default_factory=FakeClock)
    name: str = "stream"
    options: Options = field(default_factory=lambda: Options(deactivate_first=True, reactivate=True))
    limits: Limits = BATCHES
    returned: Counter[str] = field(default_factory=Counter)
    reader: streaming.Exchange = field(init=False)
    tokens: None = None

    def __post_init__(self) -> None:
        cards = {
            str(8988307000000000000 + at): streaming.Card(Side.SOURCE, status) for at, status in enumerate(STATUSES)
        }
        self.reader = streaming.Exchange(self.clock, cards, streaming.MortalLog())

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.reader.cards)

    @property
    def course(self) -> Course:
        return streaming.COURSE

    def terms(self, held: pl.DataFrame) -> Terms:
        live = pl.col("status").is_in(["ready", "active"])
        parts = pl.when(live).then(pl.lit("deactivate move activate")).otherwise(pl.lit("move"))
        return Terms((), held, ("ready", "active"), self.limits, parts)

    def catch_up(self) -> None:
        self.reader._catch_up()

    def move(self, order: Order, hitch: Hitch | None) -> Reply:
        slips = {Hitch.FALL_BACK: streaming.Slip.FALL_BACK, Hitch.NEVER: streaming.Slip.NEVER}
        if hitch in slips and order.part != Part.MOVE:
            self.reader.script[self.reader.calls + 1] = slips[hitch]
        return self.reader.move(order)

    def truth(self, key: str) -> Sight:
        card = self.reader.cards[key]
        return Sight(key, card.side, f"id{key}", card.status, None, card.group)

    def moved(self, key: str) -> int:
        return self.reader.effects[key, Part.MOVE]

    def lags(self, key: str) -> bool:  # noqa: ARG002 - the protocol's
        return False

    def others(self, key: str, deed: Others) -> None:
        card = self.reader.cards[key]
        match deed:
            case Others.TAKE:
                card.side = Side.TARGET
            case Others.GIVE_BACK:
                self.returned[key] += card.side == Side.TARGET
                card.side = Side.SOURCE
            case Others.ACTIVATE:
                card.status, card.coming = "active", None
            case Others.ACCEPT:
                pass

    def wrongs(self) -> Sequence[str]:
        return ()


@dataclass
class Soracom:
    """A token per batch, accepted by us or (`is_blind`) by the other side."""

    is_blind: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    name: str = "soracom"
    options: Options = field(init=False)
    limits: Limits = field(init=False)
    returned: Counter[str] = field(default_factory=Counter)
    reader: handing.TwoParties = field(init=False)

    def __post_init__(self) -> None:
        self.options = Options(accepts=not self.is_blind, restores=not self.is_blind)
        self.limits = Limits(batch_sims=2, canary_sims=2, spot_sims=1, await_s=0.0, token_life_s=handing.LIFE_S)
        cards = {
            str(8942310000000000000 + at): handing.Card(Side.SOURCE, "ready", dict(SETTINGS_OF_ONE))
            for at in range(SIMS)
        }
        self.reader = handing.TwoParties(self.clock, cards, handing.SharedLog(), is_blind=self.is_blind)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.reader.cards)

    @property
    def course(self) -> Course:
        return BY_TOKENS

    @property
    def tokens(self) -> tuple[Examiner, Transferor]:
        return self.reader, self.reader

    def terms(self, held: pl.DataFrame) -> Terms:
        way = pl.lit("offer" if self.is_blind else "issue accept")
        mapped = pl.DataFrame([] if self.is_blind else [("g1", "G1")], schema=GROUP_MAP, orient="row")
        return Terms((), held, ("active",), self.limits, way, mapped)

    def catch_up(self) -> None:
        self.reader.catch_up()

    def move(self, order: Order, hitch: Hitch | None) -> Reply:
        if hitch == Hitch.LAG:
            self.reader.script = {self.reader.calls + 1: handing.Slip.LAG}
        return self.reader.move(order)

    def truth(self, key: str) -> Sight:
        card = self.reader.cards[key]
        return Sight(key, card.side, key, card.status, group=card.settings.get("group"))

    def moved(self, key: str) -> int:
        return self.reader.moved[key]

    def lags(self, key: str) -> bool:
        shown = self.reader.cards[key].shown
        return _lagging(shown[0] if shown else None, self.clock)

    def others(self, key: str, deed: Others) -> None:
        card = self.reader.cards[key]
        match deed:
            case Others.TAKE:
                card.side, card.token, card.status = Side.TARGET, None, "ready"
            case Others.GIVE_BACK:
                if card.side == Side.TARGET:
                    self.returned[key] += 1
                    card.side, card.status, card.settings = Side.SOURCE, "ready", dict(SETTINGS_OF_ONE)
            case Others.ACTIVATE:
                self.reader.goes_active(key)
            case Others.ACCEPT:
                self.reader.opens_link(key)

    def wrongs(self) -> Sequence[str]:
        return self.reader.broken
