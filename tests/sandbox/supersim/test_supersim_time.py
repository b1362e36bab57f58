"""What time and use bring: ripening, billing periods, usage that stays, history that follows."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import polars as pl
import pytest

from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed
from tests.sandbox.supersim.conftest import Settled, client_of, refused, where

DAY_S = 86_400.0


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One of each test's own, because these tests move its clock."""
    home = tmp_path_factory.mktemp("time")
    seed(home, 200, provider=Name.SUPERSIM)
    with running(home, switches={"done_after_s": "0.05"}) as sandbox:
        yield sandbox


def one(truth: Truth, status: str, *conditions: pl.Expr) -> str:
    found = truth.where().filter(pl.col("account") == NORTH.sid, pl.col("status") == status, *conditions)
    return str(found["sim_id"][0])


def rows(client: httpx.Client, path: str, key: str) -> list[dict[str, JSON]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, JSON]] = answer.json()[key]
    return found


def test_a_ready_sim_becomes_active_by_itself_after_three_months(
    sandbox: Sandbox, north: httpx.Client, truth: Truth
) -> None:
    sid = one(truth, "ready")
    sandbox.advance_clock(60 * DAY_S)
    assert north.get(f"/v1/Sims/{sid}").json()["status"] == "ready"
    sandbox.advance_clock(31 * DAY_S)
    assert north.get(f"/v1/Sims/{sid}").json()["status"] == "active"
    line = truth.ledger().row(by_predicate=pl.col("sim_id") == sid, named=True)
    assert (line["was"], line["became"], line["request"]) == ("ready", "active", 0)


def test_a_ready_sim_becomes_active_by_itself_at_250_kb(sandbox: Sandbox, north: httpx.Client, truth: Truth) -> None:
    sid = one(truth, "ready")
    iccid = str(north.get(f"/v1/Sims/{sid}").json()["iccid"])
    sandbox.use_data(iccid, 249_999)
    assert where(truth, sid)["status"] == "ready"
    sandbox.use_data(iccid, 1)
    assert where(truth, sid)["status"] == "active"
    kinds = [period["period_type"] for period in rows(north, f"/v1/Sims/{sid}/BillingPeriods", "billing_periods")]
    assert kinds == ["active", "ready"]


def test_periods_run_on_while_a_sim_is_on_air_and_new_sims_have_none(
    sandbox: Sandbox, north: httpx.Client, truth: Truth
) -> None:
    path = f"/v1/Sims/{one(truth, 'active')}/BillingPeriods"
    (period,) = rows(north, path, "billing_periods")
    assert (period["period_type"], str(period["sid"])[:2], period["account_sid"]) == ("active", "HB", NORTH.sid)
    sandbox.advance_clock(31 * DAY_S)
    latest, before = rows(north, path, "billing_periods")
    assert (latest["start_time"], before) == (period["end_time"], period)
    assert rows(north, f"/v1/Sims/{one(truth, 'new')}/BillingPeriods", "billing_periods") == []


def test_after_an_inactive_move_there_are_no_periods_until_the_old_one_ends(
    sandbox: Sandbox, north: httpx.Client, depot: httpx.Client, south: httpx.Client, truth: Truth, settled: Settled
) -> None:
    sid = one(truth, "active")
    path = f"/v1/Sims/{sid}"
    depot.post(path, data={"Status": "inactive"})
    assert settled(sid) == "inactive"
    assert len(rows(north, path + "/BillingPeriods", "billing_periods")) == 1
    assert depot.post(path, data={"AccountSid": SOUTH.sid, "Fleet": "Rollout"}).status_code == 200
    assert refused(north.get(path + "/BillingPeriods")) == 20404
    depot.post(path, data={"Status": "active"})
    assert settled(sid) == "active"
    assert rows(south, path + "/BillingPeriods", "billing_periods") == []
    sandbox.advance_clock(31 * DAY_S)
    (period,) = rows(south, path + "/BillingPeriods", "billing_periods")
    assert period["account_sid"] == SOUTH.sid


def test_a_sim_whose_period_has_lapsed_gets_a_new_one_when_it_is_reactivated(
    sandbox: Sandbox, north: httpx.Client, truth: Truth, settled: Settled
) -> None:
    sid = one(truth, "inactive", pl.col("fleet").is_not_null())
    sandbox.advance_clock(100 * DAY_S)
    (lapsed,) = rows(north, f"/v1/Sims/{sid}/BillingPeriods", "billing_periods")
    north.post(f"/v1/Sims/{sid}", data={"Status": "active"})
    assert settled(sid) == "active"
    latest, before = rows(north, f"/v1/Sims/{sid}/BillingPeriods", "billing_periods")
    assert before == lapsed
    assert str(latest["start_time"]) > str(lapsed["end_time"])


