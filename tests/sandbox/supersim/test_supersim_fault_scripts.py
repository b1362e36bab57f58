"""Faults on Super SIM: by path, by count and by SIM, and together (each by itself: ../test_fault_vocabulary.py)."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import NORTH, SOUTH, TOKEN_PATH
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Settled, Take, in_fleet, refused, where

SIMS = "/v1/Sims"


def move(depot: httpx.Client, sid: str) -> httpx.Response:
    return depot.post(f"{SIMS}/{sid}", data={"AccountSid": SOUTH.sid})


def deactivate(client: httpx.Client, sid: str) -> httpx.Response:
    return client.post(f"{SIMS}/{sid}", data={"Status": "inactive"})


@pytest.fixture
def fault(sandbox: Sandbox) -> Callable[..., None]:
    return lambda act, **more: sandbox.set_faults([{"act": act, **more}])


def test_a_429_with_and_without_retry_after_is_not_processed(
    fault: Callable[..., None], depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", in_fleet(None))
    for more, header in ((dict[str, JSON](), None), ({"retry_after_s": 7}, "7")):
        fault("throttle", **more)
        answer = move(depot, sid)
        assert (answer.status_code, refused(answer), answer.headers.get("Retry-After")) == (429, 20429, header)
    assert where(truth, sid)["moves"] == 0


def test_errors_and_cuts_come_before_or_after_the_move(
    fault: Callable[..., None], depot: httpx.Client, take: Take, truth: Truth
) -> None:
    for act, moves in (("error_before", 0), ("error_after", 1), ("drop_before", 0), ("drop_after", 1), ("partial", 1)):
        sid = take("new", in_fleet(None))
        fault(act)
        if act.startswith("drop"):
            with pytest.raises(httpx.RemoteProtocolError):
                move(depot, sid)
        else:
            answer = move(depot, sid)
            assert (answer.status_code, refused(answer)) == (500, 20500)
        assert where(truth, sid)["moves"] == moves, act


def test_a_refusal_can_have_any_code(fault: Callable[..., None], depot: httpx.Client, take: Take, truth: Truth) -> None:
    sid = take("new", in_fleet(None))
    for code in (83004, 20503, 99999):
        fault("refuse", code=code)
        assert refused(move(depot, sid)) == code
    assert where(truth, sid)["moves"] == 0


def test_a_late_move_happens_after_its_error(
    fault: Callable[..., None], depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", in_fleet(None))
    fault("late", seconds=0.3)
    assert refused(move(depot, sid)) == 20500
    assert where(truth, sid)["moves"] == 0
    time.sleep(0.6)
    assert where(truth, sid)["moves"] == 1


def test_a_slow_answer_keeps_its_connection_waiting(
    fault: Callable[..., None], depot: httpx.Client, take: Take
) -> None:
    fault("slow", seconds=0.3)
    began = time.monotonic()
    assert move(depot, take("new", in_fleet(None))).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_a_lie_says_yes_and_does_nothing(
    fault: Callable[..., None], depot: httpx.Client, take: Take, truth: Truth
) -> None:
    sid, other = take("new", in_fleet(None)), take("active")
    fault("lie")
    assert move(depot, sid).json()["account_sid"] == SOUTH.sid
    assert deactivate(depot, other).status_code == 202
    time.sleep(0.2)
    assert (where(truth, sid)["moves"], where(truth, other)["status"]) == (0, "active")


def test_reads_lag_behind_a_write(
    sandbox: Sandbox, fault: Callable[..., None], depot: httpx.Client, north: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("new", in_fleet(None))
    fault("lag", seconds=30, method="POST")
    assert move(depot, sid).status_code == 200
    assert where(truth, sid)["moves"] == 1
    assert north.get(f"{SIMS}/{sid}").json()["account_sid"] == NORTH.sid
    assert sid in {sim["sid"] for sim in north.get(f"{SIMS}?PageSize=1000&Status=new").json()["sims"]}
    sandbox.advance_clock(31)
    assert refused(north.get(f"{SIMS}/{sid}")) == 20404


def test_answers_come_cut_short_as_web_pages_and_without_their_list(
    fault: Callable[..., None], north: httpx.Client
) -> None:
    fault("truncate")
    with pytest.raises(ValueError, match=r".+"):
        north.get(SIMS).json()
    fault("not_json")
    answer = north.get(SIMS)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
    fault("keyless")
    assert north.get(SIMS).json() == {}


def test_answers_leave_sims_out_and_name_sims_of_nobody(
    fault: Callable[..., None], north: httpx.Client, take: Take, truth: Truth
) -> None:
    known = set(truth.where()["sim_id"])
    fault("omit", count=3)
    assert len(north.get(f"{SIMS}?PageSize=10").json()["sims"]) == 7
    fault("foreign", count=2)
    sims = north.get(f"{SIMS}?PageSize=10").json()["sims"]
    assert [sim["sid"] in known for sim in sims] == [False] * 2 + [True] * 8
    sid = take("new")
    assert north.get(f"{SIMS}/{sid}").json()["sid"] not in {sid, *known}
    fault("omit")
    assert north.get(f"{SIMS}/{sid}").json() == {}


def test_pages_come_empty_and_lead_to_themselves(fault: Callable[..., None], north: httpx.Client) -> None:
    fault("wrong_pages", nth=2)
    first = north.get(f"{SIMS}?PageSize=10").json()
    empty = north.get(first["meta"]["next_page_url"]).json()
    assert empty["sims"] == []
    assert len(north.get(empty["meta"]["next_page_url"]).json()["sims"]) == 10
    fault("wrong_pages", repeat=True)
    again = north.get(first["meta"]["next_page_url"]).json()
    assert again["meta"]["next_page_url"] == first["meta"]["next_page_url"]


def test_tokens_expire_in_the_middle(fault: Callable[..., None], anonymous: httpx.Client) -> None:
    grant = {"grant_type": "client_credentials", "client_id": NORTH.client_id, "client_secret": NORTH.client_secret}
    anonymous.headers["Authorization"] = f"Bearer {anonymous.post(TOKEN_PATH, data=grant).json()['access_token']}"
    fault("expire", nth=3)
    assert [anonymous.get(SIMS).status_code for _ in range(4)] == [200, 200, 403, 403]


def test_an_update_that_never_ends_stays_scheduled_whatever_the_time(
    sandbox: Sandbox, fault: Callable[..., None], north: httpx.Client, take: Take, truth: Truth
) -> None:
    sid = take("active")
    fault("never_done", sim=sid)
    assert deactivate(north, sid).status_code == 202
    sandbox.advance_clock(86_400)
    assert north.get(f"{SIMS}/{sid}").json()["status"] == "scheduled"
    assert where(truth, sid)["iccid"] in truth.under_way()
    assert refused(deactivate(north, sid)) == 83009


def test_an_update_may_take_longer_than_the_others(
    sandbox: Sandbox, fault: Callable[..., None], north: httpx.Client, take: Take, settled: Settled
) -> None:
    slow, quick = take("active"), take("active")
    fault("done_late", sim=slow, seconds=500)
    assert {deactivate(north, sid).status_code for sid in (slow, quick)} == {202}
    assert settled(quick) == "inactive"
    assert north.get(f"{SIMS}/{slow}").json()["status"] == "scheduled"
    sandbox.advance_clock(501)
    assert north.get(f"{SIMS}/{slow}").json()["status"] == "inactive"


def test_an_update_that_falls_back_leaves_status_and_fleet_as_they_were(
    fault: Callable[..., None], north: httpx.Client, take: Take, truth: Truth, settled: Settled
) -> None:
    for status, data in (
        ("active", {"Status": "inactive", "Fleet": ""}),
        ("new", {"Status": "active"}),
        ("inactive", {"Status": "active"}),
        ("ready", {"Fleet": "Meters"}),
    ):
        sid = take(status, in_fleet("Pilot"))
        fault("fall_back", sim=sid)
        assert north.post(f"{SIMS}/{sid}", data=data).status_code == 202
        assert settled(sid) == status
        assert where(truth, sid)["fleet_name"] == "Pilot"


def test_a_rule_knows_its_sim_by_sid_by_iccid_and_by_pattern(sandbox: Sandbox, north: httpx.Client, take: Take) -> None:
    sid, other = take("active"), take("active")
    iccid = north.get(f"{SIMS}/{sid}").json()["iccid"]
    for pattern in (sid, iccid, f"*{iccid[-6:]}", f"{sid[:10]}*"):
        sandbox.set_faults([{"act": "refuse", "code": 83004, "sim": pattern}])
        assert north.get(f"{SIMS}/{sid}").status_code == 500, pattern
        assert north.get(SIMS, params={"Iccid": iccid}).status_code == (200 if "HS" in pattern else 500)
        assert north.get(f"{SIMS}/{other}").status_code == 200
        assert north.get(SIMS).status_code == 200


def test_faults_inside_go_together_with_one_that_answers(
    sandbox: Sandbox, north: httpx.Client, take: Take, settled: Settled
) -> None:
    sid = take("active")
    sandbox.set_faults([{"act": "fall_back", "method": "POST"}, {"act": "error_after", "method": "POST"}])
    assert refused(deactivate(north, sid)) == 20500
    assert settled(sid) == "active"
    assert sandbox.requests()[0].acts == ("fall_back", "error_after")
