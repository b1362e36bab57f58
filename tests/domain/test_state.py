"""A run's state is what its records say, however they are cut, and the last word about a SIM counts."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import state
from domain.batches import BATCHES, batch_table
from domain.events import Event, Json, Kind
from domain.orders import Part, Said
from domain.outcomes import DEEDS, Deed
from domain.parts import Stand
from domain.state import RunState, fold, later, run_state

AT = "2026-11-20T00:00:0{}Z"
KEYS = tuple("abcdef")
SIMS = st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True).map(tuple)
REASON: st.SearchStrategy[Json] = st.tuples(st.sampled_from([*KEYS, None]), st.just("1503"), st.just("no")).map(list)


def record(
    kind: Kind, sims: st.SearchStrategy[tuple[str, ...]], body: dict[str, st.SearchStrategy[Json]]
) -> st.SearchStrategy[Event]:
    at = st.integers(0, 9).map(AT.format)
    return st.builds(
        Event, st.just(kind), at, st.integers(1, 2), st.integers(1, 2), sims=sims, body=st.fixed_dictionaries(body)
    )


STAND: st.SearchStrategy[Json] = st.sampled_from([str(stand) for stand in Stand])
SAID: st.SearchStrategy[Json] = st.sampled_from([str(said) for said in Said])
WHY = st.dictionaries(
    st.sampled_from(KEYS), st.builds(lambda: list[Json](["moved", "it has moved"])), min_size=1, max_size=3
)
RECORDS = st.one_of(
    record(Kind.OPENED, st.just(()), {}),
    WHY.flatmap(lambda why: record(Kind.LOOKED, st.just(tuple(why)), {"why": st.just(dict[str, Json](why))})),
    record(Kind.INTENDED, SIMS, {}),
    record(Kind.ANSWERED, SIMS | st.just(()), {"said": SAID, "refusals": st.lists(REASON, max_size=3)}),
    record(Kind.SEEN, SIMS, {"stand": STAND}),
    record(Kind.SETTLED, SIMS, {"stand": STAND}),
    record(Kind.STOPPED, st.just(()), {"cause": st.just("declined"), "words": st.just("too many")}),
    record(Kind.RESUMED, st.just(()), {"cause": st.just("declined")}),
    record(Kind.CANCELLED, SIMS, {}),
    record(Kind.FINISHED, st.just(()), {}),
)
JOURNALS = st.lists(RECORDS, max_size=12)
INTENDED = Event(Kind.INTENDED, AT.format(0), 1, 1, sims=("a", "b", "c"))


def answered(said: Said, *refusals: list[Json], sims: tuple[str, ...] = ()) -> Event:
    body: dict[str, Json] = {"said": str(said), "http": 200, "words": "so it is", "refusals": list(refusals)}
    return Event(Kind.ANSWERED, AT.format(3), 1, 1, sims=sims, body=body)


def deeds(*events: Event) -> dict[str, str]:
    return dict(fold(events).select("key", "deed").iter_rows())


def spelled_out(events: list[Event]) -> list[Event]:
    """The same journal, its answers naming their SIMs."""
    intents: dict[tuple[int, int], tuple[str, ...]] = {}
    told = []
    for event in events:
        if event.kind == Kind.INTENDED:
            intents[event.batch, event.attempt] = event.sims
        if event.kind == Kind.ANSWERED and not event.sims:
            told.append(replace(event, sims=intents.get((event.batch, event.attempt), ())))
        else:
            told.append(event)
    return told


def one_by_one(events: list[Event]) -> dict[str, tuple[str, int]]:
    """The fold told slowly: records taken one after the other, SIMs one after the other."""
    now: dict[str, tuple[str, int]] = {}
    for at in range(len(events)):
        for key, deed, attempts in fold(spelled_out(events)[at : at + 1]).select("key", "deed", "attempts").iter_rows():
            now[key] = (deed, now.get(key, ("", 0))[1] + attempts)
    return now


@given(JOURNALS)
def test_any_journal_folds_into_one_line_per_sim_that_it_names(events: list[Event]) -> None:
    frame = fold(events)
    assert dict(frame.schema) == dict(DEEDS)
    assert frame["key"].is_unique().all()
    assert set(frame["key"]) <= set(KEYS)
    assert not frame["deed"].has_nulls()


@given(JOURNALS)
def test_an_answer_without_sims_is_about_all_that_was_intended(events: list[Event]) -> None:
    assert fold(events).equals(fold(spelled_out(events)))


@given(JOURNALS)
def test_records_taken_one_by_one_come_to_the_same(events: list[Event]) -> None:
    whole = fold(events).select("key", "deed", "attempts").iter_rows()
    assert {key: (deed, attempts) for key, deed, attempts in whole} == one_by_one(events)


@settings(max_examples=30)
@given(JOURNALS, st.integers(0, 12))
def test_a_journal_that_ends_sooner_says_less_and_nothing_else(events: list[Event], cut: int) -> None:
    before, after = fold(events[:cut]), fold(events)
    joined = before.join(after, on="key", how="left", maintain_order="left")
    assert not joined["deed_right"].has_nulls()
    assert (joined["attempts_right"] >= joined["attempts"]).all()


@given(JOURNALS)
def test_sims_out_of_the_pool_are_the_same_sims(events: list[Event]) -> None:
    usual = fold(events)
    before, state.POOL_SIMS = state.POOL_SIMS, 2
    try:
        assert fold(events).equals(usual)
    finally:
        state.POOL_SIMS = before


@pytest.mark.parametrize(
    ("event", "deed"),
    [
        (answered(Said.YES), Deed.TOLD),
        (answered(Said.LATER), Deed.PENDING),
        (answered(Said.UNHEARD), Deed.UNHEARD),
        (answered(Said.UNSENT), Deed.UNSENT),
        (answered(Said.NO), Deed.DECLINED),
        (Event(Kind.SEEN, "t", 1, 1, sims=INTENDED.sims, body={"stand": "done"}), Deed.ARRIVED),
        (Event(Kind.SEEN, "t", 1, 1, sims=INTENDED.sims, body={"stand": "before"}), Deed.UNHEARD),
        (Event(Kind.SEEN, "t", 1, 1, sims=INTENDED.sims, body={"stand": "astray"}), Deed.UNHEARD),
        (Event(Kind.SETTLED, "t", 1, 1, sims=INTENDED.sims, body={"stand": "done"}), Deed.ARRIVED),
        (Event(Kind.SETTLED, "t", 1, 1, sims=INTENDED.sims, body={"stand": "before"}), Deed.STILL),
        (Event(Kind.SETTLED, "t", 1, 1, sims=INTENDED.sims, body={"stand": "astray"}), Deed.ASTRAY),
        (Event(Kind.SEEN, "t", 1, 1, sims=INTENDED.sims, body={"stand": "under_way"}), Deed.PENDING),
        (Event(Kind.SETTLED, "t", 1, 1, sims=INTENDED.sims, body={"stand": "under_way"}), Deed.PENDING),
        (
            Event(Kind.SETTLED, "t", 1, 1, sims=INTENDED.sims, body={"stand": "before", "accepted": True}),
            Deed.FELL_BACK,
        ),
        (Event(Kind.CANCELLED, "t", 1, 1, sims=INTENDED.sims), Deed.CANCELLED),
        (Event(Kind.SEEN, "t", 1, 1, body={"stand": "done"}), Deed.UNHEARD),
        (Event(Kind.OPENED, "t"), Deed.UNHEARD),
    ],
)
def test_each_record_means_one_thing(event: Event, deed: Deed) -> None:
    assert deeds(INTENDED, event) == dict.fromkeys("abc", str(deed))


def test_a_no_declines_whom_it_names_and_leaves_the_others_unsent() -> None:
    frame = fold(
        [INTENDED, answered(Said.NO, ["b", "1503", "status"], ["x", "1504", "not asked for"], [None, "9", ""])]
    )
    assert frame.select("key", "deed", "code", "words", "attempts").rows() == [
        ("a", "unsent", None, None, 1),
        ("b", "declined", "1503", "status", 1),
        ("c", "unsent", None, None, 1),
    ]


def test_a_no_that_names_nobody_declines_all_for_its_first_reason() -> None:
    frame = fold([INTENDED, answered(Said.NO, [None, "404", "not found"], [None, "9", ""])])
    assert frame.select("deed", "code", "words").unique().rows() == [("declined", "404", "not found")]


def test_a_sim_held_back_says_why() -> None:
    looked = Event(Kind.LOOKED, "t", 1, 1, sims=("a",), body={"why": {"a": ["moved", "it is gone"]}})
    assert fold([looked]).rows() == [("a", "move", "held_back", 0, "moved", "it is gone", "t")]


def test_an_empty_journal_says_nothing() -> None:
    assert fold([]).equals(pl.DataFrame(schema=DEEDS))
    assert run_state([]) == RunState()
    assert batch_table([]).schema == BATCHES


def test_a_breaker_stays_open_until_its_cause_is_named() -> None:
    stopped = Event(Kind.STOPPED, "1", body={"cause": "declined", "words": "too many"})
    assert run_state([Event(Kind.OPENED, "0"), stopped]) == RunState(True, ("declined", "too many"), False, "1")
    assert run_state([stopped, Event(Kind.RESUMED, "2", body={"cause": "declined"})]).stopped is None
    assert run_state([stopped, Event(Kind.OPENED, "2")]).stopped is not None


def test_a_batch_is_told_in_one_line_per_attempt() -> None:
    seen = Event(Kind.SEEN, AT.format(5), 1, 1, sims=("a", "b"), body={"stand": "done"})
    missing = Event(Kind.SEEN, AT.format(5), 1, 1, sims=("c",), body={"stand": "before"})
    settled = Event(Kind.SETTLED, AT.format(6), 1, 1, sims=("c",), body={"stand": "before"})
    again = Event(Kind.INTENDED, AT.format(7), 1, 2, sims=("c",))
    looked = Event(Kind.LOOKED, AT.format(1), 2, 1, sims=("x",))
    assert batch_table([looked, INTENDED, answered(Said.YES), seen, seen, missing, settled, again]).rows() == [
        (1, "move", 1, 3, AT.format(0), AT.format(3), "yes", 200, None, "so it is", 2, 1, 3.0),
        (1, "move", 2, 1, AT.format(7), None, None, None, None, None, 0, 0, None),
    ]


def test_an_attempt_of_several_calls_says_how_many_sims_heard_what() -> None:
    refused = answered(Said.NO, ["c", "83009", "busy"], sims=("c",))
    (line,) = batch_table(
        [INTENDED, answered(Said.LATER, sims=("a",)), answered(Said.LATER, sims=("b",)), refused]
    ).to_dicts()
    assert (line["said"], line["code"], line["words"]) == ("later 2, no 1", "83009", "busy")


def test_attempts_are_counted_for_the_part_that_a_sim_is_at() -> None:
    first = replace(INTENDED, part="deactivate")
    frame = fold([first, replace(first, attempt=2), Event(Kind.INTENDED, "t", 1, 1, sims=("a",))])
    assert frame.select("key", "part", "attempts").rows() == [
        ("a", "move", 1),
        ("b", "deactivate", 2),
        ("c", "deactivate", 2),
    ]


@given(JOURNALS, st.integers(0, 12))
def test_a_fold_brought_up_to_date_is_the_fold_of_all(events: list[Event], cut: int) -> None:
    spelled = spelled_out(events)
    together = later(fold(spelled[:cut]), fold(spelled[cut:]))
    assert together.sort("key").equals(fold(spelled).sort("key"))


def test_what_is_put_back_after_the_end_of_a_run_begins_no_run() -> None:
    ended = Event(Kind.FINISHED, "1")
    restoring = Event(Kind.INTENDED, "2", 1, 1, str(Part.RESTORE), ("a",))
    assert run_state([ended, restoring]).finished
    assert not run_state([ended, replace(restoring, part=str(Part.MOVE))]).finished
    assert not run_state([restoring]).finished
