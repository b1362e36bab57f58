"""All requests to one operator at Soracom: as many at once as it takes, and no more a minute than it says."""

from __future__ import annotations

import threading
from collections import defaultdict
from http import HTTPStatus

from domain.orders import Fate
from providers.calls import Sender, fate_by_status, retry_after_s
from providers.clock import Clock
from providers.lanes import Lanes
from providers.soracom_meter import Meter, group_of, told_in
from providers.wire import Answer, Lost, Request


class Traffic:
    """What was found out of an operator's limits, for all threads and logins of this process."""

    def __init__(self, most: int, clock: Clock) -> None:
        self.lanes = Lanes(most, clock)
        self._clock = clock
        self._meters: defaultdict[str, Meter] = defaultdict(Meter)
        self._told = threading.Condition()

    def enter(self, group: str) -> None:
        """Come back when one more of the group may go, with it counted; `leave` is to follow."""
        while True:
            with self._told:
                meter = self._meters[group]
                while (pause_s := meter.wait_s(self._clock.steady_s())) is None:
                    self._told.wait()
                if pause_s <= 0:
                    meter.enter()
                    return
            self._clock.sleep(pause_s)

    def leave(self, group: str, got: Answer | Lost | None) -> None:
        """One of the group has come to an end, with an answer or without."""
        with self._told:
            told = told_in(got) if isinstance(got, Answer) else None
            self._meters[group].leave(told, self._clock.steady_s())
            self._told.notify_all()


class InTraffic:
    """What sends through a wire as the traffic allows."""

    def __init__(self, wire: Sender, traffic: Traffic, clock: Clock) -> None:
        self._wire = wire
        self._traffic = traffic
        self._clock = clock

    def send(self, request: Request) -> Answer | Lost:
        """As a `Wire` does."""
        group = group_of(request.path)
        self._traffic.enter(group)
        got: Answer | Lost | None = None
        try:
            got = self._in_lane(request)
            return got
        finally:
            self._traffic.leave(group, got)

    def _in_lane(self, request: Request) -> Answer | Lost:
        ticket = self._traffic.lanes.enter()
        fate, hold_s = Fate.SILENT, 0.0
        try:
            got = self._wire.send(request)
            if isinstance(got, Answer):
                fate = _about_lanes(got)
                if fate is Fate.THROTTLED:
                    hold_s = retry_after_s(got, self._clock.wall_s()) or 0.0
            return got
        finally:
            self._traffic.lanes.leave(ticket, fate, hold_s)


def _about_lanes(answer: Answer) -> Fate:
    """What the answer says of how many may be under way: nothing, where the minute's requests are spent."""
    told = told_in(answer)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and told is not None and told.remaining == 0:
        return Fate.SILENT
    return fate_by_status(answer)
