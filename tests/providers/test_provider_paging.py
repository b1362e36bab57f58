"""Paging: the whole list, once each, or an error; never a part."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ProviderUnavailable
from providers.calls import Unreadable
from providers.paging import PAGES_MAX, READINGS_MAX, Marks, Page, at_once, marks_of, read_all, trouble_in
from tests.providers.doubles import answer


def page(number: int, pages: int, rows: int, ids: list[str]) -> Page:
    return Page(Marks(number, pages, rows), pl.DataFrame({"sim_id": ids}, schema={"sim_id": pl.String}), len(ids))


def book(ids: list[str], per_page: int) -> list[Page]:
    """A list cut into pages."""
    parts = [ids[start : start + per_page] for start in range(0, len(ids), per_page)] or [[]]
    pages = -(-len(ids) // per_page)
    return [page(number, pages, len(ids), part) for number, part in enumerate(parts, start=1)]


@given(st.integers(0, 60), st.integers(1, 9))
def test_every_sim_comes_once_and_progress_ends_at_the_whole(count: int, per_page: int) -> None:
    ids = [str(number) for number in range(count)]
    pages, told = book(ids, per_page), list[tuple[int, int]]()
    frame = read_all(lambda number: pages[number - 1], "sim_id", lambda done, of: told.append((done, of)))
    assert frame["sim_id"].to_list() == ids
    assert told[-1] == (count, count)


@given(st.data())
def test_any_page_lost_repeated_or_taken_for_another_is_noticed(data: st.DataObject) -> None:
    pages = book([str(number) for number in range(data.draw(st.integers(2, 40)))], data.draw(st.integers(1, 5)))
    order = data.draw(st.lists(st.integers(0, len(pages) - 1), min_size=1, max_size=len(pages) + 1))
    came = [pages[place] for place in order]
    assert (trouble_in(came, "sim_id") == "") == (order == list(range(len(pages))))


def test_a_sim_that_slid_onto_the_next_page_is_noticed_though_the_sum_fits() -> None:
    assert trouble_in([page(1, 2, 4, ["a", "b"]), page(2, 2, 4, ["b", "c"])], "sim_id") == "1 SIMs came twice"


def test_a_page_that_came_without_some_of_its_rows_is_noticed() -> None:
    assert trouble_in([page(1, 2, 4, ["a", "b"]), page(2, 2, 4, ["c"])], "sim_id") == "4 SIMs were announced and 3 came"


def test_a_sim_that_was_added_behind_what_was_read_is_noticed_though_the_first_sum_fits() -> None:
    grown = [page(1, 2, 4, ["a", "b"]), page(2, 2, 5, ["c", "d"])]
    assert trouble_in(grown, "sim_id") == "its totals changed between pages"


def test_a_list_that_changes_while_it_is_read_is_read_again() -> None:
    calls: list[int] = []

    def fetch(number: int) -> Page:
        calls.append(number)
        return page(number, 2, 4 if len(calls) > 1 else 5, [f"{number}a", f"{number}b"])

    assert read_all(fetch, "sim_id", lambda *_: None).height == 4
    assert calls == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (page(1, 1, 3, ["a", "b"]), "3 SIMs were announced and 2 came"),
        (page(2, 1, 1, ["a"]), "a page other than the one asked for"),
        (page(1, 1, 2, ["a", "a"]), "1 SIMs came twice"),
    ],
)
def test_a_list_that_never_adds_up_ends_in_words(bad: Page, words: str) -> None:
    calls: list[int] = []

    def fetch(number: int) -> Page:
        calls.append(number)
        return bad

    with pytest.raises(ProviderUnavailable, match=words):
        read_all(fetch, "sim_id", lambda *_: None)
    assert len(calls) == READINGS_MAX


def test_more_pages_than_anybody_has_are_not_fetched() -> None:
    with pytest.raises(ProviderUnavailable, match="PAGES_MAX"):
        read_all(lambda number: page(number, PAGES_MAX + 1, 9, ["a"]), "sim_id", lambda *_: None)


@pytest.mark.parametrize("missing", ["x_current_page", "x_total_pages", "x_total_count"])
def test_a_page_without_its_marks_is_unreadable(missing: str) -> None:
    headers = {"x_current_page": "1", "x_total_pages": "1", "x_total_count": "0"}
    assert marks_of(answer(200, [], **headers)) == Marks(1, 1, 0)
    with pytest.raises(Unreadable, match="missing"):
        marks_of(answer(200, [], **{name: text for name, text in headers.items() if name != missing}))
    with pytest.raises(Unreadable, match="no number"):
        marks_of(answer(200, [], **(headers | {missing: "many"})))


@given(st.lists(st.integers(), max_size=20), st.integers(1, 4))
def test_work_done_side_by_side_comes_back_in_order(tasks: list[int], width: int) -> None:
    assert list(at_once(lambda number: number * 2, tasks, width)) == [number * 2 for number in tasks]


def test_a_failure_side_by_side_is_raised_and_stops_the_rest() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ProviderUnavailable("no")
        return number

    with pytest.raises(ProviderUnavailable):
        list(at_once(work, range(1_000), 2))
