"""No more requests a minute than the answers allow, and as many at once as the operator takes."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from domain.orders import Fate
from providers.calls import Call, Heard, perform
from providers.pace import Budget
from providers.soracom_meter import Meter, Told, group_of, told_in
from providers.soracom_traffic import InTraffic, Traffic
from providers.wire import Answer, Lost, Request
from tests.providers.doubles import Timepiece, answer


def rated(status: int, remaining: object, seconds: object = 60) -> Answer:
    headers = {
        "x-soracom-ratelimit-limit": "1000",
        "x-soracom-ratelimit-remaining": str(remaining),
        "x-soracom-ratelimit-seconds-before-refresh": str(seconds),
    }
    return Answer(status, headers, b"[]")


@dataclass
class Minute:
    """An operator that takes so many requests a minute and refuses the rest."""

    time: Timepiece
    limit: int
    taken: deque[float] = field(default_factory=deque)
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, _request: Request) -> Answer:
        with self.lock:
            minute = self.time.now_s // 60
            left = self.limit - sum(at // 60 == minute for at in self.taken)
            seconds = 60 - self.time.now_s % 60
            if left <= 0:
                self.refused += 1
                return rated(429, 0, seconds)
            self.taken.append(self.time.now_s)
            return rated(200, left - 1, seconds)


def a_call(path: str = "/v1/sims/1") -> Call[int]:
    return Call("a read", Request("GET", path), lambda got: got.status, repeatable=True)


def test_what_answers_tell_is_read_and_nonsense_is_not() -> None:
    assert told_in(rated(200, 999)) == Told(999, 60)
    assert told_in(rated(200, 0, 10**9)) == Told(0, 300)
    for remaining, seconds in (("", 60), ("many", 60), (5, "soon"), ("nan", 60), (5, "inf")):
        assert told_in(rated(200, remaining, seconds)) is None
    assert told_in(answer(200)) is None
    refresh = "x-soracom-ratelimit-seconds-before-refresh"
    assert [told_in(Answer(status, {refresh: "7"}, b"")) for status in (200, 429)] == [None, Told(0, 7)]


def test_calls_are_grouped_by_the_first_piece_of_their_path() -> None:
    paths = ("/v1/sims", "/v1/sims?limit=1", "/v1/sims/89/tags", "/v1/subscribers/transfer_token/issue")
    assert [group_of(path) for path in paths] == ["v1/sims", "v1/sims", "v1/sims", "v1/subscribers"]


def test_nothing_waits_until_an_answer_says_that_nothing_is_left() -> None:
    meter = Meter()
    assert meter.wait_s(0) == 0
    meter.enter()
    meter.leave(Told(0, 42), 10)
    assert meter.wait_s(10) == 42
    assert meter.wait_s(52) == 0
    meter.enter()
    meter.leave(Told(5, 60), 52)
    assert meter.wait_s(53) == 0


def test_those_under_way_are_taken_off_what_is_left() -> None:
    meter = Meter()
    for _ in range(3):
        meter.enter()
    meter.leave(Told(2, 60), 0)  # the other two may be among what was counted, or not
    assert meter.wait_s(1) is None
    meter.leave(Told(1, 60), 1)
    assert meter.wait_s(1) is None
    meter.leave(Told(1, 60), 1)
    assert meter.wait_s(1) == 0


def test_an_answer_from_the_minute_before_says_nothing() -> None:
    meter = Meter()
    meter.enter()
    meter.enter()
    meter.leave(Told(100, 60), 100)
    meter.leave(Told(0, 1), 100)
    assert meter.wait_s(100) == 0


@given(st.integers(1, 40), st.integers(1, 8), st.lists(st.booleans(), max_size=200))
def test_one_client_alone_is_never_refused_by_a_minute_it_has_heard_of(
    limit: int, width: int, steps: list[bool]
) -> None:
    """Requests go and come back in any order; the operator counts each as it leaves or as it arrives."""
    meter, left, waiting = Meter(), limit, deque[int]()
    meter.enter()
    left -= 1
    meter.leave(Told(left, 60), 0)
    for goes in steps:
        if goes and len(waiting) < width and meter.wait_s(1) == 0:
            meter.enter()
            left -= 1
            waiting.append(left)
            assert left >= 0
        elif waiting:
            meter.leave(Told(waiting.popleft(), 60), 1)


def test_many_threads_stay_within_the_minute_and_all_get_through() -> None:
    time = Timepiece()
    server = Minute(time, 50)
    traffic = InTraffic(server, Traffic(8, time.clock()), time.clock())
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: perform(a_call(), traffic, Budget({}, time.clock()), time.clock()), range(230)))
    assert all(isinstance(one, Heard) for one in got)
    assert server.refused <= 5 * 8  # those under way when a minute begins, of which nothing is known
    assert time.now_s >= 1_000 + 4 * 60 - 60


def test_a_refusal_holds_its_group_alone() -> None:
    time = Timepiece()
    traffic = Traffic(4, time.clock())
    traffic.enter("v1/sims")
    traffic.leave("v1/sims", rated(429, 0, 30))
    traffic.enter("v1/subscribers")
    assert time.slept == []
    traffic.enter("v1/sims")
    assert time.slept == [30]


@dataclass
class Room:
    """Answers whatever is sent, and knows how many were under way at once."""

    most: int
    under_way: int = 0
    peak: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    full: threading.Event = field(default_factory=threading.Event)

    def send(self, _request: Request) -> Answer | Lost:
        with self.lock:
            self.under_way += 1
            self.peak = max(self.peak, self.under_way)
            if self.under_way >= self.most:
                self.full.set()
        self.full.wait(0.05)
        with self.lock:
            self.under_way -= 1
        return rated(200, 900)


def test_as_many_calls_are_under_way_as_are_allowed() -> None:
    time, room = Timepiece(), Room(16)
    traffic = InTraffic(room, Traffic(16, time.clock()), time.clock())
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda _: traffic.send(a_call().request), range(400)))
    assert room.peak == 16


def test_a_spent_minute_says_nothing_about_how_many_may_be_under_way() -> None:
    time = Timepiece()
    traffic = Traffic(16, time.clock())

    class Spent:
        def send(self, _request: Request) -> Answer | Lost:
            return rated(429, 0, 1)

    before = traffic.lanes.limit
    InTraffic(Spent(), traffic, time.clock()).send(a_call().request)
    assert traffic.lanes.limit == before

    class Crowded:
        def send(self, _request: Request) -> Answer | Lost:
            return Answer(429, {}, b"")

    InTraffic(Crowded(), traffic, time.clock()).send(a_call().request)
    assert traffic.lanes.limit < before


def test_what_is_lost_gives_its_place_back() -> None:
    time = Timepiece()
    traffic = Traffic(1, time.clock())

    class Gone:
        def send(self, _request: Request) -> Answer | Lost:
            return Lost(Fate.SILENT, "ReadTimeout")

    sender = InTraffic(Gone(), traffic, time.clock())
    assert [sender.send(a_call().request) for _ in range(3)] == [Lost(Fate.SILENT, "ReadTimeout")] * 3
