"""The adaptive limit, against a simulated provider without real time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.gauge import FIRST, Gauge, Ticket
from tests.providers.crowd import Crowd

SPREADS = st.lists(st.floats(0.6, 1.4, allow_nan=False), min_size=1, max_size=11)
ROOMS = st.integers(1, 64)


def crowd(room: Callable[[float], int], spread: list[float] | None = None, most: int = 64, **more: float) -> Crowd:
    factors = cycle(spread or [0.85, 1.1, 0.95, 1.15, 1.0])
    return Crowd(Gauge(most), room, (0.05 * factor for factor in factors), **more)  # type: ignore[arg-type] # seconds


def share(some: Crowd, room: int, until_s: float) -> float:
    """The part of the ideal that is used from now on."""
    busy_s, start_s = some.busy_s, some.now_s
    some.run(until_s)
    return (some.busy_s - busy_s) / (room * (until_s - start_s))


@settings(max_examples=25)
@given(ROOMS, SPREADS, st.integers(1, 64), st.sampled_from([0.0005, 0.005, 0.05]))
def test_never_more_than_the_most_and_never_more_than_the_gauge_says(
    room: int, spread: list[float], most: int, refusal_s: float
) -> None:
    some = crowd(lambda _: room, spread, most, refusal_s=refusal_s)
    some.run(5)
    assert some.under_way_most <= most
    assert 1 <= some.gauge.limit <= most


def test_at_a_limit_of_20_it_is_at_19_or_20_for_more_than_95_percent_of_the_time() -> None:
    some = crowd(lambda _: 20)
    some.run(120)
    assert (some.spent_s.get(19, 0) + some.spent_s[20]) / 120 > 0.95
    assert some.refused < 0.001 * some.served


@settings(max_examples=20, deadline=None)
@given(ROOMS, SPREADS, st.sampled_from([0.0005, 0.005, 0.05]))
def test_in_the_long_run_95_percent_of_any_limit_is_used(room: int, spread: list[float], refusal_s: float) -> None:
    some = crowd(lambda _: room, spread, refusal_s=refusal_s)
    some.run(2)
    assert share(some, room, 32) >= 0.95


@settings(max_examples=25, deadline=None)
@given(ROOMS, st.lists(st.floats(0, 0.02, allow_nan=False), min_size=3, max_size=13), st.sampled_from([0.0005, 0.005]))
def test_requests_that_overtake_each_other_do_not_hide_the_limit(
    room: int, transits_s: list[float], refusal_s: float
) -> None:
    some = crowd(lambda _: room, [1.0], refusal_s=refusal_s)
    some.transit_s = cycle(transits_s)
    some.run(5)
    at_best = 0.05 / (0.05 + sum(transits_s) / len(transits_s))
    assert share(some, room, 35) >= 0.93 * at_best


@pytest.mark.parametrize("hold_s", [0.0, 1.0])
def test_the_first_minute_uses_95_percent_of_20_whether_or_not_a_refusal_asks_us_to_wait(hold_s: float) -> None:
    assert share(crowd(lambda _: 20, hold_s=hold_s), 20, 60) >= 0.95


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 60), st.integers(2, 60), st.floats(3, 40, allow_nan=False))
def test_it_follows_when_the_limit_changes(before: int, after: int, change_s: float) -> None:
    some = crowd(lambda now_s: before if now_s < change_s else after)
    some.run(change_s + 35)  # the longest pause between two tries for more is 512 round trips
    assert share(some, after, change_s + 75) >= 0.95


def test_from_20_it_falls_to_5_at_once_and_climbs_to_50_soon() -> None:
    some = crowd(lambda now_s: 20 if now_s < 20 else 5 if now_s < 40 else 50)
    some.run(20.5)
    assert some.gauge.limit <= 5
    assert share(some, 5, 39.9) >= 0.95
    some.run(60)
    assert share(some, 50, 90) >= 0.95


def test_what_is_tried_doubles_as_long_as_it_goes_well_and_ends_at_the_most() -> None:
    some = crowd(lambda now_s: 20 if now_s < 1 else 1_000, [1.0], most=60)
    limits = []
    while some.now_s < 30:
        some.run(some.now_s + 0.01)
        limits.append(some.gauge.limit)
    assert [limit for limit in dict.fromkeys(limits) if limit > 20] == [21, 23, 27, 35, 51, 60]
    assert some.under_way_most == 60


def test_it_starts_low_and_doubles_within_a_round_trip() -> None:
    some = crowd(lambda _: 1_000, [1.0])
    some.run(0.049)
    assert (some.under_way_most, some.served) == (FIRST, 0)
    for trips, limit in ((1, 8), (2, 16), (3, 32), (4, 64)):
        some.run(0.05 * trips + 0.01)
        assert some.gauge.limit == limit


def test_a_round_trip_of_refusals_halves_it_once() -> None:
    gauge = Gauge(64, limit=32)
    tickets = [gauge.enter() for _ in range(32)]
    for ticket in tickets[20:]:
        gauge.refused(ticket, 1.0)
    assert (gauge.limit, gauge.ceiling, gauge.under_way) == (16, 21, 20)


def test_what_was_refused_is_counted_and_not_only_how_it_left() -> None:
    gauge = Gauge(64, limit=32)
    tickets = [gauge.enter() for _ in range(32)]
    for ticket in tickets[3:15]:  # as if these had arrived as the last twelve
        gauge.refused(ticket, 1.0)
    assert (gauge.limit, gauge.ceiling, gauge.under_way) == (16, 21, 20)


def test_nobody_goes_before_the_time_that_a_refusal_names() -> None:
    some = crowd(lambda _: 3, hold_s=2.0)
    some.run(0.01)
    assert some.refused == 1
    assert some.gauge.wait_s(some.now_s) == pytest.approx(2.0 - 0.008)
    served = some.served
    some.run(1.9)
    assert some.served == served + 3


def test_without_callers_it_does_not_rise() -> None:
    some = crowd(lambda _: 1_000)
    some.callers = 3
    some.run(10)
    assert some.gauge.limit == FIRST
    some.callers = 10
    some.run(20)
    assert some.gauge.limit <= 11


def test_an_end_that_says_nothing_frees_its_place_and_changes_nothing() -> None:
    gauge = Gauge(8)
    assert gauge.enter() == Ticket(1, 0)
    gauge.left()
    assert (gauge.under_way, gauge.limit) == (0, FIRST)
