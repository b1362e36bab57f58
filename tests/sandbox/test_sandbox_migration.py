"""The simulated migration, held against emnify's documents, and with every switch where they are silent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import polars as pl
import pytest

from sandbox import accounts
from sandbox.emnify.words import Status
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.truth import Truth

Take = Callable[[int], list[int]]
MIGRATE = "/api/v1/sim/migration/workspace"


def order(workspace: int = accounts.TARGET, /, **fields: JSON) -> dict[str, JSON]:
    return {"target_workspace": {"id": workspace}, **fields}


def named(sims: list[int]) -> list[JSON]:
    return [{"id": sim} for sim in sims]


def one(truth: Truth, sim: int) -> dict[str, object]:
    return truth.where().filter(pl.col("sim_id") == sim).row(0, named=True)


def some(truth: Truth, workspace: int, **columns: int) -> int:
    frame = truth.where().filter(pl.col("workspace_id") == workspace)
    for column, value in columns.items():
        frame = frame.filter(pl.col(column) == value)
    return int(frame["sim_id"][0])


def code_of(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 409
    assert answer.json()["status_code"] == 409
    return [error["error_code"] for error in answer.json()["errors"]]


def test_a_request_that_does_not_say_so_is_a_dry_run(api: httpx.Client, take: Take, truth: Truth) -> None:
    sims = take(3)
    answer = api.post(MIGRATE, json=order(sims=named(sims))).json()
    assert (answer["dry_run"], answer["sim_count"]) == (True, 3)
    assert truth.ledger().is_empty()


def test_a_migration_moves_every_sim_and_writes_each_down_once(api: httpx.Client, take: Take, truth: Truth) -> None:
    sims = take(3)
    answer = api.post(MIGRATE, json=order(sims=named(sims), dry_run=False)).json()
    assert set(answer) == {
        "sim_count",
        "dry_run",
        "auto_detach_devices",
        "target_workspace",
        "allowed_sim_statuses",
        "sims",
    }
    assert answer["target_workspace"] == {"id": accounts.TARGET, "name": "Acme Fleet"}
    assert answer["sims"][0]["source_workspace"] == {"id": accounts.SOURCE, "name": "Acme Pilot"}
    assert [sim["id"] for sim in answer["sims"]] == sims
    assert {one(truth, sim)["workspace_id"] for sim in sims} == {accounts.TARGET}
    moves = truth.moves().filter(pl.col("sim_id").is_in(sims))
    assert moves.select("was", "became").unique().rows() == [(str(accounts.SOURCE), str(accounts.TARGET))]
    assert truth.moved_twice() == []


def test_iccids_and_a_range_move_the_same_as_ids(api: httpx.Client, take: Take, truth: Truth) -> None:
    bodies = [str(one(truth, sim)["iccid"]) for sim in take(2)]
    assert api.post(MIGRATE, json=order(iccids=list[JSON](bodies), dry_run=False)).status_code == 200
    body = str(one(truth, take(1)[0])["iccid"])
    span: JSON = {"start": body, "end": body}
    assert api.post(MIGRATE, json=order(iccid_range=span, dry_run=False)).status_code == 200
    assert truth.where([*bodies, body])["workspace_id"].unique().to_list() == [accounts.TARGET]


def test_an_activated_sim_arrives_suspended_and_an_attached_one_without_its_device(
    api: httpx.Client, truth: Truth
) -> None:
    frame = truth.where().filter((pl.col("workspace_id") == accounts.SOURCE) & (pl.col("status") == 1))
    row = frame.drop_nulls("endpoint_id").row(0, named=True)
    sims = named([row["sim_id"]])
    assert code_of(api.post(MIGRATE, json=order(sims=sims))) == [1502]
    assert code_of(api.post(MIGRATE, json=order(sims=sims, auto_detach_devices=False))) == [1502]
    answer = api.post(MIGRATE, json=order(sims=sims, auto_detach_devices=True, dry_run=False)).json()
    assert answer["sims"][0]["endpoint"]["id"] == row["endpoint_id"]
    now = one(truth, row["sim_id"])
    assert (now["workspace_id"], now["status"], now["endpoint_id"]) == (accounts.TARGET, Status.SUSPENDED, None)
    changes = truth.ledger().filter(pl.col("sim_id") == row["sim_id"])["change"].to_list()
    assert changes == ["workspace", "status", "endpoint"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sims": []},
        {"sims": [{"id": 1}], "iccids": ["8988303000010000000"]},
        {"sims": [{"id": number} for number in range(501)]},
        {"sims": [{"id": "1"}]},
        {"sims": [1]},
        {"sims": [{"id": True}]},
        {"sims": [{"id": 1, "iccid": "x"}]},
        {"iccids": ["89883030000100000006"]},
        {"iccids": ["898830300001000000"]},
        {"iccids": [8988303000010000000]},
        {"iccids": ["898830300001000000٣"]},
        {"iccid_range": {"start": "8988303000010000001", "end": "8988303000010000000"}},
        {"iccid_range": {"start": "8988303000010000000", "end": "8988303000010000500"}},
        {"iccid_range": {"start": "8988303000010000000"}},
        {"sims": [{"id": 1_000_000}], "dry_run": "false"},
        {"sims": [{"id": 1_000_000}], "dry_run": None},
        {"sims": [{"id": 1_000_000}], "allowed_sim_statuses": [{"id": 7}]},
        {"sims": [{"id": 1_000_000}], "source_workspace": {"id": 1}},
        {"sims": [{"id": 1_000_000}, {"id": 1_000_000}]},
    ],
    ids=str,
)
def test_a_body_against_the_documented_form_is_400(api: httpx.Client, fields: dict[str, JSON]) -> None:
    answer = api.post(MIGRATE, json={"target_workspace": {"id": accounts.TARGET}, **fields})
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_other_content_is_415_broken_json_400_and_too_much_413(api: httpx.Client) -> None:
    assert api.post(MIGRATE, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert api.post(MIGRATE, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert api.post(MIGRATE, content=b"[]", headers={"Content-Type": "application/json"}).status_code == 400
    assert api.post(MIGRATE, content=b" " * 2_000_000).status_code == 413


def test_what_is_not_found_is_404_and_unnamed(api: httpx.Client, take: Take, truth: Truth) -> None:
    good = take(1)[0]
    stranger = some(truth, accounts.OUT_OF_SIGHT)
    for bad in (5, stranger):
        answer = api.post(MIGRATE, json=order(sims=named([good, bad]), dry_run=False))
        assert answer.status_code == 404
        assert str(bad) not in answer.text
    assert one(truth, good)["workspace_id"] == accounts.SOURCE, "one bad SIM stops all"
    for target in (accounts.OUT_OF_SIGHT, accounts.OBSERVED, 1):
        assert api.post(MIGRATE, json=order(target, sims=named([good]))).status_code == 404


def test_a_target_that_is_no_enterprise_is_refused(api: httpx.Client, take: Take, sandbox: Sandbox) -> None:
    sims = named(take(1))
    assert api.post(MIGRATE, json=order(accounts.SMALL_OFFICE, sims=sims)).status_code == 400
    sandbox.set_switches(not_enterprise="404")
    assert api.post(MIGRATE, json=order(accounts.SMALL_OFFICE, sims=sims)).status_code == 404


def test_obstacles_are_grouped_by_code_and_name_their_sims(api: httpx.Client, take: Take, truth: Truth) -> None:
    good = take(1)[0]
    observed, brazilian = some(truth, accounts.OBSERVED, status=2), some(truth, accounts.BRAZIL, status=2)
    issued = some(truth, accounts.SOURCE, status=0)
    body = order(sims=named([good, observed, brazilian, issued]), allowed_sim_statuses=[{"id": 2}], dry_run=False)
    answer = api.post(MIGRATE, json=body)
    assert sorted(code_of(answer)) == [1503, 1504, 1505]
    by_code = {error["error_code"]: [sim["id"] for sim in error["sims"]] for error in answer.json()["errors"]}
    assert by_code == {1503: [issued], 1504: [observed], 1505: [brazilian]}
    assert one(truth, good)["workspace_id"] == accounts.SOURCE


def test_each_silence_of_the_documents_can_be_filled_either_way(
    api: httpx.Client,
    take: Take,
    truth: Truth,
    sandbox: Sandbox,
) -> None:
    good = take(1)[0]
    there, attached = some(truth, accounts.TARGET), truth.where().drop_nulls("endpoint_id")["sim_id"][0]

    def status(**fields: JSON) -> int:
        return api.post(MIGRATE, json={"target_workspace": {"id": accounts.TARGET}, **fields}).status_code

    assert status(sims=named([good, good])) == 400
    sandbox.set_switches(duplicates="collapse")
    assert api.post(MIGRATE, json=order(sims=named([good, good]))).json()["sim_count"] == 1
    assert status(sims=named([good, there])) == 404
    sandbox.set_switches(already_there="conflict")
    assert status(sims=named([good, there])) == 409
    sandbox.set_switches(already_there="ignored")
    assert status(sims=named([good, there])) == 200
    assert status(sims=named([attached])) == 409
    sandbox.set_switches(absent_detach="detaches")
    assert status(sims=named([attached])) == 200
    gap: JSON = {"start": "8988303000010000395", "end": "8988303000010000440"}
    assert status(iccid_range=gap) == 404
    sandbox.set_switches(gaps="skipped")
    assert api.post(MIGRATE, json=order(iccid_range=gap)).json()["sim_count"] == 9
    office = some(truth, accounts.SMALL_OFFICE)
    assert status(sims=named([office])) == 200
    sandbox.set_switches(source_scope="token")
    assert status(sims=named([office])) == 404
    activated = some(truth, accounts.SOURCE, status=1)
    for switch, shown in (("before", 1), ("after", 2)):
        sandbox.set_switches(answered_status=switch)
        assert api.post(MIGRATE, json=order(sims=named([activated]))).json()["sims"][0]["status"]["id"] == shown
    sandbox.set_switches(answered_sims="status_only")
    assert api.post(MIGRATE, json=order(sims=named([good]))).json()["sims"] == [
        {"status": {"id": 2, "description": "Suspended"}}
    ]


def test_a_request_may_be_half_done_where_that_is_switched(
    api: httpx.Client,
    take: Take,
    truth: Truth,
    sandbox: Sandbox,
) -> None:
    good, observed = take(1)[0], some(truth, accounts.OBSERVED)
    sandbox.set_switches(unmet="partial")
    body = order(sims=named([good, observed]), dry_run=False, auto_detach_devices=True)
    assert code_of(api.post(MIGRATE, json=body)) == [1504]
    assert one(truth, good)["workspace_id"] == accounts.TARGET


def test_a_thousand_requests_for_the_same_sims_move_them_once(
    api: httpx.Client,
    take: Take,
    truth: Truth,
    sandbox: Sandbox,
) -> None:
    sims = take(5)
    body = order(sims=named(sims), dry_run=False)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: api.post(MIGRATE, json=body).status_code, range(1_000)))
    assert sorted(set(statuses)) == [200, 404]
    assert statuses.count(200) == 1
    assert truth.moves().filter(pl.col("sim_id").is_in(sims))["sim_id"].sort().to_list() == sims
    assert truth.moved_twice() == []
    assert len(sandbox.requests()) == 1_001, "the login and the thousand"


def test_the_inventory_follows_a_migration(api: httpx.Client, take: Take) -> None:
    before = int(api.get("/api/v1/sim?per_page=1").headers["X-Total-Count"])
    sims = take(4)
    api.post(MIGRATE, json=order(sims=named(sims), dry_run=False))
    after = api.get("/api/v1/sim")
    assert int(after.headers["X-Total-Count"]) == before - 4
    assert not {sim["id"] for sim in after.json()} & set(sims)
    assert api.get(f"/api/v1/sim/{sims[0]}").status_code == 404
