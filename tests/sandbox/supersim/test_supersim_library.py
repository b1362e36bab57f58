"""Twilio's own Python library: the requests it sends, replayed, and the library itself where it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from sandbox.remote import Sandbox
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH, Account
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Settled, Take, in_fleet

# What twilio 9.13.0 puts on the wire beside the authorisation, as recorded.
HEADERS = {
    "User-Agent": "twilio-python/9.13.0 (Linux x86_64) Python/3.11.7",
    "X-Twilio-Client": "python-9.13.0",
    "Accept-Charset": "utf-8",
    "Accept": "application/json",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Library:
    """Sends as the library sends: lists and updates call themselves forms, fetches and further pages do not."""

    client: httpx.Client

    def list(self, path: str, **query: str) -> httpx.Response:
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path, HEADERS | FORM)

    def page(self, url: str) -> httpx.Response:
        return self._send("GET", url, HEADERS)

    def fetch(self, path: str) -> httpx.Response:
        return self._send("GET", quote(path), HEADERS)

    def update(self, path: str, **form: str) -> httpx.Response:
        return self._send("POST", path, HEADERS | FORM, urlencode(form).encode())

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> httpx.Response:
        answer = self.client.request(method, url, headers=headers, content=body)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer


def test_the_requests_that_the_library_sends_are_understood(
    north: httpx.Client, depot: httpx.Client, take: Take, truth: Truth, settled: Settled
) -> None:
    own, parent = Library(north), Library(depot)
    sid, bare, active = take("new", in_fleet("Pilot")), take("new", in_fleet(None)), take("active")
    first = own.list("/v1/Sims", PageSize="50").json()
    second = own.page(first["meta"]["next_page_url"]).json()
    assert own.page(second["meta"]["previous_page_url"]).json()["sims"] == first["sims"]
    assert own.list("/v1/Sims", Status="new", PageSize="5").json()["meta"]["key"] == "sims"
    iccid = own.fetch(f"/v1/Sims/{sid}").json()["iccid"]
    assert own.update(f"/v1/Sims/{sid}", UniqueName="My SIM").json()["unique_name"] == "My SIM"
    assert own.fetch("/v1/Sims/My SIM").json()["sid"] == sid
    assert own.list("/v1/Sims", Iccid=iccid).json()["sims"][0]["sid"] == sid
    assert parent.update(f"/v1/Sims/{sid}", Fleet="", AccountSid=SOUTH.sid).json()["fleet_sid"] is None
    moved = parent.update(f"/v1/Sims/{bare}", Fleet="Rollout", AccountSid=SOUTH.sid).json()
    assert (moved["account_sid"], moved["status"]) == (SOUTH.sid, "new")
    hook = "http://127.0.0.1:9/hook"
    answer = own.update(f"/v1/Sims/{active}", Status="inactive", CallbackUrl=hook, CallbackMethod="POST")
    assert answer.status_code == 202
    assert settled(active) == "inactive"
    assert own.list(f"/v1/Sims/{active}/BillingPeriods").json()["billing_periods"][0]["sim_sid"] == active
    day = {"Granularity": "day", "StartTime": "2026-11-01T00:00:00Z", "EndTime": "2026-11-21T00:00:00Z"}
    assert own.list("/v1/UsageRecords", Sim=active, **day).json()["meta"]["key"] == "usage_records"
    assert own.list("/v1/Fleets").json()["fleets"][0]["account_sid"] == NORTH.sid
    assert own.fetch("/v1/Fleets/Trackers").json()["unique_name"] == "Trackers"
    assert own.list("/v1/SettingsUpdates", PageSize="2").json()["meta"]["page_size"] == 2
    free = truth.unregistered().row(0, named=True)
    claimed = own.update("/v1/Sims", Iccid=free["iccid"] + free["check_digit"], RegistrationCode=free["code"])
    assert (claimed.status_code, claimed.json()["status"]) == (201, "new")


@pytest.mark.filterwarnings("ignore")  # the library's own
def test_the_library_itself_lists_fetches_updates_and_pages(
    sandbox: Sandbox, take: Take, truth: Truth, settled: Settled
) -> None:
    rest = pytest.importorskip("twilio.rest", reason="Twilio's library is not installed")
    raises = pytest.importorskip("twilio.base.exceptions").TwilioRestException

    def connected(account: Account) -> Any:  # noqa: ANN401 - the library has no types
        client = rest.Client(account.sid, account.auth_token)
        client.supersim.base_url = sandbox.base_url
        return client.supersim.v1

    north, depot = connected(NORTH), connected(DEPOT)
    sid, active = take("new", in_fleet("Pilot")), take("active")
    held = {sim_id for sim_id, name in truth.where()["sim_id", "account_name"].rows() if name == "north"}
    assert {sim.sid for sim in north.sims.list(page_size=300)} == held
    page = north.sims.page(page_size=3)
    assert urlsplit(page.next_page_url).netloc == urlsplit(sandbox.base_url).netloc
    assert len(list(page.next_page())) == 3
    assert north.sims(sid).fetch().status == "new"
    assert north.sims(sid).update(unique_name="by library").unique_name == "by library"
    moved = depot.sims(sid).update(account_sid=SOUTH.sid, fleet="Rollout")
    assert moved.account_sid == SOUTH.sid
    with pytest.raises(raises) as raised:
        north.sims(sid).fetch()
    assert (raised.value.status, raised.value.code) == (404, 20404)
    assert north.sims(active).update(status="inactive").status == "scheduled"
    assert settled(active) == "inactive"
