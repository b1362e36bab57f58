"""Open items across months: nothing vanishes, nothing is told twice, and a month that is completed is whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.frames import BREAKS, HELD, IDENTITY
from domain.audit.kinds import Kind
from domain.audit.ledger import LEDGER, NOTES, NOW, State, is_open, ledger_of
from domain.audit.months import months_between
from domain.audit.movements import MOVEMENTS, Movement, moved_outside, movements, since
from tests.domain.audit_samples import held, iccid, side_of, terms_of

NONE_NOW = pl.DataFrame(schema=NOW)
NO_NOTES = pl.DataFrame(schema=NOTES)
EMPTY = pl.DataFrame(schema=LEDGER)
KINDS = st.sampled_from([Kind.MISSING, Kind.NOT_IN_BOOKS, Kind.STATUS_DIFFERS])
ITEMS = st.lists(st.tuples(KINDS, st.integers(1, 5), st.sampled_from(["assets", "finance"])), max_size=8, unique=True)
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]

Items = list[tuple[Kind, int, str]]


def breaks_of(items: Items) -> pl.DataFrame:
    rows = [
        {
            "kind": kind,
            "who": iccid(number),
            "subject": register,
            "register": register,
            "account": None if kind == Kind.MISSING else "east",
        }
        for kind, number, register in items
    ]
    return pl.DataFrame(rows, schema=BREAKS)


def identities(items: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(items.select(pl.col(name).cast(pl.String) for name in IDENTITY).iter_rows())


@given(st.lists(st.tuples(ITEMS, st.sampled_from([(), ("east",)]), st.sampled_from([1, 2])), min_size=1, max_size=6))
def test_an_open_item_is_in_every_ledger_until_it_is_resolved(months: list[tuple[Items, tuple[str, ...], int]]) -> None:
    ledger = EMPTY
    for month, (items, unread, registers) in zip(MONTHS, months, strict=False):
        terms = terms_of(("assets", "finance")[:registers], unread)
        was = ledger.filter(pl.col("state") != State.RESOLVED)
        ledger = ledger_of(month, ledger, breaks_of(items), NONE_NOW, NO_NOTES, terms)
        assert identities(ledger) == identities(was) | identities(breaks_of(items))
        assert ledger.height == len(identities(ledger))
        resolved = ledger.filter(pl.col("state") == State.RESOLVED)
        assert not identities(resolved) & identities(breaks_of(items))
        assert resolved["resolved_by"].null_count() == 0
        handed_in = set(resolved["register"])
        assert handed_in <= {register.name for register in terms.registers}
        assert not (unread and resolved.height), "what cannot be read resolves nothing"


@given(ITEMS, ITEMS, ITEMS)
def test_a_month_that_is_completed_is_as_if_it_had_been_whole(before: Items, east: Items, west: Items) -> None:
    terms = terms_of(("assets", "finance"))
    last = ledger_of("2026-01", EMPTY, breaks_of(before), NONE_NOW, NO_NOTES, terms)
    without = terms_of(("assets", "finance"), unread=("west",))
    ledger_of("2026-02", last, breaks_of(east), NONE_NOW, NO_NOTES, without)
    whole = ledger_of("2026-02", last, breaks_of([*east, *west]), NONE_NOW, NO_NOTES, terms)
    assert identities(whole) == identities(breaks_of([*before, *east, *west]))


def test_an_item_grows_older_and_says_what_has_resolved_it() -> None:
    items: Items = [(Kind.MISSING, 1, "assets"), (Kind.MISSING, 2, "assets")]
    first = ledger_of("2025-11", EMPTY, breaks_of(items), NONE_NOW, NO_NOTES, terms_of())
    second = ledger_of("2026-01", first, breaks_of(items), NONE_NOW, NO_NOTES, terms_of())
    now = pl.DataFrame([(iccid(2), "west", "active", "2026-01-fleet")], schema=NOW, orient="row")
    third = ledger_of("2026-02", second, breaks_of(items[:1]), now, NO_NOTES, terms_of())
    assert first["state"].to_list() == [State.NEW] * 2
    assert second.select("state", "first_seen", "age_months").rows() == [(State.OPEN, "2025-11", 2)] * 2
    assert third.select("state", "last_seen", "resolved_by").rows() == [
        (State.OPEN, "2026-02", None),
        (State.RESOLVED, "2026-01", "Seen in west, active; moved by 2026-01-fleet."),
    ]
    fourth = ledger_of("2026-03", third, breaks_of([]), NONE_NOW, NO_NOTES, terms_of())
    assert fourth["who"].to_list() == [iccid(1)]


def test_what_people_write_stays_until_they_take_it_away() -> None:
    items: Items = [(Kind.MISSING, 1, "assets")]
    identity = (Kind.MISSING, iccid(1), "assets")
    first = ledger_of("2026-01", EMPTY, breaks_of(items), NONE_NOW, NO_NOTES, terms_of())
    written = pl.DataFrame([(*identity, "Ana", "asked the depot")], schema=NOTES, orient="row")
    second = ledger_of("2026-02", first, breaks_of(items), NONE_NOW, written, terms_of())
    third = ledger_of("2026-03", second, breaks_of(items), NONE_NOW, NO_NOTES, terms_of())
    taken = pl.DataFrame([(*identity, "", None)], schema=NOTES, orient="row")
    fourth = ledger_of("2026-04", third, breaks_of(items), NONE_NOW, taken, terms_of())
    assert third.select("owner", "note").rows() == [("Ana", "asked the depot")]
    assert fourth.select("owner", "note").rows() == [(None, "asked the depot")]


def test_what_a_run_explains_needs_nobody() -> None:
    items: Items = [(Kind.MOVED_BY_RUN, 1, "assets"), (Kind.MISSING, 2, "assets")]
    ledger = ledger_of("2026-01", EMPTY, breaks_of(items), NONE_NOW, NO_NOTES, terms_of())
    assert ledger.filter(is_open())["kind"].to_list() == [Kind.MISSING]


def test_a_damaged_row_is_resolved_by_the_next_file_of_that_register() -> None:
    damaged = pl.DataFrame([{"kind": Kind.DAMAGED, "who": "", "subject": "assets/7", "register": "assets"}], BREAKS)
    first = ledger_of("2026-01", EMPTY, damaged, NONE_NOW, NO_NOTES, terms_of())
    unread = terms_of(unread=("east", "west"))
    second = ledger_of("2026-02", first, breaks_of([]), NONE_NOW, NO_NOTES, replace(unread, registers=()))
    third = ledger_of("2026-03", second, breaks_of([]), NONE_NOW, NO_NOTES, unread)
    assert [ledger["state"].to_list() for ledger in (second, third)] == [[State.NOT_LOOKED_AT], [State.RESOLVED]]


@given(st.integers(2000, 2099), st.integers(1, 12), st.integers(0, 40))
def test_months_are_counted_across_years(year: int, month: int, more: int) -> None:
    later = year * 12 + month - 1 + more
    assert months_between(f"{year}-{month:02d}", f"{later // 12}-{later % 12 + 1:02d}") == more


def test_movements_say_what_came_went_and_changed() -> None:
    before = side_of([], [held(1), held(2), held(3, status="ready"), held(4, group="g1"), held(5)]).held
    now = side_of(
        [],
        [held(2, "west"), held(3), held(4, group="g2"), held(5, "west"), held(6)],
        [(5, "2026-10-fleet", "east", "west")],
    )
    found = movements(before, now.held, now.carried)
    assert found.schema == MOVEMENTS
    told = sorted(found.select(pl.col("movement").cast(pl.String), "who", "before", "now", "run").iter_rows())
    assert told == [
        (Movement.CAME, iccid(6), None, "active", None),
        (Movement.GROUP, iccid(4), "g1", "g2", None),
        (Movement.MOVED, iccid(2), "east", "west", None),
        (Movement.MOVED, iccid(5), "east", "west", "2026-10-fleet"),
        (Movement.STATUS, iccid(3), "ready", "active", None),
        (Movement.WENT, iccid(1), "active", None, None),
    ]
    assert moved_outside(found).select("kind", "who", "said", "seen").rows() == [
        (Kind.MOVED_OUTSIDE, iccid(2), "last month in east", "in west")
    ]


def test_a_status_is_as_old_as_the_first_survey_that_showed_it() -> None:
    before = side_of([], [held(1, status_since=date(2026, 1, 3)), held(2, status_since=date(2026, 1, 3))]).held
    now = side_of(
        [],
        [
            held(1, status_since=date(2026, 2, 3)),
            held(2, status="suspended", status_since=date(2026, 2, 3)),
            held(3, status_since=date(2026, 2, 3)),
        ],
    ).held
    days = since(before, now)
    assert days.schema == HELD
    assert [day.month for day in days["status_since"]] == [1, 2, 2]
