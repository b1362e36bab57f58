"""A provider of transfers by tokens in memory: two parties, tokens with a life, and a script of what goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import polars as pl

from domain.guarantees import Class, Guarantee
from domain.inventory import ALIASES, GROUPS, HISTORY, INVENTORY, Side
from domain.orders import Options, Order, Part, Refusal, Reply, Said, Sight, Sim
from domain.plan import Checked
from domain.settings import SETTINGS, Change
from providers.protocol import Examined, Progress, Survey, Traits
from providers.soracom_words import COURSE
from tests.fakes import FakeClock, Killed
from tests.streaming import MortalLog

LIFE_S = 3600.0
LATE_S = 30.0  # how long what was not answered may still come into force
LAG_S = 20.0  # how long a read shows what was
ARRIVES_WITH = {"speed_class": "s1.standard", "termination_protection": "off"}  # whatever a SIM was set to


class Slip(StrEnum):
    """What goes wrong at a scripted call."""

    SILENT_BEFORE = "silent_before"  # no answer, nothing done
    SILENT_AFTER = "silent_after"  # no answer, done
    SILENT_LATE = "silent_late"  # no answer, done LATE_S later
    DECLINE = "decline"  # a no that names nobody
    DECLINE_ONE = "decline_one"  # a no that names the first SIM
    UNSENT = "unsent"
    LIE = "lie"  # a yes (with a token), and nothing done
    LAG = "lag"  # done, and reads show it LAG_S later
    NO_ENTRY = "no_entry"


ANSWERS: dict[Slip | None, Reply] = {
    **dict.fromkeys(
        (Slip.SILENT_BEFORE, Slip.SILENT_AFTER, Slip.SILENT_LATE), Reply(Said.UNHEARD, None, words="no answer")
    ),
    Slip.UNSENT: Reply(Said.UNSENT, None, words="no connection"),
    Slip.NO_ENTRY: Reply(Said.UNSENT, 401, credentials_refused=True),
}


class SharedLog(MortalLog):
    """The journal in a list, for several threads; dies at a write of one of them, and for all."""

    turn = threading.Lock()

    def write(self, *events: object) -> None:
        with self.turn:
            super().write(*events)  # type: ignore[arg-type] # the same records


@dataclass
class Card:
    """One SIM in the provider's books; `shown` is what reads show instead, until when."""

    side: Side
    status: str
    settings: dict[str, str]
    token: bytes | None = None  # under which it is transferring
    shown: tuple[datetime, Side, str, dict[str, str]] | None = None


@dataclass
class Issued:
    """A token in the provider's books."""

    keys: tuple[str, ...]
    ends_at: datetime


