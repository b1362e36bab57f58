"""A provider that serves so many at once and refuses the rest, and callers who always want more; without real time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count, repeat

from providers.gauge import Gauge, Ticket


class Step(Enum):
    """What happens to a request next."""

    ARRIVES = auto()
    SERVED = auto()
    REFUSED = auto()


@dataclass(order=True)
class Due:
    """What happens to a request, and when."""

    at_s: float
    number: int
    step: Step = field(compare=False)
    ticket: Ticket = field(compare=False)


@dataclass
class Crowd:
    """`room` is the provider's limit at a time; a served request takes `service_s`, a refused one `refusal_s`.

    It takes `transit_s` until a request arrives: where these differ, requests overtake each other.
    """

    gauge: Gauge
    room: Callable[[float], int]
    service_s: Iterator[float]
    transit_s: Iterator[float] = field(default_factory=lambda: repeat(0.0))
    refusal_s: float = 0.002
    hold_s: float = 0.0
    callers: int = 1_000
    now_s: float = 0.0
    serving: int = 0
    under_way_most: int = 0
    served: int = 0
    refused: int = 0
    busy_s: float = 0.0  # lanes times seconds that the provider was at work for us
    spent_s: dict[int, float] = field(default_factory=dict)  # seconds by the gauge's limit
    _due: list[Due] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def run(self, until_s: float) -> None:
        """Let time pass; may be called again."""
        while True:
            self._let_in()
            next_s = min(self._due[0].at_s if self._due else until_s, until_s)
            if not self._due:
                next_s = min(until_s, self.now_s + self.gauge.wait_s(self.now_s))
            self.busy_s += self.serving * (next_s - self.now_s)
            self.spent_s[self.gauge.limit] = self.spent_s.get(self.gauge.limit, 0.0) + next_s - self.now_s
            self.now_s = next_s
            if self.now_s >= until_s:
                return
            while self._due and self._due[0].at_s <= self.now_s:
                self._take(heapq.heappop(self._due))

    def _let_in(self) -> None:
        while self.gauge.free and self.gauge.under_way < self.callers and not self.gauge.wait_s(self.now_s):
            self._later(next(self.transit_s), Step.ARRIVES, self.gauge.enter())
        self.gauge.waiting = max(0, self.callers - self.gauge.under_way)
        self.under_way_most = max(self.under_way_most, self.gauge.under_way)

    def _take(self, due: Due) -> None:
        match due.step:
            case Step.ARRIVES if self.serving < self.room(self.now_s):
                self.serving += 1
                self._later(next(self.service_s), Step.SERVED, due.ticket)
            case Step.ARRIVES:
                self._later(self.refusal_s, Step.REFUSED, due.ticket)
            case Step.SERVED:
                self.serving -= 1
                self.served += 1
                self.gauge.answered(due.ticket, self.now_s)
            case Step.REFUSED:
                self.refused += 1
                self.gauge.refused(due.ticket, self.now_s, self.hold_s)

    def _later(self, seconds: float, step: Step, ticket: Ticket) -> None:
        heapq.heappush(self._due, Due(self.now_s + seconds, next(self._numbers), step, ticket))
