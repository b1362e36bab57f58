"""Whether an account is listed or asked SIM by SIM: always all that is wanted, and never much more than the cheaper."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ProviderUnavailable
from domain.inventory import INVENTORY
from domain.orders import Sim
from providers.supersim_looks import Looks
from providers.supersim_roll import Roll
from providers.supersim_words import LOOK_FRESH_S, LOOKUPS_PER_PAGE
from tests.providers.doubles import Timepiece, answer
from tests.providers.supersim_doubles import (
    SOUTH,
    Answers,
    Books,
    a_post,
    a_sim,
    body_of,
    page,
    shown,
    sid,
)

WANTED = pl.Schema({"iccid": pl.String(), "imsi": pl.String(), "sim_id": pl.String()})


def quiet(*_: int) -> None:
    """Progress for nobody."""


def books(count: int, page_size: int = 10) -> Books:
    return Books([shown(number) for number in range(count)], page_size)


def roll(account: Books | Answers, time: Timepiece | None = None) -> Roll:
    return Roll(a_post(account, clock=(time or Timepiece()).clock()), width=4)


def wanted(*numbers: int) -> pl.DataFrame:
    """By sid, by printed ICCID, or by its body, in turn."""
    rows = [
        (None, None, sid(n)) if n % 3 == 0 else (a_sim(n).iccid if n % 3 == 1 else body_of(n), None, None)
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=WANTED, orient="row")


def cost(account: Books) -> int:
    return account.pages_sent * LOOKUPS_PER_PAGE + account.lookups_sent


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.sets(st.integers(0, 400), max_size=120))
def test_all_that_is_wanted_is_found_at_no_more_than_twice_the_cheaper_cost(held: int, numbers: set[int]) -> None:
    account = books(held)
    survey = roll(account).survey(wanted(*sorted(numbers)), quiet)
    there = {body_of(number) for number in numbers if number < held}
    assert there <= set(survey.sims["key"])
    assert survey.sims.schema == INVENTORY
    assert set(survey.sims["key"]) == ({body_of(number) for number in range(held)} if survey.whole else there)
    listing = max(1, -(-held // 10)) * LOOKUPS_PER_PAGE
    assert cost(account) <= 2 * min(listing, len(numbers)) + LOOKUPS_PER_PAGE


def test_without_a_list_the_whole_account_is_read() -> None:
    told: list[tuple[int, int]] = []
    survey = roll(books(95)).survey(None, lambda done, of: told.append((done, of)))
    assert (survey.sims.height, survey.how, survey.whole) == (95, "north: 95 SIMs in 10 pages.", True)
    assert told[-1] == (95, 0)


def test_the_plan_is_told_how_an_account_was_read() -> None:
    assert roll(books(9)).survey(wanted(*range(30)), quiet).how == "north: 9 SIMs in 1 page."
    assert roll(books(1)).survey(wanted(*range(30)), quiet).how == "north: 1 SIM in 1 page."
    assert roll(books(500)).survey(wanted(1), quiet).how == "north: 1 look-up by ICCID or sid."
    # 40 SIMs are worth five pages, which hold the first 50: the others are asked for
    longer = roll(books(500)).survey(wanted(*range(30, 70)), quiet)
    assert longer.how == "north: 20 look-ups by ICCID or sid, since its list is longer than 5 pages."
    assert (longer.sims.height, longer.whole) == (40, False)


def test_a_sid_in_the_other_case_is_the_same_sim() -> None:
    account = Books([shown(171) | {"sid": sid(171).upper()}])
    lines = pl.DataFrame([(None, None, sid(171))] * 8, schema=WANTED, orient="row")
    assert Roll(a_post(Answers(lambda _: answer(200, account.sims[0]))), 1).survey(lines, quiet).sims.height == 1


def test_lines_that_nothing_can_be_asked_by_are_passed_over() -> None:
    lines = pl.DataFrame([(None, "901430000000001", None)], schema=WANTED, orient="row")
    account = books(500)
    assert roll(account).survey(lines, quiet).sims.is_empty()
    assert account.sent == []


def test_a_list_in_which_a_sim_comes_twice_is_read_again_and_then_refused() -> None:
    twice = [shown(1), shown(2), shown(1)]
    with pytest.raises(ProviderUnavailable, match=r"SIMs came twice, in 3 readings"):
        roll(Books(twice)).survey(None, quiet)
    readings = iter([page(twice, None), page(twice[:2], None)])
    assert roll(Answers(lambda _: next(readings))).survey(None, quiet).sims.height == 2


def test_a_sim_of_another_account_is_not_there() -> None:
    family = roll(Books([shown(1, SOUTH)]))  # as a parent may see its children's
    assert family.asked([a_sim(1)]) == family.among([a_sim(1)] * 8) == {}
    assert family.survey(None, quiet).sims.is_empty()


def test_an_answer_about_another_sim_is_no_answer() -> None:
    for one in (a_sim(1), Sim(body_of(1), "", a_sim(1).iccid)):
        other = Answers(lambda request: answer(200, shown(2)) if "HS" in request.path else page([shown(2)], None))
        with pytest.raises(ProviderUnavailable, match="it is about another"):
            roll(other).asked([one])
    several = Answers(lambda _: page([shown(1), shown(1)], None))
    with pytest.raises(ProviderUnavailable, match="several Sims for one ICCID"):
        roll(several).asked([Sim(body_of(1), "", a_sim(1).iccid)])


def sims(*numbers: int) -> list[Sim]:
    return [a_sim(number) for number in numbers]


def test_few_sims_are_asked_for_and_many_are_picked_from_the_list() -> None:
    account = books(100)
    reading = roll(account)
    assert set(reading.among(sims(1, 2, 500))) == {body_of(1), body_of(2)}
    assert (account.pages_sent, account.lookups_sent) == (0, 3)
    assert len(reading.among(sims(*range(100)))) == 100
    assert (account.pages_sent, account.lookups_sent) == (10, 3)


def test_a_list_that_was_too_long_is_not_begun_again_for_as_few() -> None:
    account = books(1_000)  # 100 pages, so worth 800 look-ups
    reading = roll(account)
    for _ in range(5):
        assert len(reading.among(sims(*range(60, 140)))) == 80  # not all on the first ten pages
    assert account.pages_sent == 10
    reading.among(sims(*range(160)))
    assert account.pages_sent == 30
    reading.among(sims(*range(200)))
    assert account.pages_sent == 30


def test_a_sim_without_a_sid_is_asked_for_by_its_iccid() -> None:
    one = Sim(body_of(3), "", body_of(3))
    found = roll(books(5)).asked([one])
    assert found[one.key].sid == sid(3)


# Looks


def test_looks_are_served_from_a_list_once_look_ups_would_have_paid_for_it() -> None:
    time, account = Timepiece(), books(100)
    looks = Looks(roll(account, time))
    for start in range(0, 100, 20):
        found = looks.at(sims(*range(start, start + 20)))
        assert len(found) == 20
    assert (account.pages_sent, account.lookups_sent) == (2 + 5 + 10, 60)  # what 20, 40 and 80 look-ups would pay for
    time.now_s += LOOK_FRESH_S + 1
    account.sims = account.sims[:50]
    assert looks.at(sims(60)) == {}


def test_a_list_serves_looks_for_so_long_and_is_then_read_anew() -> None:
    time, account = Timepiece(), books(10)
    looks = Looks(roll(account, time))
    looks.at(sims(*range(10)))
    account.sims[3]["status"] = "active"
    time.now_s += LOOK_FRESH_S - 1
    assert looks.at(sims(3))[body_of(3)].status == "new"
    time.now_s += 2
    assert looks.at(sims(3))[body_of(3)].status == "active"


def test_a_sim_that_a_list_passed_over_is_asked_for() -> None:
    account = books(20)
    looks = Looks(roll(account))
    gone, account.sims = account.sims[4], [sim for sim in account.sims if sim["sid"] != sid(4)]
    assert len(looks.at(sims(*range(20)))) == 19
    account.sims.append(gone)
    assert set(looks.at(sims(4, 5))) == {body_of(4), body_of(5)}
