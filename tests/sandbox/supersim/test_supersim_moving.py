"""Moves from account to account, with the parent's credentials and within the family."""

from __future__ import annotations

import httpx
import polars as pl
import pytest

from sandbox.remote import Sandbox
from sandbox.supersim.accounts import ANNEX, DEPOT, NORTH, SOUTH, STRANGER
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Settled, Take, in_fleet, refused, where


def move(client: httpx.Client, sid: str, account_sid: str, **also: str) -> httpx.Response:
    return client.post(f"/v1/Sims/{sid}", data={"AccountSid": account_sid, **also})


def test_a_new_sim_moves_at_once_with_the_parents_credentials(
    depot: httpx.Client, north: httpx.Client, south: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", in_fleet(None))
    answer = move(depot, sid, SOUTH.sid)
    assert (answer.status_code, answer.json()["account_sid"], answer.json()["status"]) == (200, SOUTH.sid, "new")
    assert (where(truth, sid)["account_name"], where(truth, sid)["moves"]) == ("south", 1)
    assert refused(north.get(f"/v1/Sims/{sid}")) == 20404
    assert south.get(f"/v1/Sims/{sid}").json()["account_sid"] == SOUTH.sid


def test_sims_move_from_child_to_child_to_parent_and_back_and_each_move_counts(
    depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", in_fleet(None))
    for target in (SOUTH, DEPOT, NORTH):
        assert move(depot, sid, target.sid).json()["account_sid"] == target.sid
    assert where(truth, sid)["moves"] == 3
    assert truth.moves().filter(pl.col("sim_id") == sid)["became"].to_list() == [SOUTH.sid, DEPOT.sid, NORTH.sid]
    assert truth.moved_twice() == [where(truth, sid)["iccid"]]


def test_a_move_to_where_it_is_moves_nothing(depot: httpx.Client, take: Take, truth: Truth) -> None:
    sid = take("new", in_fleet(None))
    assert move(depot, sid, NORTH.sid).status_code == 200
    assert where(truth, sid)["moves"] == 0


def test_only_the_parent_moves_and_only_within_its_family(
    depot: httpx.Client, north: httpx.Client, stranger: httpx.Client, take: Take
) -> None:
    sid = take("new", in_fleet(None))
    answer = move(north, sid, SOUTH.sid)
    assert (answer.status_code, refused(answer)) == (403, 20006)
    for target in (STRANGER.sid, "AC" + "0" * 32, "nobody"):
        assert refused(move(depot, sid, target)) == 20409
    assert refused(move(stranger, sid, STRANGER.sid)) == 83005


def test_a_sim_with_a_fleet_moves_only_with_a_fleet_of_the_new_account_or_none(
    depot: httpx.Client, north: httpx.Client, take: Take, truth: Truth
) -> None:
    with_name, with_sid, with_none = (take("new", in_fleet("Pilot")) for _ in range(3))
    pilot = north.get("/v1/Fleets/Pilot").json()["sid"]
    assert refused(move(depot, with_name, SOUTH.sid)) == 83006
    for fleet in ("Pilot", pilot):
        assert refused(move(depot, with_name, SOUTH.sid, Fleet=fleet)) == 83006
    assert move(depot, with_name, SOUTH.sid, Fleet="Rollout").status_code == 200
    rollout = str(where(truth, with_name)["fleet"])
    assert move(depot, with_sid, SOUTH.sid, Fleet=rollout).json()["fleet_sid"] == rollout
    assert move(depot, with_none, SOUTH.sid, Fleet="").json()["fleet_sid"] is None
    assert [where(truth, sid)["fleet_name"] for sid in (with_name, with_sid, with_none)] == ["Rollout", "Rollout", None]


def test_a_fleet_name_that_both_accounts_have_means_the_new_accounts(
    depot: httpx.Client, south: httpx.Client, take: Take
) -> None:
    sid = take("new", in_fleet("Trackers"))
    answer = move(depot, sid, SOUTH.sid, Fleet="Trackers")
    assert answer.json()["fleet_sid"] == south.get("/v1/Fleets/Trackers").json()["sid"]


def test_a_sim_without_a_fleet_may_be_given_one_on_the_way(depot: httpx.Client, take: Take, truth: Truth) -> None:
    sid = take("new", in_fleet(None))
    assert move(depot, sid, SOUTH.sid, Fleet="Rollout").status_code == 200
    assert where(truth, sid)["fleet_name"] == "Rollout"


def test_a_unique_name_that_is_taken_in_the_new_account_stops_the_move(
    depot: httpx.Client, take: Take, truth: Truth
) -> None:
    theirs = set(truth.where().filter(pl.col("account") == SOUTH.sid)["name"].drop_nulls())
    sid = take("new", pl.col("name").is_in(list(theirs)), in_fleet(None))
    assert refused(move(depot, sid, SOUTH.sid)) == 83011
    assert where(truth, sid)["moves"] == 0
    assert move(depot, sid, SOUTH.sid, UniqueName="renamed on the way").status_code == 200


@pytest.mark.parametrize("status", ["ready", "active"])
def test_what_is_on_air_does_not_move(depot: httpx.Client, take: Take, status: str) -> None:
    assert refused(move(depot, take(status), SOUTH.sid, Fleet="Rollout")) == 83600


def test_an_inactive_sim_moves_where_that_is_unlocked(
    sandbox: Sandbox, depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid, other = take("inactive"), take("inactive")
    answer = move(depot, sid, ANNEX.sid, Fleet="Annex")
    assert (answer.status_code, answer.json()["status"]) == (200, "inactive")
    assert refused(move(depot, sid, NORTH.sid, Fleet="")) == 83600, "the annex has it locked"
    sandbox.set_switches(inactive_moves="all")
    assert move(depot, sid, SOUTH.sid, Fleet="").status_code == 200
    sandbox.set_switches(inactive_moves="none")
    assert refused(move(depot, other, SOUTH.sid, Fleet="")) == 83600
    assert where(truth, sid)["moves"] == 2


def test_account_and_status_do_not_change_in_one_request(depot: httpx.Client, take: Take) -> None:
    assert refused(move(depot, take("new", in_fleet("Pilot")), SOUTH.sid, Fleet="Rollout", Status="active")) == 83600


def test_the_whole_way_of_an_active_sim_is_deactivate_move_activate(
    depot: httpx.Client, take: Take, truth: Truth, settled: Settled
) -> None:
    sid = take("active")
    assert depot.post(f"/v1/Sims/{sid}", data={"Status": "inactive"}).status_code == 202
    assert settled(sid) == "inactive"
    assert move(depot, sid, SOUTH.sid, Fleet="Rollout").status_code == 200
    assert depot.post(f"/v1/Sims/{sid}", data={"Status": "active"}).status_code == 202
    assert settled(sid) == "active"
    assert (where(truth, sid)["account_name"], where(truth, sid)["fleet_name"]) == ("south", "Rollout")
