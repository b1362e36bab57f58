"""Soracom over HTTP: as the vendor's command line asks, with faults in between, and what others do beside the API."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import httpx
import polars as pl
import pytest

from sandbox.homes import books_in
from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.soracom.accounts import EAST, FAR, FRESH, WEST
from sandbox.soracom.switches import Switches
from sandbox.soracom.truth import Truth
from sandbox.supersim.accounts import NORTH
from sandbox.world import Mix, Name, seed
from tests.sandbox.soracom.conftest import ISSUE, TRANSFER, VERIFY, Sim, issued, let_in, offer, refused, statuses

Some: TypeAlias = Callable[[int], list[Sim]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("sandbox")
    seed(home, 1_000, mix=Mix.FURNISHED, provider=Name.SORACOM)
    with running(home, rate_scale=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    served.set_faults([])
    served.set_switches(**as_texts(Switches()))
    served.forget_requests()
    return served


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture
def east(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, trust_env=False, timeout=20) as client:
        yield let_in(client, EAST)


@pytest.fixture
def west(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, trust_env=False, timeout=20) as client:
        yield let_in(client, WEST)


@pytest.fixture
def some(truth: Truth) -> Some:
    """The last SIMs that are still the east's and ready."""

    def last(count: int) -> list[Sim]:
        ready = truth.where().filter(operator_name="east", status="ready").tail(count)
        return [Sim(sim_id, imsi) for sim_id, imsi in ready.select("iccid", "imsi").iter_rows()]

    return last


class CommandLine:
    """The vendor's client as it was seen on the wire: a `?` behind every path, and no Accept header."""

    def __init__(self, base_url: str) -> None:
        place = urlsplit(base_url)
        self.connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)
        self.headers = {"User-Agent": "soracom-cli/1.2.3", "X-Soracom-Lang": "en"}
        self.next_key = ""

    def ask(self, method: str, path: str, body: object = None, **query: str) -> object:
        self.connection.putrequest(method, f"/v1{path}?{urlencode(query)}", skip_accept_encoding=True)
        sent = b"" if body is None else json.dumps(body).encode()
        for name, value in self.headers.items():
            self.connection.putheader(name, value)
        if body is not None:
            self.connection.putheader("Content-Type", "application/json")
            self.connection.putheader("Content-Length", str(len(sent)))
        self.connection.endheaders(sent or None)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status in {200, 204}, text
        self.next_key = answer.headers.get("X-Soracom-Next-Key", "")
        return json.loads(text) if text else None

    def close(self) -> None:
        self.connection.close()

    def log_in(self, key_id: str, key: str) -> None:
        granted = self.ask("POST", "/auth", {"authKeyId": key_id, "authKey": key, "tokenTimeoutSeconds": 86_400})
        assert isinstance(granted, dict)
        self.headers |= {"X-Soracom-Api-Key": granted["apiKey"], "X-Soracom-Token": granted["token"]}


def test_the_vendors_command_line_lists_issues_verifies_and_deletes(sandbox: Sandbox, some: Some, truth: Truth) -> None:
    with closing(CommandLine(sandbox.base_url)) as source, closing(CommandLine(sandbox.base_url)) as target:
        _by_command_line(source, target, some, truth)


def _by_command_line(source: CommandLine, target: CommandLine, some: Some, truth: Truth) -> None:
    source.log_in(EAST.auth_key_id, EAST.auth_key)
    target.log_in(WEST.auth_key_id, WEST.auth_key)
    listed: list[dict[str, str]] = []
    query: dict[str, str] = {}
    while not listed or query:
        page = source.ask("GET", "/sims", **query)
        assert isinstance(page, list)
        listed += page
        query = {"last_evaluated_key": source.next_key} if source.next_key else {}
    assert [sim["simId"] for sim in listed] == truth.where().filter(operator_name="east")["iccid"].to_list()
    first, second = some(2)
    kept, dropped = (source.ask("POST", "/subscribers/transfer_token/issue", offer([sim])) for sim in (first, second))
    assert isinstance(kept, dict)
    assert isinstance(dropped, dict)
    assert source.ask("DELETE", f"/subscribers/transfer_token/{dropped['token']}") is None
    assert target.ask("POST", "/subscribers/transfer_token/verify", kept) == {"transferredImsi": [first.imsi]}
    assert statuses(truth, [first]) == {("west", "ready")}
    assert statuses(truth, [second]) == {("east", "ready")}


