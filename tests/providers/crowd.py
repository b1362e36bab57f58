"""A provider that serves so many at once and refuses the rest, and callers who always want more; without real time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from providers.gauge import Gauge, Ticket


@dataclass(order=True)
class Due:
    """A request's answer, and when it is in."""

    at_s: float
    number: int
    served: bool = field(compare=False)
    ticket: Ticket = field(compare=False)


@dataclass
class Crowd:
    """`room` is the provider's limit at a time; a served request takes `service_s`, a refused one `refusal_s`."""

    gauge: Gauge
    room: Callable[[float], int]
    service_s: Iterator[float]
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
            ticket = self.gauge.enter()
            served = self.serving < self.room(self.now_s)
            self.serving += served
            takes_s = next(self.service_s) if served else self.refusal_s
            heapq.heappush(self._due, Due(self.now_s + takes_s, next(self._numbers), served, ticket))
        self.gauge.waiting = max(0, self.callers - self.gauge.under_way)
        self.under_way_most = max(self.under_way_most, self.gauge.under_way)

    def _take(self, due: Due) -> None:
        if due.served:
            self.serving -= 1
            self.served += 1
            self.gauge.answered(due.ticket, self.now_s)
        else:
            self.refused += 1
            self.gauge.refused(due.ticket, self.now_s, self.hold_s)
