"""Updates of a SIM within its account, row by row of what the documents say, and every switch where they are silent."""

from __future__ import annotations

import time

import httpx
import polars as pl
import pytest

from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.accounts import DEPOT, NORTH
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Settled, Take, in_fleet, refused, where


def url(sid: str) -> str:
    return f"/v1/Sims/{sid}"


def scheduled(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["status"]) == (202, "scheduled")


@pytest.mark.parametrize("status", ["new", "ready", "active", "inactive", "scheduled"])
def test_a_unique_name_is_given_at_once_in_any_status(
    north: httpx.Client, take: Take, truth: Truth, status: str
) -> None:
    sid = take(status)
    answer = north.post(url(sid), data={"UniqueName": f"named while {status}"})
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert where(truth, sid)["name"] == answer.json()["unique_name"] == f"named while {status}"
    assert north.post(url(sid), data={"UniqueName": ""}).json()["unique_name"] is None


def test_a_unique_name_is_taken_once_in_an_account(north: httpx.Client, take: Take) -> None:
    one, other = take("new"), take("new")
    assert north.post(url(one), data={"UniqueName": "mine"}).status_code == 200
    assert refused(north.post(url(other), data={"UniqueName": "mine"})) == 83011
    assert north.post(url(one), data={"UniqueName": "mine"}).status_code == 200, "its own"


@pytest.mark.parametrize("status", ["new", "inactive"])
def test_the_fleet_of_a_sim_off_air_changes_at_once_by_name_or_sid_or_to_none(
    north: httpx.Client, take: Take, truth: Truth, status: str
) -> None:
    sid = take(status)
    meters = north.get("/v1/Fleets/Meters").json()["sid"]
    for fleet, name in (("Trackers", "Trackers"), (meters, "Meters"), ("", None)):
        answer = north.post(url(sid), data={"Fleet": fleet})
        assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert where(truth, sid)["fleet_name"] == name


@pytest.mark.parametrize("wanted", ["ready", "active"])
def test_a_new_sim_with_a_fleet_is_activated_later_and_is_never_new_again(
    north: httpx.Client, take: Take, settled: Settled, wanted: str
) -> None:
    sid = take("new", in_fleet("Pilot"))
    assert scheduled(north.post(url(sid), data={"Status": wanted}))
    assert settled(sid) == wanted
    assert refused(north.post(url(sid), data={"Status": "new"})) == 83600


def test_activation_wants_a_fleet_and_may_bring_one(north: httpx.Client, take: Take, settled: Settled) -> None:
    sid = take("new", in_fleet(None))
    assert refused(north.post(url(sid), data={"Status": "active"})) == 83007
    assert refused(north.post(url(sid), data={"Status": "ready", "Fleet": ""})) == 83007
    answer = north.post(url(sid), data={"Status": "active", "Fleet": "Meters"})
    assert scheduled(answer)
    assert answer.json()["fleet_sid"] is None, "the old one until it is done"
    assert settled(sid) == "active"
    assert north.get(url(sid)).json()["fleet_sid"] == north.get("/v1/Fleets/Meters").json()["sid"]


def test_an_active_sim_is_deactivated_and_reactivated_each_time_later(
    north: httpx.Client, take: Take, settled: Settled
) -> None:
    sid = take("active")
    assert scheduled(north.post(url(sid), data={"Status": "inactive"}))
    assert settled(sid) == "inactive"
    assert refused(north.post(url(sid), data={"Status": "ready"})) == 83010
    assert scheduled(north.post(url(sid), data={"Status": "active"}))
    assert settled(sid) == "active"
    assert refused(north.post(url(sid), data={"Status": "ready"})) == 83010


def test_an_inactive_sim_without_a_fleet_is_not_reactivated(north: httpx.Client, take: Take) -> None:
    sid = take("inactive", in_fleet(None))
    assert refused(north.post(url(sid), data={"Status": "active"})) == 83007