def test_usage_stays_behind_with_the_account_that_had_it(
    sandbox: Sandbox, north: httpx.Client, depot: httpx.Client, south: httpx.Client, truth: Truth, settled: Settled
) -> None:
    sid = one(truth, "active")
    iccid = str(north.get(f"/v1/Sims/{sid}").json()["iccid"])
    path = f"/v1/UsageRecords?Sim={sid}&Granularity=all"
    (before,) = rows(north, path, "usage_records")
    assert int(str(before["data_total"])) > 0
    assert before["sim_sid"] == sid
    depot.post(f"/v1/Sims/{sid}", data={"Status": "inactive"})
    settled(sid)
    depot.post(f"/v1/Sims/{sid}", data={"AccountSid": SOUTH.sid, "Fleet": "Rollout"})
    sandbox.use_data(iccid, 1_000)
    sandbox.advance_clock(3_600)
    (stayed,), (fresh,) = rows(north, path, "usage_records"), rows(south, path, "usage_records")
    assert stayed["data_total"] == before["data_total"]
    assert fresh["data_total"] == 1_000


def test_usage_is_added_up_by_day_and_hour_and_by_sim_and_fleet(north: httpx.Client, truth: Truth) -> None:
    sid = one(truth, "active")
    (whole,) = rows(north, f"/v1/UsageRecords?Sim={sid}", "usage_records")
    for granularity in ("day", "hour"):
        records = rows(north, f"/v1/UsageRecords?Sim={sid}&Granularity={granularity}", "usage_records")
        assert sum(int(str(record["data_total"])) for record in records) == whole["data_total"]
        starts = [str(record["period"]["start_time"]) for record in records if isinstance(record["period"], dict)]
        assert starts == sorted(starts, reverse=True)
        assert len(starts) == 3
    (everything,) = rows(north, "/v1/UsageRecords", "usage_records")
    for group, key in (("sim", "sim_sid"), ("fleet", "fleet_sid")):
        records = rows(north, f"/v1/UsageRecords?Group={group}&PageSize=1000", "usage_records")
        assert sum(int(str(record["data_total"])) for record in records) == everything["data_total"]
        assert len({record[key] for record in records}) == len(records)


def test_where_nothing_was_used_a_whole_is_nought_or_empty_as_switched(
    sandbox: Sandbox, north: httpx.Client, truth: Truth
) -> None:
    path = f"/v1/UsageRecords?Sim={one(truth, 'new')}"
    assert [record["data_total"] for record in rows(north, path, "usage_records")] == [0]
    assert rows(north, path + "&Granularity=day", "usage_records") == []
    sandbox.set_switches(no_usage="empty")
    assert rows(north, path, "usage_records") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Granularity=week", 83600),
        ("Group=country", 83600),
        ("StartTime=yesterday", 83600),
        ("StartTime=2026-11-02T00:00:00Z&EndTime=2026-11-01T00:00:00Z", 83600),
        ("Granularity=day&StartTime=2026-11-01T05:00:00Z", 83601),
        ("Granularity=hour&StartTime=2026-11-01T05:00:07Z", 83602),
    ],
)
def test_a_usage_request_that_is_none_is_refused(north: httpx.Client, query: str, code: int) -> None:
    assert refused(north.get(f"/v1/UsageRecords?{query}")) == code


def test_the_history_of_settings_follows_the_sim(sandbox: Sandbox, truth: Truth) -> None:
    with client_of(sandbox, NORTH) as north, client_of(sandbox, SOUTH) as south, client_of(sandbox, DEPOT) as depot:
        inactive = truth.where().filter(pl.col("account") == NORTH.sid, pl.col("status") == "inactive")["sim_id"]
        paths = {sid: f"/v1/SettingsUpdates?Sim={sid}" for sid in inactive}
        sid = next(one for one, path in paths.items() if rows(north, path, "settings_updates"))
        history = rows(north, paths[sid], "settings_updates")
        assert depot.post(f"/v1/Sims/{sid}", data={"AccountSid": SOUTH.sid, "Fleet": ""}).status_code == 200
        assert rows(north, paths[sid], "settings_updates") == []
        assert rows(south, paths[sid], "settings_updates") == history
        failed = rows(north, "/v1/SettingsUpdates?Status=failed", "settings_updates")
        assert {update["status"] for update in failed} == {"failed"}
        assert refused(north.get("/v1/SettingsUpdates?Status=lost")) == 83600
