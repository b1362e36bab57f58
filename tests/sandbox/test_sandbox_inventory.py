"""The simulated lists of SIMs and devices, held against emnify's documents."""

from __future__ import annotations

import sqlite3

import httpx
import polars as pl
import pytest

from domain.identifiers import check_digit
from sandbox import accounts
from sandbox.remote import Sandbox
from sandbox.truth import Truth

SIMS = "/api/v1/sim"


def ids(answer: httpx.Response) -> list[int]:
    return [sim["id"] for sim in answer.json()]


def in_source(truth: Truth) -> pl.DataFrame:
    return truth.where().filter(pl.col("workspace_id") == accounts.SOURCE)


def test_the_pages_together_are_the_workspace_each_sim_once(api: httpx.Client, truth: Truth) -> None:
    first = api.get(SIMS, params={"per_page": 300})
    pages = int(first.headers["X-Total-Pages"])
    seen = [one for page in range(1, pages + 1) for one in ids(api.get(SIMS, params={"per_page": 300, "page": page}))]
    assert seen == in_source(truth)["sim_id"].sort().to_list()
    assert first.headers["X-Total-Count"] == str(len(seen))


def test_the_four_headers_come_with_a_bare_array(api: httpx.Client) -> None:
    answer = api.get(SIMS, params={"per_page": 100, "page": 2})
    assert isinstance(answer.json(), list)
    assert answer.headers["X-Current-Page"] == "2"
    assert answer.headers["X-Count-Per-Page"] == "100"
    assert answer.headers["X-Total-Pages"] == str(-(-int(answer.headers["X-Total-Count"]) // 100))


def test_a_page_past_the_end_answers_the_last_page_again(api: httpx.Client) -> None:
    last = api.get(SIMS, params={"per_page": 100}).headers["X-Total-Pages"]
    assert ids(api.get(SIMS, params={"per_page": 100, "page": 10_000})) == ids(
        api.get(SIMS, params={"per_page": 100, "page": last})
    )


def test_a_page_size_is_two_thousand_by_default_and_silently_capped(api: httpx.Client) -> None:
    assert api.get(SIMS).headers["X-Count-Per-Page"] == "2000"
    assert api.get(SIMS, params={"per_page": 99_999}).headers["X-Count-Per-Page"] == "2500"


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "per_page=0", "q=status", "q=colour:1", "sort=x", "a=1"]
)
def test_queries_that_mean_nothing_are_400(api: httpx.Client, query: str) -> None:
    assert api.get(f"{SIMS}?{query}").status_code == 400


def test_a_sim_shows_its_body_its_check_digit_and_a_device_only_where_it_has_one(
    api: httpx.Client, truth: Truth
) -> None:
    for sim in api.get(SIMS).json():
        assert sim["iccid_with_luhn"] == sim["iccid"] + check_digit(sim["iccid"])
        assert len(sim["iccid"]) == 19
        assert len(sim["imsi"]) == 15
        assert sim["eid"] is None or (len(sim["eid"]) == 32 and int(sim["eid"]) % 97 == 1)
    attached = in_source(truth).drop_nulls("endpoint_id").row(0, named=True)
    assert api.get(f"{SIMS}/{attached['sim_id']}").json()["endpoint"]["id"] == attached["endpoint_id"]
    loose = in_source(truth).filter(pl.col("endpoint_id").is_null()).row(0, named=True)
    assert "endpoint" not in api.get(f"{SIMS}/{loose['sim_id']}").json()


def test_a_filter_on_status_counts_what_it_lets_through(api: httpx.Client, truth: Truth) -> None:
    expected = in_source(truth).filter(pl.col("status") == 1)["sim_id"].sort().to_list()
    answer = api.get(SIMS, params={"q": "status:1"})
    assert ids(answer) == expected
    assert answer.headers["X-Total-Count"] == str(len(expected))


def test_a_filter_on_iccid_matches_a_part(api: httpx.Client, truth: Truth) -> None:
    body = in_source(truth)["iccid"][0]
    found = [sim["iccid"] for sim in api.get(SIMS, params={"q": f"iccid:{body[:-1]}"}).json()]
    assert len(found) > 1
    assert all(one.startswith(body[:-1]) for one in found)


def test_a_sort_may_go_down(api: httpx.Client) -> None:
    found = [sim["iccid"] for sim in api.get(SIMS, params={"sort": "-iccid"}).json()]
    assert found == sorted(found, reverse=True)


def test_a_sim_of_another_workspace_is_404(api: httpx.Client, truth: Truth) -> None:
    other = truth.where().filter(pl.col("workspace_id") == accounts.TARGET)["sim_id"][0]
    assert (api.get(f"{SIMS}/{other}").status_code, api.get(f"{SIMS}/5").status_code) == (404, 404)


