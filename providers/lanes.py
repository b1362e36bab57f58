"""Requests side by side under a limit that is found out: one `Lanes` per host and account, for all its threads."""

from __future__ import annotations

import threading

from domain.orders import Fate
from providers.calls import Sender, Signs, retry_after_s
from providers.clock import Clock
from providers.gauge import Gauge, Ticket
from providers.wire import Answer, Lost, Request


class Lanes:
    """Lets requests through while there is room; safe to share between threads.

    A thread that waits here goes as soon as another's answer is in, so that the lanes are full wherever there are more
    threads than lanes.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self._gauge = Gauge(most)
        self._clock = clock
        self._room = threading.Condition()

    @property
    def limit(self) -> int:
        """How many may be under way just now."""
        return self._gauge.limit

    def enter(self) -> Ticket:
        """Come back when one more may be sent, with it counted; `leave` is to follow."""
        with self._room:
            self._gauge.waiting += 1
        while True:
            with self._room:
                while not self._gauge.free:
                    self._room.wait()
                pause_s = self._gauge.wait_s(self._clock.steady_s())
                if pause_s <= 0:
                    self._gauge.waiting -= 1
                    return self._gauge.enter()
            self._clock.sleep(pause_s)

    def leave(self, ticket: Ticket, fate: Fate, hold_s: float = 0.0) -> None:
        """Give the place back; THROTTLED makes less room for all, and none for `hold_s`."""
        with self._room:
            now_s = self._clock.steady_s()
            match fate:
                case Fate.ANSWERED:
                    self._gauge.answered(ticket, now_s)
                case Fate.THROTTLED:
                    self._gauge.refused(ticket, now_s, hold_s)
                case Fate.NOT_SENT | Fate.BROKEN | Fate.SILENT:
                    self._gauge.left()
            self._room.notify(self._gauge.free)


class InLanes:
    """What sends through a wire, in lanes; the answer is read when its lane is already another's."""

    def __init__(self, wire: Sender, lanes: Lanes, signs: Signs, clock: Clock) -> None:
        self._wire = wire
        self._lanes = lanes
        self._signs = signs
        self._clock = clock

    def send(self, request: Request) -> Answer | Lost:
        """As a `Wire` does."""
        ticket = self._lanes.enter()
        fate, hold_s = Fate.SILENT, 0.0
        try:
            got = self._wire.send(request)
            if isinstance(got, Answer):
                fate = self._signs.fate(got)
                if fate is Fate.THROTTLED:
                    hold_s = retry_after_s(got, self._clock.wall_s()) or 0.0
            return got
        finally:
            self._lanes.leave(ticket, fate, hold_s)