def test_a_ready_sim_may_be_deactivated_unless_switched(
    sandbox: Sandbox, north: httpx.Client, take: Take, settled: Settled
) -> None:
    sid = take("ready")
    sandbox.set_switches(ready_to_inactive="refused")
    assert refused(north.post(url(sid), data={"Status": "inactive"})) == 83010
    sandbox.set_switches(ready_to_inactive="allowed")
    assert scheduled(north.post(url(sid), data={"Status": "inactive"}))
    assert settled(sid) == "inactive"


@pytest.mark.parametrize("status", ["ready", "active"])
def test_on_air_the_old_fleet_shows_until_the_new_one_is_in_force(
    north: httpx.Client, take: Take, truth: Truth, settled: Settled, status: str
) -> None:
    sid = take(status, in_fleet("Pilot"))
    answer = north.post(url(sid), data={"Fleet": "Trackers"})
    assert scheduled(answer)
    assert answer.json()["fleet_sid"] == north.get("/v1/Fleets/Pilot").json()["sid"]
    assert settled(sid) == status
    assert where(truth, sid)["fleet_name"] == "Trackers"


def test_on_air_a_fleet_is_not_taken_off_but_with_the_status_in_one_request_it_is(
    north: httpx.Client, take: Take, truth: Truth, settled: Settled
) -> None:
    sid = take("active")
    assert refused(north.post(url(sid), data={"Fleet": ""})) == 83008
    assert scheduled(north.post(url(sid), data={"Fleet": "", "Status": "inactive"}))
    assert settled(sid) == "inactive"
    assert where(truth, sid)["fleet_name"] is None


def test_a_scheduled_sim_takes_neither_fleet_nor_status_nor_account(
    north: httpx.Client, depot: httpx.Client, take: Take
) -> None:
    sid = take("scheduled")
    for data in ({"Fleet": "Pilot"}, {"Status": "active"}):
        assert refused(north.post(url(sid), data=data)) == 83009
    assert refused(depot.post(url(sid), data={"AccountSid": DEPOT.sid, "Fleet": ""})) == 83009


def test_a_fleet_that_is_not_the_accounts_is_not_found(north: httpx.Client, south: httpx.Client, take: Take) -> None:
    theirs = south.get("/v1/Fleets/Rollout").json()["sid"]
    for fleet in ("Rollout", theirs, "HF" + "0" * 32):
        assert refused(north.post(url(take("new")), data={"Fleet": fleet})) == 83006


@pytest.mark.parametrize("status", ["ready", "active", "inactive"])
def test_the_status_that_a_sim_has_is_refused_or_accepted_as_switched(
    sandbox: Sandbox, north: httpx.Client, take: Take, status: str
) -> None:
    sid = take(status)
    assert refused(north.post(url(sid), data={"Status": status})) == 83010
    sandbox.set_switches(same_status="accepted")
    answer = north.post(url(sid), data={"Status": status})
    assert (answer.status_code, answer.json()["status"]) == (200, status)


@pytest.mark.parametrize(
    "data",
    [
        {"Status": "scheduled"},
        {"Status": ""},
        {"Status": "Active"},
        {"CallbackMethod": "PUT"},
        {"CallbackUrl": "https://example.com/hook"},
        {"CallbackUrl": "http://192.0.2.1/hook"},
        {"CallbackUrl": "nowhere"},
    ],
)
def test_values_that_are_none_are_refused(north: httpx.Client, take: Take, data: dict[str, str]) -> None:
    assert refused(north.post(url(take("new")), data=data)) == 83600


def test_only_forms_are_read_and_each_parameter_once(sandbox: Sandbox, north: httpx.Client, take: Take) -> None:
    sid = take("new", pl.col("name").is_null())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert refused(north.post(url(sid), json={"UniqueName": "x"})) == 20415
    assert refused(north.post(url(sid), content=b"UniqueName=x")) == 20415
    assert refused(north.post(url(sid), content=b"\xff=\xff", headers=form)) == 20415
    assert refused(north.post(url(sid), content=b"UniqueName=x&UniqueName=y", headers=form)) == 83600
    assert refused(north.post(url(sid), data={"unique_name": "x"})) == 20001
    sandbox.set_switches(unknown_parameters="ignored")
    assert north.post(url(sid), data={"unique_name": "x"}).json()["unique_name"] is None


