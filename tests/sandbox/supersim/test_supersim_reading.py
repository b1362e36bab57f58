"""Listing and fetching: what an account sees, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import polars as pl
import pytest

from domain.identifiers import check_digit
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import ALL, NORTH, SOUTH
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Take, client_of, refused


def pages(client: httpx.Client, first: str, way: str = "next_page_url") -> Iterator[dict[str, JSON]]:
    url: str | None = first
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        url = answer.json()["meta"][way]


def sids(page: dict[str, JSON]) -> list[str]:
    sims = page["sims"]
    assert isinstance(sims, list)
    return [str(sim["sid"]) for sim in sims if isinstance(sim, dict)]


@pytest.mark.parametrize("size", [1_000, 333, 50])
def test_the_pages_together_are_the_account_and_each_sim_comes_once(
    north: httpx.Client, truth: Truth, size: int
) -> None:
    listed = [sid for page in pages(north, f"/v1/Sims?PageSize={size}") for sid in sids(page)]
    held = truth.where().filter(pl.col("account") == NORTH.sid)["sim_id"].to_list()
    assert len(listed) == len(set(listed))
    assert set(listed) == set(held)


def test_a_sim_is_shown_as_the_documents_show_it(north: httpx.Client, sandbox: Sandbox) -> None:
    for sim in north.get("/v1/Sims?PageSize=1000").json()["sims"]:
        assert re.fullmatch("HS[0-9a-f]{32}", sim["sid"])
        assert sim["iccid"].startswith("8988307")
        assert len(sim["iccid"]) == 20
        assert check_digit(sim["iccid"][:-1]) == sim["iccid"][-1]
        assert sim["url"] == f"{sandbox.base_url}/v1/Sims/{sim['sid']}"
        assert sim["links"]["billing_periods"] == sim["url"] + "/BillingPeriods"


def test_fifty_come_without_a_page_size_and_urls_are_absolute_on_the_host_that_was_asked(
    north: httpx.Client, sandbox: Sandbox
) -> None:
    port = urlsplit(sandbox.base_url).port
    body = north.get(f"http://localhost:{port}/v1/Sims").json()
    assert len(body["sims"]) == 50
    meta = body["meta"]
    assert (meta["key"], meta["page"], meta["page_size"], meta["previous_page_url"]) == ("sims", 0, 50, None)
    assert meta["next_page_url"].startswith(f"http://localhost:{port}/v1/Sims?PageSize=50&Page=1&PageToken=")
    assert meta["first_page_url"] == meta["url"] == f"http://localhost:{port}/v1/Sims?PageSize=50&Page=0"


def test_the_way_back_shows_the_same_pages(north: httpx.Client) -> None:
    forth = [sids(page) for page in pages(north, "/v1/Sims?PageSize=300")]
    *_, last = pages(north, "/v1/Sims?PageSize=300")
    meta = last["meta"]
    assert isinstance(meta, dict)
    back = [sids(page) for page in pages(north, str(meta["previous_page_url"]), "previous_page_url")]
    assert back == forth[-2::-1]


def test_a_page_number_without_its_token_is_only_the_clients_own_state(north: httpx.Client) -> None:
    first, third = (north.get(f"/v1/Sims?PageSize=10&Page={number}").json() for number in (0, 3))
    assert sids(first) == sids(third)


def test_sims_that_leave_while_pages_are_read_shift_nobody(north: httpx.Client, depot: httpx.Client) -> None:
    first = north.get("/v1/Sims?PageSize=5").json()
    gone = next(sim for sim in first["sims"] if sim["status"] == "new" and sim["fleet_sid"] is None)
    following = sids(north.get(first["meta"]["next_page_url"]).json())
    assert depot.post(f"/v1/Sims/{gone['sid']}", data={"AccountSid": SOUTH.sid}).status_code == 200
    assert sids(north.get(first["meta"]["next_page_url"]).json()) == following


@pytest.mark.parametrize(
    "query",
    [
        "PageSize=0",
        "PageSize=1001",
        "PageSize=ten",
        "PageSize=-1",
        "Page=-1",
        "Status=gone",
        "Status=",
        "PageToken=",
        "PageToken=PA5.0123456789abcdef01234567",
        "PageToken=garbage",
    ],
)
def test_what_is_out_of_bounds_is_refused(north: httpx.Client, query: str) -> None:
    assert refused(north.get(f"/v1/Sims?{query}")) == 83600


def test_a_page_token_is_good_for_its_own_list_and_account_alone(north: httpx.Client, south: httpx.Client) -> None:
    following = north.get("/v1/Sims?PageSize=5").json()["meta"]["next_page_url"]
    token = parse_qs(urlsplit(following).query)["PageToken"][0]
    assert north.get("/v1/Sims", params={"PageToken": token}).status_code == 200
    assert refused(south.get("/v1/Sims", params={"PageToken": token})) == 83600
    assert refused(north.get("/v1/Sims", params={"PageToken": token, "Status": "new"})) == 83600
    assert refused(north.get("/v1/SettingsUpdates", params={"PageToken": token})) == 83600


def test_a_list_can_be_narrowed_by_status_and_fleet(north: httpx.Client, truth: Truth) -> None:
    held = truth.where().filter(pl.col("account") == NORTH.sid)
    for query, expected in (
        ("Status=ready", pl.col("status") == "ready"),
        ("Fleet=Trackers", pl.col("fleet_name") == "Trackers"),
        ("Fleet=Meters&Status=active", (pl.col("fleet_name") == "Meters") & (pl.col("status") == "active")),
        ("Fleet=Rollout", pl.lit(value=False)),
    ):
        listed = [sid for page in pages(north, f"/v1/Sims?PageSize=100&{query}") for sid in sids(page)]
        assert sorted(listed) == sorted(held.filter(expected)["sim_id"])


def test_an_iccid_finds_its_one_sim_on_its_own_account(north: httpx.Client, south: httpx.Client, take: Take) -> None:
    sid = take("new")
    iccid = north.get(f"/v1/Sims/{sid}").json()["iccid"]
    assert sids(north.get("/v1/Sims", params={"Iccid": iccid}).json()) == [sid]
    assert sids(south.get("/v1/Sims", params={"Iccid": iccid}).json()) == []
    assert sids(north.get("/v1/Sims", params={"Iccid": "8988307999999999999"}).json()) == []


def test_unknown_parameters_are_refused_or_ignored_as_switched(sandbox: Sandbox, north: httpx.Client) -> None:
    assert refused(north.get("/v1/Sims?page_size=5")) == 20001
    sandbox.set_switches(unknown_parameters="ignored")
    assert north.get("/v1/Sims?page_size=5").json()["meta"]["page_size"] == 50


def test_a_sim_is_fetched_by_sid_or_unique_name_by_its_own_account_alone(
    sandbox: Sandbox, north: httpx.Client, depot: httpx.Client, stranger: httpx.Client, take: Take
) -> None:
    sid = take("new", pl.col("name").is_not_null(), pl.col("name").str.starts_with("north"))
    name = north.get(f"/v1/Sims/{sid}").json()["unique_name"]
    assert north.get(f"/v1/Sims/{name}").json()["sid"] == sid
    for client in (depot, stranger):
        for one in (sid, name):
            answer = client.get(f"/v1/Sims/{one}")
            assert (answer.status_code, refused(answer)) == (404, 20404)
    sandbox.set_switches(parent_reads="family")
    assert depot.get(f"/v1/Sims/{sid}").json()["account_sid"] == NORTH.sid
    assert refused(stranger.get(f"/v1/Sims/{sid}")) == 20404


def test_an_unregistered_sim_is_in_nobodys_sight(north: httpx.Client, depot: httpx.Client, truth: Truth) -> None:
    sid = truth.unregistered()["sim_id"][0]
    assert refused(north.get(f"/v1/Sims/{sid}")) == 20404
    assert refused(depot.post(f"/v1/Sims/{sid}", data={"UniqueName": "mine"})) == 83005


def test_an_account_sees_its_own_fleets(north: httpx.Client, south: httpx.Client, truth: Truth) -> None:
    fleets = north.get("/v1/Fleets").json()["fleets"]
    assert [fleet["unique_name"] for fleet in fleets] == ["Pilot", "Trackers", "Meters"]
    assert [fleet["data_limit"] for fleet in fleets] == [250, 500, 50]
    theirs = south.get("/v1/Fleets/Trackers").json()
    assert theirs["sid"] not in {fleet["sid"] for fleet in fleets}
    assert south.get(f"/v1/Fleets/{theirs['sid']}").json() == theirs
    assert refused(north.get(f"/v1/Fleets/{theirs['sid']}")) == 20404
    assert refused(north.get("/v1/Fleets/Rollout")) == 20404
    listed = truth.fleets().filter(pl.col("account") == NORTH.sid)["fleet"].to_list()
    assert listed == [fleet["sid"] for fleet in fleets]


def test_short_lists_have_pages_too(north: httpx.Client) -> None:
    found = [page["fleets"] for page in pages(north, "/v1/Fleets?PageSize=2")]
    assert [len(fleets) for fleets in found if isinstance(fleets, list)] == [2, 1]
    *_, last = pages(north, "/v1/Fleets?PageSize=2")
    meta = last["meta"]
    assert isinstance(meta, dict)
    assert north.get(str(meta["previous_page_url"])).json()["fleets"] == found[0]


def test_every_account_can_list_and_the_totals_are_the_world(sandbox: Sandbox, truth: Truth) -> None:
    for account in ALL:
        with client_of(sandbox, account) as client:
            listed = sum(len(sids(page)) for page in pages(client, "/v1/Sims?PageSize=1000"))
        assert (account.sid, account.name, listed) in truth.accounts()
