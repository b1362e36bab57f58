"""Lanes: threads share one limit, a refusal makes room for fewer, and every place is given back."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from domain.orders import Fate
from providers.calls import BY_STATUS, Sender
from providers.clock import Clock
from providers.gauge import FIRST
from providers.lanes import InLanes, Lanes
from providers.wire import Answer, Lost, Request
from tests.providers.doubles import Script, Timepiece, answer

GET = Request("GET", "/v1/Sims")


@dataclass
class Host:
    """Serves `room` at once for a moment each, and answers 429 to any more."""

    room: int
    serving: int = 0
    most: int = 0
    served: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Request) -> Answer | Lost:
        assert request is GET
        with self.lock:
            if self.serving >= self.room:
                return answer(429)
            self.serving += 1
            self.most = max(self.most, self.serving)
        time.sleep(0.001)
        with self.lock:
            self.serving -= 1
            self.served += 1
        return answer(200)


def crowd(sender: Sender, threads: int, each: int) -> list[int]:
    """Statuses that so many threads get, each asking so often."""
    statuses: list[int] = []

    def work() -> None:
        for _ in range(each):
            got = sender.send(GET)
            assert isinstance(got, Answer)
            statuses.append(got.status)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    return statuses


def test_threads_share_one_limit_and_none_is_left_waiting() -> None:
    host, lanes = Host(room=1_000), Lanes(16, Clock())
    assert crowd(InLanes(host, lanes, BY_STATUS, Clock()), threads=40, each=50) == [200] * 2_000
    assert (host.most <= 16, lanes.limit) == (True, 16)


def test_threads_find_the_limit_of_the_host() -> None:
    host, lanes = Host(room=6), Lanes(64, Clock())
    statuses = crowd(InLanes(host, lanes, BY_STATUS, Clock()), threads=30, each=100)
    assert statuses.count(200) == host.served
    assert statuses.count(429) < 0.1 * len(statuses)


def test_a_refusal_with_a_time_holds_everybody() -> None:
    piece = Timepiece()
    lanes = Lanes(16, piece.clock())
    sender = InLanes(Script([answer(429, retry_after="7"), answer(200)]), lanes, BY_STATUS, piece.clock())
    sender.send(GET)
    assert (piece.slept, lanes.limit) == ([], 1)
    sender.send(GET)
    assert piece.slept == [7.0]


@pytest.mark.parametrize("fate", Fate)
def test_every_end_gives_its_place_back(fate: Fate) -> None:
    lanes = Lanes(1, Timepiece().clock())
    for _ in range(5):
        lanes.leave(lanes.enter(), fate)
    assert lanes.limit == 1


def test_a_failure_of_our_own_gives_its_place_back() -> None:
    class Broken:
        def send(self, request: Request) -> Answer | Lost:
            raise ZeroDivisionError(request.path)

    sender = InLanes(Broken(), Lanes(1, Clock()), BY_STATUS, Clock())
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            sender.send(GET)


def test_a_lost_request_says_nothing_about_the_limit() -> None:
    lanes = Lanes(16, Clock())
    sender = InLanes(Script([Lost(Fate.SILENT, "ReadTimeout")]), lanes, BY_STATUS, Clock())
    for _ in range(30):
        sender.send(GET)
    assert lanes.limit == FIRST
