"""Lives of simferry's processes: each effect is a beat, at which one may die, and at which others may do something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.errors import ProviderUnavailable
from domain.events import Event
from tests.fakes import Killed

Meanwhile = Callable[[], object]


@dataclass
class Life:
    """One process; its beats are before and after each record and each change that it asks for, and each read.

    `dies_at` and `meanwhile` are by the number of the beat, from 1; `blind_at` by that of the read, which finds the
    provider away.
    """

    dies_at: int = -1
    blind_at: int = -1
    meanwhile: Mapping[int, Meanwhile] = field(default_factory=dict)
    beats: int = 0
    reads: int = 0
    dead: bool = False

    def beat(self) -> None:
        if self.dead:
            raise Killed
        self.beats += 1
        if self.beats == self.dies_at:
            self.dead = True
            raise Killed
        self.meanwhile.get(self.beats, lambda: None)()

    def read(self) -> None:
        self.beat()
        self.reads += 1
        if self.reads == self.blind_at:
            raise ProviderUnavailable("The provider is away. Try again later.")


@dataclass
class Book:
    """A run's journal in a list; `judge` is asked about each record before it is kept."""

    life: Life = field(default_factory=Life)
    judge: Callable[[Event], None] = lambda _: None
    records: list[Event] = field(default_factory=list)

    def write(self, *events: Event) -> None:
        self.life.beat()
        for event in events:
            self.judge(event)
        self.records += events
        self.life.beat()

    def events(self) -> Iterator[Event]:
        return iter(tuple(self.records))