def test_the_other_side_clicks_the_link_in_its_email(sandbox: Sandbox, east: httpx.Client, some: Some) -> None:
    truth = Truth(sandbox.home)
    sims = some(5)
    for count in (2, 1, 2):
        issued(east, [sims.pop() for _ in range(count)], FAR)
    mails = truth.emails().tail(3)
    assert mails["address"].to_list() == [FAR.email] * 3
    assert mails["token"].to_list() == truth.tokens().tail(3)["token"].to_list()
    assert sandbox.accept_offers("far", latest=1) == [2]
    assert sorted(sandbox.accept_offers(FAR.operator)) == [1, 2]
    assert sandbox.accept_offers("far") == []
    assert truth.tokens().tail(3)["state"].to_list() == ["accepted"] * 3
    assert truth.moves().tail(5)["request"].to_list() == [0] * 5, "no request of the API's"


def test_a_click_of_who_cannot_pay_changes_nothing(sandbox: Sandbox, east: httpx.Client, some: Some) -> None:
    sims = some(1)
    token = issued(east, sims, FRESH)
    with pytest.raises(HTTPError) as error:
        sandbox.accept_offers("fresh")
    with error.value:
        assert "payment" in error.value.read().decode()
    sandbox.set_payment("fresh", "registered")
    assert sandbox.accept_offers("fresh") == [1]
    sandbox.set_payment("fresh", "none")
    assert refused(east.delete(f"{TRANSFER}/{token}")) == "SBX3010"


def test_devices_connect_and_support_transfers(sandbox: Sandbox, some: Some, truth: Truth) -> None:
    first, second = some(2)
    sandbox.connect_sims(first.sim_id, second.sim_id)
    assert statuses(truth, [first, second]) == {("east", "active")}
    sandbox.transfer_by_support("west", first.sim_id)
    assert statuses(truth, [first]) == {("west", "active")}
    for body in ({"sims": ["nobody"]}, {"sims": "x"}, {}):
        assert httpx.put(f"{sandbox.base_url}/_sandbox/connect", json=body, trust_env=False).status_code == 400


def test_sims_go_active_right_after_an_issue_and_right_before_a_verify(
    sandbox: Sandbox, east: httpx.Client, west: httpx.Client, some: Some, truth: Truth
) -> None:
    sandbox.set_faults(
        [
            {"act": "goes_active", "path": "*/issue", "count": 1, "nth": 1},
            {"act": "goes_active", "path": "*/verify", "count": 2},
        ]
    )
    sims = some(5)
    token = issued(east, sims)
    assert statuses(truth, sims[:1]) == {("east", "active")}
    assert west.post(VERIFY, json={"token": token}).json()["transferredImsi"] == [sim.imsi for sim in sims[3:]]
    assert statuses(truth, sims[:3]) == {("east", "active")}
    assert statuses(truth, sims[3:]) == {("west", "ready")}


def test_a_change_is_done_and_its_answer_lost(sandbox: Sandbox, east: httpx.Client, some: Some, truth: Truth) -> None:
    sims = some(2)
    sandbox.set_faults([{"act": "drop_after", "path": "*/issue"}])
    with pytest.raises(httpx.RemoteProtocolError):
        east.post(ISSUE, json=offer(sims))
    assert statuses(truth, sims) == {("east", "transferring")}
    assert truth.tokens().tail(1)["state"].item() == "open", "by a token that nobody holds but the books"


def test_an_issue_that_lies_and_one_that_is_partial(
    sandbox: Sandbox, east: httpx.Client, some: Some, truth: Truth
) -> None:
    sims = some(3)
    sandbox.set_faults([{"act": "lie", "path": "*/issue", "nth": 1}, {"act": "partial", "path": "*/issue", "count": 1}])
    issued(east, sims)
    assert statuses(truth, sims) == {("east", "ready")}
    assert east.post(ISSUE, json=offer(sims)).status_code == 500
    assert statuses(truth, sims[:1]) == {("east", "transferring")}
    assert statuses(truth, sims[1:]) == {("east", "ready")}


def test_a_verify_may_be_partial_late_or_name_others(
    sandbox: Sandbox, east: httpx.Client, west: httpx.Client, some: Some, truth: Truth
) -> None:
    sims = some(6)
    tokens = [issued(east, sims[start : start + 2]) for start in (0, 2, 4)]
    sandbox.set_faults(
        [
            {"act": "partial", "path": "*/verify", "count": 1, "nth": 1},
            {"act": "omit", "path": "*/verify", "nth": 2},
            {"act": "foreign", "path": "*/verify", "nth": 3},
        ]
    )
    assert west.post(VERIFY, json={"token": tokens[0]}).status_code == 500
    assert (statuses(truth, sims[:1]), statuses(truth, sims[1:2])) == ({("west", "ready")}, {("east", "transferring")})
    assert west.post(VERIFY, json={"token": tokens[1]}).json()["transferredImsi"] == [sims[2].imsi]
    named = west.post(VERIFY, json={"token": tokens[2]}).json()["transferredImsi"]
    assert (named[0] != sims[4].imsi, named[1]) == (True, sims[5].imsi)
    assert statuses(truth, sims[2:]) == {("west", "ready")}