@dataclass
class TwoParties:
    """Both operators' books, and hands and eyes on them.

    `script` and `meanwhile` are by the number of the call (issue, accept or cancel), from 1: what goes wrong at it,
    and what others do just before it arrives. `moved` and `broken` are the truth that nobody here may contradict.
    """

    clock: FakeClock
    cards: dict[str, Card]
    log: SharedLog
    script: Mapping[int, Slip] = field(default_factory=dict)
    meanwhile: dict[int, Callable[[TwoParties], None]] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()  # settings that the target declines
    restoring: dict[int, Slip] = field(default_factory=dict)  # by the number of the restoring call
    is_blind: bool = False
    life_s: float = LIFE_S
    calls_in_flight: int = 1
    die_at_call: int = -1
    die_at_restore: int = -1
    calls: int = 0
    restores: int = 0
    tokens: dict[bytes, Issued] = field(default_factory=dict)
    moved: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[Part, tuple[str, ...]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # calls that should never have been made
    late: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    turn: threading.RLock = field(default_factory=threading.RLock)

    @property
    def traits(self) -> Traits:
        checked = Checked(("a",), ("b",), ("c",))
        return Traits(
            "soracom",
            500,
            self.calls_in_flight,
            60.0,
            Guarantee(Class.TOKEN, "by a token"),
            checked,
            ("active",),
            COURSE,
            token_life_s=self.life_s,
            await_s=0.0,
            group_noun="group",
            groups_by_name=True,
        )

    # eyes

    def preflight(self) -> tuple[str, ...]:
        return ()

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:  # noqa: ARG002 - the protocol's
        if side == Side.TARGET and self.is_blind:
            return Survey(pl.DataFrame(schema=INVENTORY), "not read", whole=False)
        with self.turn:
            self.catch_up()
            seen = {key: self._shown(card) for key, card in self.cards.items()}
        rows = [
            (key, key, key, f"44{key[-13:]}", status, None, None, settings.get("group"), settings.get("tag:name"), None)
            for key, (where, status, settings) in seen.items()
            if where == side
        ]
        lines = [
            (key, *pair) for key, (where, _, settings) in seen.items() if where == side for pair in settings.items()
        ]
        return Survey(
            pl.DataFrame(rows, schema=INVENTORY, orient="row"),
            "read whole",
            settings=pl.DataFrame(lines, schema=SETTINGS, orient="row"),
            aliases=pl.DataFrame(schema=ALIASES),
        )

    def groups(self, side: Side) -> pl.DataFrame:
        named = {Side.SOURCE: [("g1", "one", None)], Side.TARGET: [("G1", "one", None)]}
        return pl.DataFrame(named[side], schema=GROUPS, orient="row")

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        return self.look(order)

    def look(self, order: Order) -> Reply:
        return Reply(Said.YES, 200, sights=self.find(order.sims, Side.SOURCE))

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:  # noqa: ARG002 - the protocol's
        return tuple(self._sight(sim, (Side.SOURCE, Side.TARGET)) for sim in sims)

    def examine(self, side: Side, sims: Sequence[Sim]) -> Examined:
        sights = tuple(self._sight(sim, (side,)) for sim in sims)
        there = {sight.key for sight in sights if sight.side == side}
        with self.turn:
            lines = [(key, *pair) for key in sorted(there) for pair in self._shown(self.cards[key])[2].items()]
        return Examined(sights, pl.DataFrame(lines, schema=SETTINGS, orient="row"))

    def listed_only(self, side: Side, sims: Sequence[Sim]) -> pl.DataFrame:
        lines = [(sim.key, "event_handler:h", "active") for sim in sims[:1] if side == Side.SOURCE]
        return pl.DataFrame(lines, schema=SETTINGS, orient="row")

    def advice(self, code: str) -> str:  # noqa: ARG002 - the protocol's
        return ""

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        return ()

    # hands

    def move(self, order: Order) -> Reply:
        with self.turn:
            self.asked.append((order.part, tuple(sim.key for sim in order.sims)))
            if order.part == Part.ACCEPT:
                assert order.token is not None
                token = order.token
                return self._call(lambda: self._accept(order.sims, token), order.sims, Reply(Said.YES, 200))
            for sim in order.sims:
                if self.cards[sim.key].status == "transferring":
                    self.broken.append(f"{sim.key} was offered while it was transferring")
            said = Said.LATER if order.part == Part.OFFER else Said.YES
            lie = Reply(said, 200, secret=b"no-token-TOKEN")
            return self._call(lambda: self._issue(order.sims, said), order.sims, lie)

    def cancel(self, token: bytes) -> Reply:
        with self.turn:
            return self._call(lambda: self._cancel(token), (), Reply(Said.YES, 204))

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:  # noqa: ARG002 - the protocol's
        with self.turn:
            if self.log.dead:
                raise Killed
            self.restores += 1
            self.catch_up()
            card, slip = self.cards[sim.key], self.restoring.get(self.restores)
            if card.side != Side.TARGET:
                self.broken.append(f"{sim.key} was set while it was not in the target")
            if slip == Slip.NO_ENTRY:
                return Reply(Said.UNSENT, 403, credentials_refused=True)
            if slip == Slip.SILENT_BEFORE:
                return Reply(Said.UNHEARD, None, words="no answer")
            for change in changes:
                if change.setting not in self.unset:
                    self._set(card, change)
            if self.restores == self.die_at_restore:
                self.log.dead = True
                raise Killed
            declined = [change.setting for change in changes if change.setting in self.unset]
            if declined:
                refusals = tuple(Refusal(sim.key, "bad", f"{name}: no") for name in declined)
                return Reply(Said.NO, 400, refusals=refusals)
            return Reply(Said.YES, 200)

    # what others do

    def goes_active(self, key: str) -> None:
        """The SIM connects, which ends its transfer."""
        card = self.cards[key]
        card.status, card.token = "active", None

    def opens_link(self, key: str) -> None:
        """The other side accepts the token of this SIM by the link in its e-mail."""
        self.catch_up()
        token = self.cards[key].token
        if token is not None:
            self._take(token)

    def catch_up(self) -> None:
        """What has come into force by now."""
        now = self.clock.now()
        with self.turn:
            due = [act for at, act in self.late if at <= now]
            self.late = [one for one in self.late if one[0] > now]
            for act in due:
                act()
            for card in self.cards.values():
                if card.token is not None and self.tokens[card.token].ends_at <= now:
                    card.status, card.token = "ready", None

    # inside

    def _call(self, act: Callable[[], Reply], sims: tuple[Sim, ...], lie: Reply) -> Reply:
        if self.log.dead:
            raise Killed
        self.calls += 1
        number = self.calls
        self.catch_up()
        if number in self.meanwhile:
            self.meanwhile[number](self)
        if number == self.die_at_call:
            act()
            self.log.dead = True
            raise Killed
        return self._obey(self.script.get(number), act, sims, lie)

    def _obey(self, slip: Slip | None, act: Callable[[], Reply], sims: tuple[Sim, ...], lie: Reply) -> Reply:
        if slip == Slip.LAG:
            self._lag(sims)
        if slip in {None, Slip.LAG}:
            return act()
        if slip in {Slip.DECLINE, Slip.DECLINE_ONE}:
            return _no(sims[0].key if sims and slip == Slip.DECLINE_ONE else None)
        if slip == Slip.SILENT_AFTER:
            act()
        if slip == Slip.SILENT_LATE:
            self.late.append((self.clock.now() + timedelta(seconds=LATE_S), act))
        return lie if slip == Slip.LIE else ANSWERS[slip]

    def _lag(self, sims: tuple[Sim, ...]) -> None:
        """Reads show these SIMs for a while as they are now."""
        until = self.clock.now() + timedelta(seconds=LAG_S)
        for sim in sims:
            card = self.cards[sim.key]
            card.shown = (until, card.side, card.status, dict(card.settings))

    def _issue(self, sims: tuple[Sim, ...], said: Said) -> Reply:
        for sim in sims:
            card = self.cards[sim.key]
            if card.side != Side.SOURCE or card.status != "ready":
                return _no(sim.key)
        token = f"token-{len(self.tokens) + 1}-TOKEN".encode()
        self.tokens[token] = Issued(tuple(sim.key for sim in sims), self.clock.now() + timedelta(seconds=self.life_s))
        for sim in sims:
            card = self.cards[sim.key]
            card.status, card.token = "transferring", token
        return Reply(said, 200, secret=token)

    def _accept(self, sims: tuple[Sim, ...], token: bytes) -> Reply:
        taken = self._take(token)
        if not taken:
            return Reply(Said.NO, 404, words="unknown", refusals=(Refusal(None, "token_unknown", "unknown"),))
        if taken != {sim.key for sim in sims}:
            return Reply(Said.UNHEARD, 200, words="others", problems=("others than asked for",))
        return Reply(Said.YES, 200)

    def _cancel(self, token: bytes) -> Reply:
        keys = [key for key, card in self.cards.items() if card.token == token]
        for key in keys:
            self.cards[key].status, self.cards[key].token = "ready", None
        if not keys:
            return Reply(Said.NO, 404, refusals=(Refusal(None, "token_unknown", "unknown"),))
        return Reply(Said.YES, 204)

    def _take(self, token: bytes) -> set[str]:
        """Every SIM that is transferring by the token goes to the target, with none of its settings."""
        self.catch_up()
        keys = {key for key, card in self.cards.items() if card.token == token}
        for key in keys:
            card = self.cards[key]
            card.side, card.status, card.token, card.settings = Side.TARGET, "ready", None, dict(ARRIVES_WITH)
            self.moved[key] += 1
        return keys

    def _sight(self, sim: Sim, sides: tuple[Side, ...]) -> Sight:
        if self.log.dead:
            raise Killed
        with self.turn:
            self.catch_up()
            side, status, settings = self._shown(self.cards[sim.key])
        if side not in sides or (side == Side.TARGET and self.is_blind):
            return Sight(sim.key, Side.NOWHERE)
        return Sight(sim.key, side, sim.sim_id, status, group=settings.get("group"))

    def _shown(self, card: Card) -> tuple[Side, str, dict[str, str]]:
        if card.shown is not None and card.shown[0] > self.clock.now():
            return card.shown[1:]
        return card.side, card.status, card.settings

    def _set(self, card: Card, change: Change) -> None:
        if change.value:
            card.settings[change.setting] = change.value
        else:
            card.settings.pop(change.setting, None)


def _no(key: str | None) -> Reply:
    return Reply(Said.NO, 400, words="not so", refusals=(Refusal(key, "not_so", "not so"),))