def test_statuses_change_along_the_allowed_ways_alone(api: httpx.Client, truth: Truth) -> None:
    allowed = {0: {1, 4}, 1: {2}, 2: {1}, 3: set[int](), 4: {1}}
    for was, may in allowed.items():
        sims = in_source(truth).filter(pl.col("status") == was)["sim_id"].to_list()
        for wanted in range(5):
            sim = sims.pop()
            answer = api.patch(f"{SIMS}/{sim}", json={"status": {"id": wanted}})
            assert answer.status_code == (204 if wanted in may else 422), (was, wanted)
            now = truth.where().filter(pl.col("sim_id") == sim)["status"][0]
            assert now == (wanted if wanted in may else was)


@pytest.mark.parametrize("body", [{}, {"status": 1}, {"status": {"id": 9}}, {"status": {"id": "1"}}, {"name": "x"}])
def test_a_change_that_is_none_is_400(api: httpx.Client, body: dict[str, object], truth: Truth) -> None:
    assert api.patch(f"{SIMS}/{in_source(truth)['sim_id'][0]}", json=body).status_code == 400


def test_a_device_lets_its_sim_go_and_takes_it_back(api: httpx.Client, truth: Truth) -> None:
    row = in_source(truth).drop_nulls("endpoint_id").row(0, named=True)
    device = f"/api/v1/endpoint/{row['endpoint_id']}"
    assert api.patch(device, json={"sim": {"id": None}}).status_code == 204
    assert "sim" not in api.get(device).json()
    assert "endpoint" not in api.get(f"{SIMS}/{row['sim_id']}").json()
    assert api.patch(device, json={"sim": {"id": row["sim_id"]}}).status_code == 204
    assert api.get(device).json()["sim"]["iccid"] == row["iccid"]
    lines = truth.ledger().filter(pl.col("sim_id") == row["sim_id"])
    assert lines["change"].to_list() == ["endpoint", "endpoint"]


def test_a_sim_that_is_attached_elsewhere_is_422_and_one_that_is_elsewhere_404(api: httpx.Client, truth: Truth) -> None:
    one, two = in_source(truth).drop_nulls("endpoint_id").head(2).rows(named=True)
    device = f"/api/v1/endpoint/{one['endpoint_id']}"
    assert api.patch(device, json={"sim": {"id": two["sim_id"]}}).status_code == 422
    assert api.get(device).json()["sim"]["id"] == one["sim_id"], "a refused change changes nothing"
    assert api.patch(device, json={"sim": {"id": 5}}).status_code == 404


def test_devices_are_listed_by_page(api: httpx.Client, truth: Truth) -> None:
    answer = api.get("/api/v1/endpoint", params={"per_page": 10})
    assert len(answer.json()) == 10
    assert int(answer.headers["X-Total-Count"]) == in_source(truth)["endpoint_id"].drop_nulls().len()


def test_a_wrong_path_is_404_and_a_wrong_method_405(api: httpx.Client) -> None:
    assert api.get("/api/v1/sims").status_code == 404
    answer = api.delete(SIMS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_the_vendors_library_is_served_in_the_form_it_writes(api: httpx.Client, truth: Truth) -> None:
    """emnify-sdk 0.5.3 sends ids as `1.0` with a description beside them, and a bearer called None to begin with."""
    assert api.get(SIMS, headers={"Authorization": "Bearer None"}).status_code == 401
    row = in_source(truth).filter((pl.col("status") == 1) & pl.col("endpoint_id").is_not_null()).row(0, named=True)
    device = f"/api/v1/endpoint/{row['endpoint_id']}"
    suspended, disabled = {"id": 2, "description": "Suspended"}, {"id": 1.0, "description": "Disabled"}
    assert api.patch(f"{SIMS}/{row['sim_id']}", json={"status": suspended}).status_code == 204
    assert api.patch(device, json={"status": disabled}).status_code == 204
    assert api.patch(device, json={"sim": {"id": None}}).status_code == 204
    shown = api.get(device).json()
    assert {"name", "status", "service_profile", "tariff_profile"} <= set(shown)
    assert len(api.get(SIMS, params={"q": "endpoint:null"}).json()) > 0


def test_a_write_to_the_books_from_outside_is_seen(api: httpx.Client, sandbox: Sandbox) -> None:
    before = int(api.get(SIMS).headers["X-Total-Count"])
    with sqlite3.connect(sandbox.home / "emnify.sqlite") as books:
        books.execute("DELETE FROM sim WHERE id = (SELECT max(id) FROM sim WHERE workspace_id = ?)", (accounts.SOURCE,))
    books.close()
    assert int(api.get(SIMS).headers["X-Total-Count"]) == before - 1