def test_an_update_of_a_sim_that_is_out_of_sight_is_83005(
    stranger: httpx.Client, south: httpx.Client, depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", pl.col("name").is_not_null())
    for client in (stranger, south):
        answer = client.post(url(sid), data={"UniqueName": "x"})
        assert (answer.status_code, refused(answer)) == (404, 83005)
    name = where(truth, sid)["name"]
    assert refused(depot.post(url(str(name)), data={"Fleet": ""})) == 83005, "a child's name is the child's own"
    assert depot.post(url(sid), data={"Fleet": "Pilot"}).status_code == 200, "its sid the parent may use"


def test_a_name_with_a_slash_is_no_way_to_its_sim(north: httpx.Client, take: Take) -> None:
    sid = take("new")
    assert north.post(url(sid), data={"UniqueName": "a/b"}).status_code == 200
    assert refused(north.get("/v1/Sims/a%2Fb")) == 20404


def test_a_refused_update_changes_nothing_at_all(north: httpx.Client, take: Take, truth: Truth) -> None:
    sid = take("new", in_fleet(None))
    before, lines = where(truth, sid), truth.ledger().height
    assert refused(north.post(url(sid), data={"UniqueName": "half", "Fleet": "Nowhere"})) == 83006
    assert refused(north.post(url(sid), data={"UniqueName": "half", "Status": "active"})) == 83007
    assert (where(truth, sid), truth.ledger().height) == (before, lines)


def test_an_update_without_parameters_changes_nothing_and_is_no_error(
    north: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new")
    lines = truth.ledger().height
    assert north.post(url(sid)).status_code == 200
    assert truth.ledger().height == lines


def test_the_ledger_tells_each_change_with_its_request(
    sandbox: Sandbox, north: httpx.Client, take: Take, truth: Truth, settled: Settled
) -> None:
    sid = take("active", in_fleet("Pilot"))
    sandbox.forget_requests()
    north.post(url(sid), data={"Status": "inactive", "Fleet": "", "UniqueName": "told"})
    number = sandbox.requests()[0].number
    settled(sid)
    lines = truth.ledger().filter(pl.col("sim_id") == sid)
    pilot = north.get("/v1/Fleets/Pilot").json()["sid"]
    name = lines.filter(pl.col("change") == "name")["was"][0]
    assert lines.select("change", "was", "became").rows() == [
        ("name", name, "told"),
        ("status", "active", "scheduled"),
        ("fleet", pilot, None),
        ("status", "scheduled", "inactive"),
    ]
    assert lines["request"].unique().to_list() == [number]


def test_the_delay_is_kept_on_the_sandboxs_clock(sandbox: Sandbox, north: httpx.Client, take: Take) -> None:
    sandbox.set_switches(done_after_s="1000")
    sid = take("active")
    assert scheduled(north.post(url(sid), data={"Status": "inactive"}))
    time.sleep(0.1)
    assert north.get(url(sid)).json()["status"] == "scheduled"
    sandbox.advance_clock(1_000)
    assert north.get(url(sid)).json()["status"] == "inactive"


def test_an_update_under_way_outlives_a_restart(sandbox: Sandbox, north: httpx.Client, take: Take) -> None:
    sandbox.set_switches(done_after_s="1.0")
    sid = take("active")
    assert scheduled(north.post(url(sid), data={"Status": "inactive"}))
    with running(sandbox.home) as again, httpx.Client(base_url=again.base_url, trust_env=False) as client:
        again.advance_clock(2_000)  # its clock knows nothing of the jump above
        answer = client.get(url(sid), auth=(NORTH.sid, NORTH.auth_token))
    assert answer.json()["status"] == "inactive"
