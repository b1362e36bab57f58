"""What hangs on an account and its SIMs: fleets, names, billing periods and usage."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import GROUPS, HISTORY
from providers.supersim_fleets import PLAIN_NAME, fleets, taken
from providers.supersim_history import history
from providers.supersim_preflight import preflight, who
from providers.wire import Answer, Request
from tests.providers.doubles import answer
from tests.providers.supersim_doubles import (
    DEPOT,
    NORTH,
    SOUTH,
    Answers,
    Books,
    a_post,
    a_sim,
    body_of,
    page,
    refusal,
    shown,
    sid,
)

NOW = "2023-11-14T22:30:00Z"  # the Timepiece's


def test_fleets_are_the_accounts_own_with_their_limits() -> None:
    rows: list[dict[str, object]] = [
        {"sid": "HF1", "unique_name": "Trackers", "account_sid": NORTH, "data_limit": 500},
        {"sid": "HF2", "unique_name": None, "account_sid": NORTH.lower(), "data_limit": None},
        {"sid": "HF3", "unique_name": "Theirs", "account_sid": SOUTH, "data_limit": 1},
    ]
    sender = Answers(lambda _: page(rows, None, "fleets"))
    found = fleets(a_post(sender))
    assert found.schema == GROUPS
    assert found.rows() == [("HF1", "Trackers", 500), ("HF2", None, None)]
    assert fleets(a_post(Answers(lambda _: page([], None, "fleets")))).schema == GROUPS
    with pytest.raises(ProviderUnavailable, match="a Fleet has no sid"):
        fleets(a_post(Answers(lambda _: page([{"sid": None}], None, "fleets"))))


def test_a_name_is_taken_where_the_account_has_a_sim_of_that_name() -> None:
    account = Books([shown(1, unique_name="van 1"), shown(2, SOUTH, unique_name="van 2")])
    account.send = lambda request: Books.send(account, Request("GET", unquote(request.path)))  # type: ignore[method-assign] # as a server unquotes
    assert taken(a_post(account), ["van 1", "van 2", "van 3"], 2) == {"van 1"}


@given(st.text(max_size=8))
def test_a_plain_name_is_the_last_part_of_a_path_and_nothing_else(name: str) -> None:
    if PLAIN_NAME.fullmatch(name):
        sender = Answers(lambda _: refusal(404, 20404))
        taken(a_post(sender), [name], 1)
        url = urlsplit("https://supersim.test" + sender.sent[0].path)
        assert (unquote(url.path), url.query, url.fragment) == (f"/v1/Sims/{name}", "", "")
    else:
        assert not name or not name.isascii() or name.startswith(".") or not name.isalnum()


@pytest.mark.parametrize("name", ["a/b", "../Sims", ".", "a%2Fb", "a?b", "a#b", "ä", "x" * 65, ""])
def test_a_name_that_might_lead_elsewhere_is_none_to_ask_by(name: str) -> None:
    assert not PLAIN_NAME.fullmatch(name)


def period(number: int, start: str, end: str | None) -> dict[str, object]:
    return {"sid": f"HB{number}", "period_type": "active", "start_time": start, "end_time": end, "sim_sid": sid(1)}


def records(*totals: tuple[int, int, int]) -> Answer:
    rows: list[dict[str, object]] = [
        {"data_total": used, "data_upload": up, "data_download": down, "period": {}} for used, up, down in totals
    ]
    return page(rows, None, "usage_records")


def test_all_periods_are_kept_and_usage_since_the_current_one_began() -> None:
    periods = [
        period(1, "2023-10-02T00:00:00Z", "2023-11-02T00:00:00Z"),
        period(2, "2023-11-02T00:00:00Z", "2023-12-02T00:00:00Z"),
    ]

    def send(request: Request) -> Answer:
        if "BillingPeriods" in request.path:
            return page(periods, None, "billing_periods")
        return records((5_000_000, 1_000_000, 4_000_000), (7, 3, 4))

    sender = Answers(send)
    found = history(a_post(sender), [a_sim(1)], 2)
    assert found.schema == HISTORY
    assert found["key"].to_list() == [body_of(1)] * 2
    assert found.select("period", "starts_at", "bytes_used", "bytes_up", "bytes_down").rows() == [
        ("HB2", "2023-11-02T00:00:00Z", 5_000_007, 1_000_003, 4_000_004),
        ("HB1", "2023-10-02T00:00:00Z", None, None, None),
    ]
    assert set(found["read_at"].str.slice(0, 15)) == {NOW[:15]}
    query = parse_qs(urlsplit(sender.sent[1].path).query)
    assert (query["Sim"], query["Granularity"], query["StartTime"]) == ([sid(1)], ["all"], ["2023-11-02T00:00:00Z"])
    assert "EndTime" not in query


@pytest.mark.parametrize(
    ("periods", "lines"),
    [
        ([], [(None, None, None)]),
        ([period(1, "2023-09-01T00:00:00Z", "2023-10-01T00:00:00Z")], [("HB1", "2023-10-01T00:00:00Z", None)]),
        ([period(1, "2023-11-01T00:00:00+00:00", None)], [("HB1", None, 0)]),
    ],
)
def test_usage_is_asked_for_only_where_a_period_still_runs(
    periods: list[dict[str, object]], lines: list[tuple[object, ...]]
) -> None:
    def send(request: Request) -> Answer:
        return page(periods, None, "billing_periods") if "BillingPeriods" in request.path else records()

    found = history(a_post(Answers(send)), [a_sim(1)], 2)
    assert found.select("period", "ends_at", "bytes_used").rows() == lines


@pytest.mark.parametrize(
    "broken", [{}, {"sid": "HB1"}, period(1, "soon", None), period(1, "2023-11-01T00:00:00", None)]
)
def test_a_period_that_is_none_is_no_empty_history(broken: dict[str, object]) -> None:
    with pytest.raises(ProviderUnavailable, match="billing_periods"):
        history(a_post(Answers(lambda _: page([broken], None, "billing_periods"))), [a_sim(1)], 1)


# Who we are


def test_every_account_that_is_needed_is_asked_once_and_what_cannot_be_known_is_said() -> None:
    north, south, depot = (
        a_post(Answers(lambda _, sid=account: page([shown(1, sid)], None)), account, name=name)  # type: ignore[misc] # bound now
        for account, name in ((NORTH, "north"), (SOUTH, "south"), (DEPOT, "depot"))
    )
    said = preflight(north, south, depot)
    assert len(said) == 4
    assert said[-1].startswith("Skipped: whether depot is the parent of north and south")
    said = preflight(depot, south, depot)
    assert [sentence.split(":")[0] for sentence in said] == ["Account depot", "Account south", "Skipped"]
    assert "the parent of south" in said[-1]
    assert preflight(north, north, north) == (who(north),)


def test_credentials_of_another_account_are_found_out() -> None:
    post = a_post(Answers(lambda _: page([shown(1, SOUTH)], None)))
    with pytest.raises(CredentialsRefused, match=f"open account {SOUTH}, and the accounts file says {NORTH}"):
        who(post)
    empty = a_post(Answers(lambda _: page([], None)))
    assert "it lists no SIMs" in who(empty)
    with pytest.raises(CredentialsRefused, match="does not let us in"):
        who(a_post(Answers(lambda _: answer(401))))