def test_settings_are_lost_between_yes_and_books(sandbox: Sandbox, east: httpx.Client, some: Some) -> None:
    (sim,) = some(1)
    path = f"/v1/sims/{sim.sim_id}"
    sandbox.set_faults([{"act": "lie", "path": "*/tags"}, {"act": "refuse", "path": "*/set_group", "code": 2003}])
    assert east.put(f"{path}/tags", json=[{"tagName": "x", "tagValue": "y"}]).json()["tags"]["x"] == "y"
    assert "x" not in east.get(path).json()["tags"]
    assert refused(east.post(f"{path}/set_group", json={"groupId": "any"})) == "SBX2003"


def test_faults_know_a_sim_by_its_id_and_by_its_imsi(sandbox: Sandbox, east: httpx.Client, some: Some) -> None:
    first, second = some(2)
    sandbox.set_faults([{"act": "error_before", "sim": first.imsi}, {"act": "throttle", "sim": second.sim_id}])
    assert east.get(f"/v1/sims/{first.sim_id}").status_code == 500
    assert east.get(f"/v1/subscribers/{first.imsi}").status_code == 500
    throttled = east.get(f"/v1/subscribers/{second.imsi}")
    assert (throttled.status_code, refused(throttled)) == (429, "SBX1009")
    assert east.get("/v1/sims?limit=1").status_code == 200


def test_pages_come_wrong(sandbox: Sandbox, east: httpx.Client) -> None:
    first = east.get("/v1/sims?limit=3")
    key = first.headers["x-soracom-next-key"]
    second = {"limit": "3", "last_evaluated_key": key}
    sandbox.set_faults(
        [
            {"act": "wrong_pages", "repeat": True, "path": "/v1/sims", "nth": 1},
            {"act": "wrong_pages", "path": "/v1/sims", "nth": 2},
            {"act": "omit", "path": "/v1/sims", "nth": 3},
            {"act": "keyless", "path": "/v1/sims", "nth": 4},
        ]
    )
    assert east.get("/v1/sims", params=second).headers["x-soracom-next-key"] == key
    empty = east.get("/v1/sims", params=second)
    assert (empty.json(), empty.headers["x-soracom-next-key"] != key) == ([], True)
    assert len(east.get("/v1/sims", params=second).json()) == 2
    assert east.get("/v1/sims", params=second).json() == {}


def test_what_was_sent_is_counted_by_its_call(sandbox: Sandbox, east: httpx.Client, some: Some) -> None:
    (sim,) = some(1)
    sandbox.forget_requests()
    east.get(f"/v1/sims/{sim.sim_id}")
    assert set(sandbox.in_flight_max()) == {"GET /v1/sims/{sim_id}", "*"}


def test_a_killed_server_has_kept_what_it_answered_and_its_tokens(tmp_path: Path) -> None:
    seed(tmp_path, 50, mix=Mix.PLAIN, provider=Name.SORACOM)
    truth = Truth(tmp_path)
    sims = [Sim(*row) for row in truth.where().head(2).select("iccid", "imsi").iter_rows()]
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        token = issued(let_in(client, EAST), sims)
        os.kill(sandbox.pid, signal.SIGKILL)
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        assert let_in(client, WEST).post(VERIFY, json={"token": token}).status_code == 200
    assert truth.moved_twice() == []
    assert truth.moves()["request"].to_list() == [4, 4], "numbers go on behind those of the ledger"


def test_all_providers_live_in_one_home_behind_one_port(tmp_path: Path) -> None:
    for name in Name:
        seed(tmp_path, 100, provider=name)
    assert books_in(tmp_path) == list(Name)
    with (
        running(tmp_path, switches={"gaps": "skipped", "no_usage": "empty", "imei_locks": "kept"}) as sandbox,
        httpx.Client(base_url=sandbox.base_url, trust_env=False) as client,
    ):
        assert "sims" in client.get("/v1/Sims", auth=(NORTH.sid, NORTH.auth_token)).json()
        assert refused(client.get("/v1/sims")) == "SBX1003"
        assert isinstance(let_in(client, EAST).get("/v1/sims").json(), list)
        assert client.get("/_sandbox/switches").json()["imei_locks"] == "kept"
    assert Truth(tmp_path).where().filter(pl.col("moves") > 0).height == 0
