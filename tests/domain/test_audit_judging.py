"""Books held against accounts: laws over small worlds, and each kind of break by example."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.judging import FOUND, MISSING, TWICE, UNJUDGED, Judged, Side, judge
from domain.audit.kinds import Kind
from domain.audit.numbers import found_by_imsi, sim_number
from domain.audit.swaps import with_swaps
from domain.audit.terms import Rule
from domain.identifiers import check_digit
from tests.domain.audit_samples import booked, held, iccid, side_of, terms_of

NUMBERS = st.integers(1, 6)
ACCOUNTS = st.sampled_from(["east", "west"])
REGISTERS = ("assets", "finance")
BOOKS = st.lists(st.tuples(NUMBERS, st.sampled_from(REGISTERS), st.none() | ACCOUNTS), max_size=12)
SIMS = st.lists(st.tuples(NUMBERS, ACCOUNTS), max_size=9, unique=True)
UNREAD = st.sampled_from([(), ("west",)])

Books = list[tuple[int, str, str | None]]
Sims = list[tuple[int, str]]


def world(books: Books, sims: Sims, unread: tuple[str, ...]) -> Side:
    rows = [booked(number, register, row, account) for row, (number, register, account) in enumerate(books, start=2)]
    return side_of(rows, [held(number, account) for number, account in sims if account not in unread])


def found(judged: Judged) -> Counter[tuple[str, str, str]]:
    return Counter(judged.breaks.select(pl.col("kind").cast(pl.String), "who", "subject").iter_rows())


def expected(books: Books, sims: Sims, unread: tuple[str, ...]) -> Counter[tuple[str, str, str]]:
    """The breaks, thought through SIM by SIM."""
    seen = {number: [at for sim, at in sims if sim == number and at not in unread] for number in range(1, 7)}
    breaks: Counter[tuple[str, str, str]] = Counter()
    for number in range(1, 7):
        places = seen[number]
        if len(places) > 1:
            breaks[Kind.TWO_ACCOUNTS, iccid(number), ""] += 1
        for register in REGISTERS:
            said = [account for sim, name, account in books if sim == number and name == register]
            if not said and places:
                breaks[Kind.NOT_IN_BOOKS, iccid(number), register] += 1
            if len(said) > 1:
                breaks[Kind.LISTED_TWICE, iccid(number), register] += 1
            if said and not places and not unread:
                breaks[Kind.MISSING, iccid(number), register] += 1
            if said and said[0] is not None and len(places) == 1 and said[0] != places[0]:
                breaks[Kind.WRONG_ACCOUNT, iccid(number), register] += 1
    return breaks


@given(BOOKS, SIMS, UNREAD)
def test_every_break_is_found_and_no_other(books: Books, sims: Sims, unread: tuple[str, ...]) -> None:
    judged = judge(world(books, sims, unread), terms_of(REGISTERS, unread))
    assert found(judged) == expected(books, sims, unread)


@given(BOOKS, SIMS, UNREAD)
def test_every_row_of_a_register_is_counted_once(books: Books, sims: Sims, unread: tuple[str, ...]) -> None:
    stands = judge(world(books, sims, unread), terms_of(REGISTERS, unread)).stands
    rows = Counter(register for _, register, _ in books)
    assert dict(stands.group_by("register").agg(pl.col("sims").sum()).iter_rows()) == rows
    assert set(stands["stand"]) <= {FOUND, UNJUDGED if unread else MISSING, TWICE}


@given(BOOKS, SIMS, st.integers(2, 4))
def test_a_part_of_the_sims_can_be_judged_by_itself(books: Books, sims: Sims, parts: int) -> None:
    whole, terms = world(books, sims, ()), terms_of(REGISTERS)
    mine = pl.col("sim") % parts
    apart = [
        judge(
            Side(
                whole.booked.filter(mine == part),
                whole.held.filter(mine == part),
                whole.stated,
                whole.settings,
                whole.further,
                whole.carried,
            ),
            terms,
        )
        for part in range(parts)
    ]
    assert sum((found(one) for one in apart), Counter()) == found(judge(whole, terms))


@given(st.integers(0, 10**9 - 1))
def test_all_written_forms_of_an_iccid_are_one_number(serial: int) -> None:
    body = f"898830300{serial:09d}"
    whole = body + check_digit(body)
    forms = pl.DataFrame({"iccid": [body, whole, whole + check_digit(whole)]})
    assert forms.select(sim_number(pl.col("iccid")))["iccid"].to_list() == [int(whole)] * 3


def test_other_text_has_no_number() -> None:
    forms = pl.DataFrame({"iccid": ["", "89", "1" * 19, "8" * 21, "89883030000000000x1", None]})
    assert forms.select(sim_number(pl.col("iccid")))["iccid"].null_count() == forms.height


def test_a_row_with_an_imsi_alone_is_found_by_it() -> None:
    side = side_of([{"register": "assets", "row": 2, "imsi": "262010000000003"}], [held(3)])
    rows = found_by_imsi(side.booked, side.held)
    assert rows["sim"].to_list() == side.held["sim"].to_list()


def test_an_imsi_that_two_sims_have_finds_neither() -> None:
    side = side_of(
        [{"register": "assets", "row": 2, "imsi": "262010000000003"}], [held(3), held(4, imsi="262010000000003")]
    )
    assert found_by_imsi(side.booked, side.held)["sim"].to_list() == [None]


def test_a_sim_that_a_run_has_moved_is_explained_by_it() -> None:
    carried = [(1, "2026-10-fleet", "east", "west"), (2, "2026-10-fleet", "east", "west")]
    side = side_of([booked(1, account="east"), booked(2, row=3, account="west")], [held(1, "west"), held(2)], carried)
    lines = judge(side, terms_of()).breaks
    assert lines.select("kind", "who", "run").rows() == [
        (Kind.MOVED_BY_RUN, iccid(1), "2026-10-fleet"),
        (Kind.WRONG_ACCOUNT, iccid(2), None),
    ]


def test_rows_that_have_each_others_imsi_are_swapped() -> None:
    books = [
        booked(1, row=2, imsi="262010000000002"),
        booked(2, row=3, imsi="262010000000001"),
        booked(3, row=4, imsi="262010000000009"),
    ]
    breaks = with_swaps(judge(side_of(books, [held(1), held(2), held(3)]), terms_of()).breaks)
    assert breaks.select("kind", "row").rows() == [(Kind.SWAPPED, 2), (Kind.SWAPPED, 3), (Kind.PAIR_DIFFERS, 4)]


def test_a_further_imsi_of_a_sim_is_no_difference() -> None:
    side = side_of([booked(1, imsi="440100000000001")], [held(1)], further=[(1, "440100000000001")])
    assert judge(side, terms_of()).breaks.is_empty()


def test_statuses_that_mean_the_same_are_no_difference() -> None:
    books = [booked(1, status="In use"), booked(2, row=3, status="suspended"), booked(3, row=4, status=None)]
    breaks = judge(side_of(books, [held(1, status="Activated"), held(2), held(3)]), terms_of()).breaks
    assert breaks.select("kind", "said", "seen").rows() == [(Kind.STATUS_DIFFERS, "suspended", "active")]


def test_the_policy_is_kept_or_broken_sim_by_sim() -> None:
    rules = (
        Rule("unpaid", "Active, and finance does not know it.", ("active",), not_in="finance"),
        Rule("too long", "Suspended for over 90 days.", ("suspended",), over_days=90, accounts=("east",)),
    )
    books = [booked(1, "finance"), *(booked(number, "assets", number) for number in range(1, 6))]
    sims = [
        held(1),
        held(2),
        held(3, status="suspended", status_since=date(2026, 8, 1)),
        held(4, status="suspended", status_since=date(2026, 10, 1)),
        held(5, "west", status="suspended", status_since=date(2026, 1, 1)),
    ]
    terms = terms_of(("assets",), rules=rules)
    broken = judge(side_of(books, sims), terms).breaks.filter(pl.col("kind") == Kind.STATUS_NOT_ALLOWED)
    assert broken.select("subject", "who").rows() == [("too long", iccid(3))]  # finance has not been handed in
    whole = judge(side_of(books, sims), terms_of(("assets", "finance"), rules=rules)).breaks
    broken = whole.filter(pl.col("kind") == Kind.STATUS_NOT_ALLOWED)
    assert broken.select("subject", "who").rows() == [("unpaid", iccid(2)), ("too long", iccid(3))]


def test_settings_are_held_against_what_the_provider_shows() -> None:
    stated = [
        (1, "group", "Vans"),
        (1, "tag:site", "north"),
        (1, "imei_lock", ""),
        (1, "expiry", "2027-01-01"),
        (2, "group", ""),
        (9, "group", "of a SIM that is nowhere"),
    ]
    settings = [
        (1, "group", "Trucks"),
        (1, "tag:site", "north"),
        (1, "tag:other", "that no register knows"),
        (1, "imei_lock", "490154203237518"),
        (1, "expiry", "2027-01-01T00:00:00.000Z terminate"),
    ]
    side = side_of([booked(1), booked(2, row=3)], [held(1), held(2)], stated=stated, settings=settings)
    breaks = judge(side, terms_of()).breaks
    assert set(breaks.select("kind", "subject", "said", "seen").rows()) == {
        (Kind.SETTING_DIFFERS, "assets/group", "Vans", "Trucks"),
        (Kind.SETTING_DIFFERS, "assets/imei_lock", "", "490154203237518"),
    }
