"""What an operator does to its SIMs: every call, what it refuses, and what hangs together."""

from __future__ import annotations

import httpx
import pytest

from sandbox.soracom.truth import Truth
from tests.sandbox.soracom.conftest import Take, refused

LATER_MS = 1_900_000_000_000


def settings_of(truth: Truth, sim_id: str) -> dict[str, str]:
    return dict(truth.settings([sim_id]).select("setting", "value").iter_rows())


def test_tags_are_added_changed_and_taken_off_one_by_one(east: httpx.Client, take: Take, truth: Truth) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}/tags"
    tags = [{"tagName": "name", "tagValue": "van"}, {"tagName": "depot / yard", "tagValue": ""}]
    assert east.put(path, json=tags).json()["tags"].items() >= {"name": "van", "depot / yard": ""}.items()
    assert east.put(path, json=[{"tagName": "name", "tagValue": "bus"}]).json()["tags"]["name"] == "bus"
    assert truth.where([sim.sim_id])["name"].item() == "bus"
    gone = east.delete(f"{path}/depot%20%2F%20yard")
    assert (gone.status_code, gone.content) == (204, b"")
    again = east.delete(f"{path}/depot%20%2F%20yard")
    assert (again.status_code, refused(again)) == (404, "SBX2004")
    changes = truth.ledger().filter(iccid=sim.sim_id, change="tag:name")["became"].to_list()
    assert changes[-2:] == ["van", "bus"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "van"}, "SBX1005"),
        ([], "SBX1005"),
        ([{"tagName": "name"}], "SBX1005"),
        ([{"tagName": "name", "tagValue": 7}], "SBX1005"),
        ([{"tagName": "", "tagValue": "x"}], "SBX1005"),
        ([{"tagName": "a", "tagValue": "b", "more": 1}], "SBX1005"),
        ([{"tagName": "DSN", "tagValue": "b"}], "SBX2009"),
        ([{"tagName": "a", "tagValue": "b"}, {"tagName": "soracom.gadgets", "tagValue": "b"}], "SBX2009"),
    ],
)
def test_tags_that_are_none_leave_the_sim_as_it_was(
    east: httpx.Client, take: Take, truth: Truth, body: object, code: str
) -> None:
    (sim,) = take(1)
    before = settings_of(truth, sim.sim_id)
    assert refused(east.put(f"/v1/sims/{sim.sim_id}/tags", json=body)) == code
    assert settings_of(truth, sim.sim_id) == before


def test_a_group_is_one_of_the_operators_own(east: httpx.Client, take: Take, truth: Truth) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}"
    groups = {(owner, name): group for group, _, owner, name in truth.groups().rows()}
    assert east.post(f"{path}/set_group", json={"groupId": groups["east", "Meters"]}).json()["groupId"]
    assert truth.where([sim.sim_id])["group_name"].item() == "Meters"
    for foreign in (groups["west", "Trackers"], "nothing"):
        answer = east.post(f"{path}/set_group", json={"groupId": foreign})
        assert (answer.status_code, refused(answer)) == (404, "SBX2003")
    assert refused(east.post(f"{path}/set_group", json={})) == "SBX1005"
    for _ in range(2):
        assert "groupId" not in east.post(f"{path}/unset_group").json()
    assert truth.where([sim.sim_id])["group"].item() is None


def test_a_lock_takes_an_imei_or_that_of_a_session(east: httpx.Client, take: Take, truth: Truth) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}"
    for imei in ("356938035643809", "356938035643809|ANONYMOUS"):
        assert east.post(f"{path}/set_imei_lock", json={"imei": imei}).json()["imeiLock"] == {"imei": imei}
    for wrong in ({"imei": "35693803564380"}, {"imei": "35693803564380X"}, {"imei": "356938035643809|anonymous"}, {}):
        answer = east.post(f"{path}/set_imei_lock", json=wrong)
        assert (answer.status_code, refused(answer)) == (400, "SBX2010")
    assert refused(east.post(f"{path}/set_imei_lock")) == "SBX2010"
    assert "imeiLock" not in east.post(f"{path}/unset_imei_lock").json()
    active = truth.where().filter(operator_name="east", status="active")["iccid"].to_list()
    shown = [east.get(f"/v1/sims/{one}").json() for one in active[:40]]
    online = next(one for one in shown if "imei" in one["sessionStatus"])
    locked = east.post(f"/v1/sims/{online['simId']}/set_imei_lock").json()
    assert locked["imeiLock"]["imei"] == online["sessionStatus"]["imei"]


