"""Pacing: the limits hold over any span, for any number of threads."""

from __future__ import annotations

import threading
from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from providers.emnify_words import Kind, budget_of
from providers.pace import Bucket, Budget, Window
from tests.providers.doubles import Timepiece


def times_of(budget: Budget, time: Timepiece, kinds: list[str], gaps: list[float]) -> list[float]:
    """When each request was let through, where callers come with gaps between them."""
    let_through = []
    for kind, gap in zip(kinds, gaps, strict=True):
        time.now_s += gap
        budget.wait(kind)
        let_through.append(time.now_s)
    return let_through


@given(
    st.integers(1, 7),
    st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=60),
)
def test_no_span_ever_holds_more_than_the_window_allows(requests: int, gaps: list[float]) -> None:
    time = Timepiece()
    budget = Budget({"": Window(requests, 10.0)}, time.clock())
    times = times_of(budget, time, [""] * len(gaps), gaps)
    for place, moment in enumerate(times):
        # 10.0 s and a hair: two instants may not tell apart what floating point rounds together
        assert place - bisect_left(times, moment - 10.0 + 1e-6) + 1 <= requests


@given(st.lists(st.floats(0, 1, allow_nan=False), min_size=2, max_size=80))
def test_a_bucket_gives_its_burst_and_then_its_rate(gaps: list[float]) -> None:
    time = Timepiece()
    budget = Budget({"lists": Bucket(10.0, 4.0)}, time.clock())
    times = times_of(budget, time, ["lists"] * len(gaps), gaps)
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= 4.0 + (times[last] - times[first]) * 10.0 + 1e-3


def test_a_window_lets_its_whole_number_through_at_once() -> None:
    time = Timepiece()
    budget = Budget({"": Window(2_000, 300.0)}, time.clock())
    times_of(budget, time, [""] * 2_000, [0.0] * 2_000)
    assert time.slept == []
    budget.wait()
    assert sum(time.slept) == 300.0


def test_kinds_count_against_everybodys_limit_too() -> None:
    time = Timepiece()
    budget = Budget({"": Window(3, 100.0), "lists": Bucket(1_000.0, 1_000.0)}, time.clock())
    times_of(budget, time, ["lists", "other", "lists"], [0.0] * 3)
    assert time.slept == []
    budget.wait("lists")
    assert sum(time.slept) == 100.0


def test_hold_keeps_everybody_back() -> None:
    time = Timepiece()
    budget = Budget({}, time.clock())
    budget.hold(12.0)
    budget.wait("lists")
    assert time.slept == [12.0]


def test_one_number_scales_every_documented_limit() -> None:
    time = Timepiece()
    budget = budget_of(4_000, time.clock())
    times = times_of(budget, time, [Kind.LISTS] * 48, [0.0] * 48)
    assert abs(times[-1] - times[0] - 2.0) < 0.01  # 8 at once, then 20 a second


def test_threads_share_one_budget() -> None:
    time, passed = Timepiece(), []
    budget = Budget({"": Window(10, 60.0)}, time.clock())

    def work() -> None:
        for _ in range(10):
            budget.wait()
            passed.append(time.now_s)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 80
    assert time.now_s - 1_000.0 >= 7 * 60.0
