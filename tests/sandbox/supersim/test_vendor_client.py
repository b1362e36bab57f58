"""What hangs on SIMs, through Twilio's own Python library: registration, fleets, usage, billing, settings, streams."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import polars as pl
import pytest

from sandbox.remote import Sandbox
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH, Account
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Settled, Take, in_fleet, where

pytestmark = pytest.mark.filterwarnings("ignore")  # the library's own
rest = pytest.importorskip("twilio.rest", reason="Twilio's library is not installed")
Refused = pytest.importorskip("twilio.base.exceptions").TwilioRestException
Connect: TypeAlias = Callable[[Account], Any]  # the library has no types


@pytest.fixture
def connect(sandbox: Sandbox) -> Connect:
    def connected(account: Account) -> Any:  # noqa: ANN401 - the library has no types
        client = rest.Client(account.sid, account.auth_token)
        client.supersim.base_url = sandbox.base_url
        return client.supersim.v1

    return connected


def test_it_streams_a_whole_account_page_by_page_and_stops_at_a_limit(connect: Connect, truth: Truth) -> None:
    sims = connect(SOUTH).sims
    held = truth.where().filter(account_name="south")["sim_id"]
    assert sorted(sim.sid for sim in sims.stream(page_size=50)) == sorted(held)
    assert len(list(sims.stream(page_size=7, limit=20))) == 20
    page = sims.page(page_size=5)
    second = page.next_page()
    assert [sim.sid for sim in second.previous_page()] == [sim.sid for sim in page]


def test_it_filters_by_status_fleet_and_iccid(connect: Connect, truth: Truth) -> None:
    north = connect(NORTH)
    ours = truth.where().filter(account_name="north")
    found = {sim.sid for sim in north.sims.list(status="inactive", fleet="Trackers", page_size=100)}
    assert found == set(ours.filter(status="inactive", fleet_name="Trackers")["sim_id"])
    body, digit, sid = ours.select("iccid", "check_digit", "sim_id").row(0)
    assert [sim.sid for sim in north.sims.list(iccid=body + digit)] == [sid]
    assert connect(SOUTH).sims.list(iccid=body + digit) == []


def test_it_registers_a_sim_once_and_is_refused_a_wrong_code(connect: Connect, truth: Truth) -> None:
    depot = connect(DEPOT)
    first, second = truth.unregistered().tail(2).rows(named=True)
    made = depot.sims.create(iccid=first["iccid"] + first["check_digit"], registration_code=first["code"])
    assert (made.sid, made.status, made.account_sid) == (first["sim_id"], "new", DEPOT.sid)
    for sim, code in ((first, first["code"]), (second, "WRONGCODE1")):
        with pytest.raises(Refused) as refused:
            depot.sims.create(iccid=sim["iccid"] + sim["check_digit"], registration_code=code)
        assert refused.value.code in {83001, 83002, 83003}


def test_it_lists_and_fetches_fleets(connect: Connect, truth: Truth) -> None:
    south = connect(SOUTH)
    named = {fleet.unique_name: (fleet.sid, fleet.data_limit) for fleet in south.fleets.list()}
    books = truth.fleets().filter(account=SOUTH.sid)
    assert named == {name: (sid, limit) for name, sid, limit in books.select("name", "fleet", "limit_mb").iter_rows()}
    assert south.fleets("Rollout").fetch().account_sid == SOUTH.sid
    with pytest.raises(Refused) as refused:
        south.fleets("Pilot").fetch()
    assert refused.value.code == 20404


def test_it_reads_billing_periods_and_the_usage_since_the_current_one_began(connect: Connect, take: Take) -> None:
    north, sid = connect(NORTH), take("active")
    current, *_ = north.sims(sid).billing_periods.list()
    assert (current.sim_sid, current.period_type) == (sid, "active")
    assert current.start_time < datetime.now(UTC) < current.end_time
    (whole,) = north.usage_records.list(sim=sid, granularity="all", start_time=current.start_time)
    assert whole.data_total == whole.data_upload + whole.data_download > 0
    midnight = current.start_time.replace(hour=0, minute=0, second=0, microsecond=0)
    days = north.usage_records.list(
        sim=sid, granularity="day", start_time=midnight, end_time=midnight + timedelta(days=25), page_size=2
    )
    assert sum(day.data_total for day in days) == whole.data_total
    by_fleet = north.usage_records.list(group="fleet", granularity="all", start_time=midnight)
    assert {record.fleet_sid for record in by_fleet} - {None} <= {fleet.sid for fleet in north.fleets.list()}


def test_it_reads_the_history_of_settings_of_a_sim(connect: Connect, truth: Truth) -> None:
    north = connect(NORTH)
    listed = north.settings_updates.list(page_size=20, limit=45)
    assert len(listed) == 45
    sid = listed[0].sim_sid
    assert sid in set(truth.where().filter(account_name="north")["sim_id"])
    assert {update.sim_sid for update in north.settings_updates.list(sim=sid)} == {sid}


def test_what_a_moved_sim_leaves_behind_is_read_by_its_old_account_and_not_by_the_new(
    connect: Connect, take: Take, truth: Truth, settled: Settled
) -> None:
    north, south, sid = connect(NORTH), connect(SOUTH), take("active", in_fleet("Pilot"))
    since = north.sims(sid).billing_periods.list()[0].start_time
    (before,) = north.usage_records.list(sim=sid, granularity="all", start_time=since)
    assert north.sims(sid).update(status="inactive").status == "scheduled"
    assert settled(sid) == "inactive"
    assert connect(DEPOT).sims(sid).update(account_sid=SOUTH.sid, fleet="Rollout").account_sid == SOUTH.sid
    assert where(truth, sid)["fleet_name"] == "Rollout"
    assert south.sims(sid).billing_periods.list() == []
    (after,) = north.usage_records.list(sim=sid, granularity="all", start_time=since)
    assert after.data_total == before.data_total
    assert sum(record.data_total for record in south.usage_records.list(sim=sid, granularity="all")) == 0
    assert pl.Series([sid]).is_in([sim.sid for sim in south.sims.list(page_size=1000)]).all()


@pytest.mark.parametrize(
    ("status", "fields", "code"),
    [
        ("active", {"account_sid": SOUTH.sid, "fleet": "Rollout"}, 83600),
        ("new", {"account_sid": SOUTH.sid, "fleet": "Pilot"}, 83006),
        ("inactive", {"status": "ready"}, 83010),
        ("active", {"fleet": ""}, 83008),
    ],
)
def test_a_refusal_has_its_code(connect: Connect, take: Take, status: str, fields: dict[str, str], code: int) -> None:
    with pytest.raises(Refused) as refused:
        connect(DEPOT).sims(take(status, in_fleet("Pilot"))).update(**fields)
    assert refused.value.code == code
