"""Lists of Super SIM: all rows once, and never a page where there should be none."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CredentialsRefused, ProviderUnavailable
from providers.calls import Unreadable
from providers.supersim_inventory import LISTED, Listed, listed_of, rows_of
from providers.supersim_pages import page_of, pages, whole
from providers.wire import Answer, Request
from tests.providers.doubles import answer
from tests.providers.supersim_doubles import HOST, NORTH, SOUTH, Answers, Books, a_post, page, refusal, shown, sid

PATH = "/v1/Sims?PageSize=1000"


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_row_of_the_list_comes_once_and_in_order(rows: int, page_size: int) -> None:
    books = Books([shown(number) for number in range(rows)], page_size)
    found = whole(a_post(books), PATH, "sims", listed_of)
    assert [sim.sid for sim in found] == [sid(number) for number in range(rows)]
    assert books.pages_sent == max(1, -(-rows // page_size))


@pytest.mark.parametrize(
    "next_url",
    [
        "https://evil.test/v1/Sims?PageToken=1",
        "http://supersim.test/v1/Sims?PageToken=1",
        "https://supersim.test:8443/v1/Sims?PageToken=1",
        "//supersim.test/v1/Sims",
    ],
)
def test_a_next_page_elsewhere_is_not_asked_for(next_url: str) -> None:
    sender = Answers(lambda _: page([shown(1)], next_url))
    with pytest.raises(ProviderUnavailable, match="goes on at another place"):
        whole(a_post(sender), PATH, "sims", listed_of)
    assert len(sender.sent) == 1


def test_a_page_that_leads_back_ends_in_an_error() -> None:
    sender = Answers(lambda _: page([shown(1)], HOST + PATH))
    with pytest.raises(ProviderUnavailable, match="leads back to a page"):
        whole(a_post(sender), PATH, "sims", listed_of)
    numbers = iter(range(100))
    sender = Answers(lambda _: page([shown(1)], f"{HOST}{PATH}&Page={next(numbers)}&PageToken=same"))
    with pytest.raises(ProviderUnavailable, match="leads back to a page"):
        whole(a_post(sender), PATH, "sims", listed_of)


def test_a_list_without_end_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.supersim_pages.PAGES_MAX", 7)
    numbers = iter(range(100))
    sender = Answers(lambda _: page([shown(1)], f"{HOST}{PATH}&PageToken={next(numbers)}"))
    with pytest.raises(ProviderUnavailable, match="more than 7 pages"):
        whole(a_post(sender), PATH, "sims", listed_of)
    assert len(sender.sent) == 7


def test_the_next_page_is_asked_for_just_as_its_url_stands() -> None:
    opaque = "/v1/Sims?PageToken=a%2Bb%3D%3D&Page=1&PageSize=1000"
    answers = iter([page([shown(1)], HOST + opaque), page([], None)])
    sender = Answers(lambda _: next(answers))
    whole(a_post(sender), PATH, "sims", listed_of)
    assert [request.path for request in sender.sent] == [PATH, opaque]


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (answer(200, {"meta": {"next_page_url": None}}), "no sims in it"),
        (answer(200, {"sims": None, "meta": {"next_page_url": None}}), "no sims in it"),
        (answer(200, {"sims": {}, "meta": {"next_page_url": None}}), "no sims in it"),
        (answer(200, {"fleets": [], "meta": {"next_page_url": None}}), "no sims in it"),
        (answer(200, []), "no sims in it"),
        (Answer(200, {}, b"<html>"), "not JSON"),
        (answer(200, {"sims": []}), "does not say whether"),
        (answer(200, {"sims": [], "meta": {}}), "does not say whether"),
        (answer(200, {"sims": [], "meta": {"next_page_url": 3}}), "does not say whether"),
        (answer(200, {"sims": [], "meta": {"next_page_url": ""}}), "does not say whether"),
        (page([], HOST + "/v1/Sims?PageToken=1"), "not the last"),
        (refusal(400, 83600, "bad"), "83600 bad"),
        (answer(404), "HTTP 404"),
        (page([{"sid": sid(1)}], None), "a Sim has no account_sid"),
        (page([shown(1, iccid=8988307000010000001)], None), "something else than text"),
        (page([shown(1, iccid=8.98e19)], None), "something else than text"),
        (page([shown(1, status=None)], None), "something else than text"),
        (page([shown(1, sid="")], None), "something else than text"),
        (page([shown(1, fleet_sid=3)], None), "something else than text"),
        (answer(200, {"sims": [3], "meta": {"next_page_url": None}}), "a Sim has no sid"),
    ],
)
def test_what_is_no_page_is_not_read_as_an_empty_one(got: Answer, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        page_of(got, "sims", listed_of)


def test_refused_credentials_are_told_as_such() -> None:
    for got in (refusal(401, 20003), answer(401), refusal(403, 20006)):
        with pytest.raises(CredentialsRefused, match="does not let us in"):
            next(pages(a_post(Answers(lambda _, got=got: got)), PATH, "sims", listed_of))  # type: ignore[misc] # bound now


def test_an_unreadable_page_is_asked_for_again_and_then_given_up() -> None:
    answers = iter([answer(200, {}), refusal(500, 20500), page([shown(1)], None)])
    assert len(whole(a_post(Answers(lambda _: next(answers))), PATH, "sims", listed_of)) == 1
    sender = Answers(lambda _: answer(200, {}))
    with pytest.raises(ProviderUnavailable, match="no sims in it"):
        whole(a_post(sender), PATH, "sims", listed_of)
    assert len({request.path for request in sender.sent}) == 1


def listed(*entries: dict[str, object]) -> list[Listed]:
    def send(_: Request) -> Answer:
        return page(list(entries), None)

    return whole(a_post(Answers(send)), PATH, "sims", listed_of)


def test_rows_are_the_accounts_own_with_a_usable_iccid() -> None:
    found = listed(
        shown(1, fleet_sid="HFx", unique_name="van 1"),
        shown(2, account=SOUTH),
        shown(3, iccid="8988"),
        shown(4, iccid="898830700001000000４"),
        shown(5, account=NORTH.lower(), unique_name="", fleet_sid=""),
    )
    rows = rows_of(pl.DataFrame(found, schema=LISTED, orient="row"), NORTH)
    assert rows.select("sim_id", "group", "name").rows() == [(sid(1), "HFx", "van 1"), (sid(5), None, None)]
    assert rows["key"].str.len_chars().to_list() == [19, 19]
