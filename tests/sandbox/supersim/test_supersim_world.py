"""Worlds: what is seeded, for one provider or for all of them, and how both live behind one port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import polars as pl
import pytest

from domain.errors import UsageError
from domain.identifiers import luhn_digit
from sandbox import accounts
from sandbox.homes import books_in
from sandbox.positions import names_of
from sandbox.serve import running
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH
from sandbox.supersim.population import UNREGISTERED
from sandbox.supersim.switches import NoUsage, Switches
from sandbox.supersim.truth import Truth
from sandbox.switches import Switches as EmnifySwitches
from sandbox.truth import Truth as EmnifyTruth
from sandbox.world import Mix, Name, seed

ROOT = Path(__file__).resolve().parents[3]
WAIT_S_MAX = 30.0


def test_a_realistic_world_has_every_status_fleets_names_and_clashes(tmp_path: Path) -> None:
    seed(tmp_path, 2_000, provider=Name.SUPERSIM)
    truth = Truth(tmp_path)
    world = truth.where()
    assert world.height == 2_000
    assert sum(sims for _, _, sims in truth.accounts()) == 2_000
    north, south = (world.filter(pl.col("account") == account.sid) for account in (NORTH, SOUTH))
    assert set(north["status"]) == {"new", "ready", "active", "inactive", "scheduled"}
    assert north.filter(pl.col("status") == "new").height > north.height / 2
    assert north.filter(pl.col("status").is_in(["ready", "active"]))["fleet"].null_count() == 0
    assert set(north.filter(pl.col("status") == "new")["fleet_name"]) == {None, "Pilot", "Trackers", "Meters"}
    assert north["name"].drop_nulls().is_unique().all()
    clashes = set(north["name"].drop_nulls()) & set(south["name"].drop_nulls())
    assert 0 < len(clashes) < 20
    assert truth.unregistered().height == UNREGISTERED
    assert (truth.unregistered()["code"].str.len_chars() == 10).all()
    assert truth.under_way() == sorted(world.filter(pl.col("status") == "scheduled")["iccid"])


def test_iccids_are_valid_and_sids_are_sids(tmp_path: Path) -> None:
    seed(tmp_path, 5_000, provider=Name.SUPERSIM)
    world = Truth(tmp_path).where()
    assert world["iccid"].str.starts_with("8988307").all()
    assert (world["iccid"].str.len_chars() == 19).all()
    assert world.select((luhn_digit(pl.col("iccid"), 19) == pl.col("check_digit")).all()).item()
    assert world["sim_id"].str.contains("^HS[0-9a-f]{32}$").all()
    assert world["sim_id"].is_unique().all()


def test_a_plain_world_is_all_new_and_in_the_north(tmp_path: Path) -> None:
    seed(tmp_path, 1_000, mix=Mix.PLAIN, provider=Name.SUPERSIM)
    world = Truth(tmp_path).where()
    assert world.select("account_name", "status", "fleet", "name").unique().rows() == [("north", "new", None, None)]
    assert world.height == 1_000


def test_the_same_seed_gives_the_same_world_at_any_time(tmp_path: Path) -> None:
    for name, number, now_s in (("a", 1, 1e9), ("b", 1, 2e9), ("c", 2, 1e9)):
        seed(tmp_path / name, 1_000, number, provider=Name.SUPERSIM, now_s=now_s)
    one, same, other = (Truth(tmp_path / name).where() for name in "abc")
    assert one.equals(same)
    assert not one.equals(other)


def test_two_hundred_thousand_sims_are_seeded_soon_and_a_page_of_them_comes_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    seed(tmp_path, 200_000, provider=Name.SUPERSIM)
    assert time.monotonic() - began < 30
    auth = (NORTH.sid, NORTH.auth_token)
    with (
        running(tmp_path) as sandbox,
        httpx.Client(base_url=sandbox.base_url, auth=auth, trust_env=False, timeout=WAIT_S_MAX) as north,
    ):
        url: str | None = "/v1/Sims?PageSize=1000"
        listed = 0
        while url:
            body = north.get(url).json()
            listed, url = listed + len(body["sims"]), body["meta"]["next_page_url"]
        took_ms = sorted(sent.took_ms or 0.0 for sent in sandbox.requests())
    assert ("north", listed) in {(name, sims) for _, name, sims in Truth(tmp_path).accounts()}
    assert took_ms[len(took_ms) // 2] < 50, "some 6 ms where nothing else runs"


def test_both_providers_live_in_one_home_behind_one_port(tmp_path: Path) -> None:
    seed(tmp_path, 100)
    seed(tmp_path, 100, provider=Name.SUPERSIM)
    assert books_in(tmp_path) == [Name.EMNIFY, Name.SUPERSIM]
    with (
        running(tmp_path, switches={"gaps": "skipped", "no_usage": "empty"}) as sandbox,
        httpx.Client(base_url=sandbox.base_url, trust_env=False) as client,
    ):
        login = client.post("/api/v1/authenticate", json={"refresh_token": accounts.TRIAL.refresh_token})
        token = {"Authorization": f"Bearer {login.json()['auth_token']}"}
        assert isinstance(client.get("/api/v1/sim", headers=token).json(), list)
        assert "sims" in client.get("/v1/Sims", auth=(NORTH.sid, NORTH.auth_token)).json()
        assert client.get("/v1/Sims", headers=token).status_code == 403, "emnify's token is no token there"
        assert client.get("/v1/sims").status_code == 404, "paths are told apart by capitals"
        sandbox.set_switches(gaps="not_found", no_usage="zero")
        assert client.put("/_sandbox/switches", json={"gaps": "skipped", "colour": "red"}).status_code == 400
        positions = client.get("/_sandbox/switches").json()
        assert (positions["gaps"], positions["no_usage"]) == ("not_found", str(NoUsage.ZERO))
        sandbox.advance_clock(10)


def test_a_home_serves_whichever_books_are_in_it(tmp_path: Path) -> None:
    seed(tmp_path, 50, provider=Name.SUPERSIM)
    with (
        running(tmp_path, switches=Switches()) as sandbox,
        httpx.Client(base_url=sandbox.base_url, trust_env=False) as client,
    ):
        assert client.post("/api/v1/authenticate", json={}).status_code == 404
        assert client.get("/v1/Fleets", auth=(SOUTH.sid, SOUTH.auth_token)).status_code == 200
    with pytest.raises(UsageError, match="gaps"), running(tmp_path, switches={"gaps": "skipped"}):
        pass
    with pytest.raises(UsageError, match="already"):
        seed(tmp_path, 50, provider=Name.SUPERSIM)


def test_no_two_providers_have_a_switch_of_the_same_name() -> None:
    assert names_of(EmnifySwitches).isdisjoint(names_of(Switches))


@pytest.mark.parametrize(("name", "value"), [("done_after_s", "-1"), ("done_after_s", "nan"), ("ready_s", "soon")])
def test_a_number_that_is_none_is_refused(tmp_path: Path, name: str, value: str) -> None:
    seed(tmp_path, 10, provider=Name.SUPERSIM)
    with pytest.raises(UsageError, match=name), running(tmp_path, switches={name: value}):
        pass


def test_request_numbers_go_on_behind_the_highest_of_all_ledgers(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    seed(tmp_path, 10, mix=Mix.PLAIN, provider=Name.SUPERSIM)
    sid = Truth(tmp_path).where()["sim_id"][0]
    for times in (1, 2):
        with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
            data = {"UniqueName": f"time {times}"}
            assert client.post(f"/v1/Sims/{sid}", data=data, auth=(DEPOT.sid, DEPOT.auth_token)).status_code == 200
    assert Truth(tmp_path).ledger()["request"].to_list() == [1, 2]
    assert EmnifyTruth(tmp_path).ledger().height == 0


def test_the_accounts_file_holds_what_is_there_and_its_secrets_lie_beside_it(tmp_path: Path) -> None:
    seed(tmp_path, 10, provider=Name.SUPERSIM)
    written = accounts.write_accounts(tmp_path, "http://127.0.0.1:1")
    table = tomllib.loads(written.read_text())["accounts"]
    assert set(table) == {"depot", "north", "south", "kore-depot", "kore-north", "kore-south"}
    for name, account in table.items():
        assert account["provider"] == "supersim"
        assert account["base_url"] == "http://127.0.0.1:1"
        prefix = "kore-" if name.startswith("kore-") else ""
        assert account.get("parent") == (None if name.endswith("depot") else f"{prefix}depot")
        file = tmp_path / account["client_secret" if prefix else "auth_token"].removeprefix("file:")
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().strip() not in written.read_text()
    assert table["north"]["account"] == table["kore-north"]["account"] == NORTH.sid


def test_the_command_serves_one_provider_where_one_is_asked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = "import sys; from sandbox.serve import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--home", str(home), "--sims", "50", "--provider", "supersim"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as command:
        assert command.stdout is not None
        said = [command.stdout.readline()]
        while "Ctrl-C" not in said[-1]:
            said.append(command.stdout.readline())
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=WAIT_S_MAX)
    assert (command.returncode, errors) == (0, "")
    assert said[0].startswith("Super SIM sandbox at http://127.0.0.1:")
    assert any("--from north --to south" in line for line in said)
    assert not any("pilot" in line for line in said)
    assert books_in(home) == [Name.SUPERSIM]


def test_a_killed_server_has_kept_what_it_answered(tmp_path: Path) -> None:
    seed(tmp_path, 10, mix=Mix.PLAIN, provider=Name.SUPERSIM)
    sid = Truth(tmp_path).where()["sim_id"][0]
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        data = {"AccountSid": SOUTH.sid}
        assert client.post(f"/v1/Sims/{sid}", data=data, auth=(DEPOT.sid, DEPOT.auth_token)).status_code == 200
        os.kill(sandbox.pid, signal.SIGKILL)
    assert Truth(tmp_path).moves()["sim_id"].to_list() == [sid]