def test_an_expiry_that_terminates_wants_protection_off_and_stays_when_it_is_on(
    east: httpx.Client, take: Take, truth: Truth
) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}"
    ends = {"expiryTime": LATER_MS, "expiryAction": "terminate"}
    assert east.post(f"{path}/disable_termination").json()["terminationEnabled"] is False
    answer = east.post(f"{path}/set_expiry_time", json=ends)
    assert (answer.status_code, refused(answer)) == (400, "SBX2012")
    assert east.post(f"{path}/set_expiry_time", json=ends | {"expiryAction": "suspend"}).status_code == 200
    assert east.post(f"{path}/enable_termination").json()["terminationEnabled"] is True
    assert east.post(f"{path}/set_expiry_time", json=ends).json()["expiryAction"] == "terminate"
    assert east.post(f"{path}/disable_termination").json()["expiryAction"] == "terminate"
    own = settings_of(truth, sim.sim_id)
    assert (own["expiry"], own["termination_protection"]) == ("2030-03-17T17:46:40.000Z terminate", "on")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"expiryAction": "suspend"}, "SBX1005"),
        ({"expiryTime": str(LATER_MS)}, "SBX1005"),
        ({"expiryTime": float(LATER_MS)}, "SBX1005"),
        ({"expiryTime": LATER_MS, "expiryAction": "explode"}, "SBX1005"),
        ({"expiryTime": LATER_MS, "timestamp": 7}, "SBX1005"),
        ({"expiryTime": 1_600_000_000_000}, "SBX2013"),
    ],
)
def test_an_expiry_that_is_none_is_refused(east: httpx.Client, take: Take, body: object, code: str) -> None:
    assert refused(east.post(f"/v1/sims/{take(1)[0].sim_id}/set_expiry_time", json=body)) == code


def test_an_expiry_has_an_action_or_none_and_is_taken_off_once(east: httpx.Client, take: Take) -> None:
    path = f"/v1/sims/{take(1)[0].sim_id}"
    for more in ({}, {"expiryAction": None}):
        sim = east.post(f"{path}/set_expiry_time", json={"expiryTime": LATER_MS, **more}).json()
        assert (sim["expiryTime"], "expiryAction" in sim) == (LATER_MS, False)
    assert "expiryTime" not in east.post(f"{path}/unset_expiry_time").json()
    again = east.post(f"{path}/unset_expiry_time")
    assert (again.status_code, refused(again)) == (404, "SBX2005")


def test_a_speed_class_is_one_of_the_subscriptions_family(east: httpx.Client, take: Take) -> None:
    path = f"/v1/sims/{take(1)[0].sim_id}/update_speed_class"
    assert east.post(path, json={"speedClass": "s1.8xfast"}).json()["speedClass"] == "s1.8xfast"
    for wrong in ("u1.slow", "arc.standard", "s1.warp"):
        assert refused(east.post(path, json={"speedClass": wrong})) == "SBX2011"
    assert refused(east.post(path, json={})) == "SBX1005"


def test_a_terminated_sim_is_set_to_nothing(east: httpx.Client, take: Take) -> None:
    path = f"/v1/sims/{take(1, status='terminated')[0].sim_id}"
    assert refused(east.put(f"{path}/tags", json=[{"tagName": "a", "tagValue": "b"}])) == "SBX2008"
    for call in ("activate", "unset_group", "disable_termination"):
        answer = east.post(f"{path}/{call}")
        assert (answer.status_code, refused(answer)) == (400, "SBX2008")


def test_calls_without_a_body_take_none(east: httpx.Client, take: Take) -> None:
    path = f"/v1/sims/{take(1)[0].sim_id}"
    for call in ("unset_group", "disable_termination", "enable_termination", "unset_imei_lock", "activate"):
        assert refused(east.post(f"{path}/{call}", json={"really": True})) == "SBX1005"
        assert east.post(f"{path}/{call}").status_code == 200


def test_what_changes_nothing_is_a_yes_without_a_line_in_the_ledger(
    east: httpx.Client, take: Take, truth: Truth
) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}/tags"
    for _ in range(3):
        assert east.put(path, json=[{"tagName": "twice", "tagValue": "told"}]).status_code == 200
    assert truth.ledger().filter(iccid=sim.sim_id, change="tag:twice").height == 1
