"""A sandbox as a process: what it keeps, how it ends, how fast it lets anybody be, and what it is seeded with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from sandbox import accounts
from sandbox.emnify.limits import Limits
from sandbox.faults import Act, Rule
from sandbox.pace import Bucket, Window
from sandbox.scripts import read_script
from sandbox.serve import main, running
from sandbox.truth import Truth
from sandbox.world import Mix, seed

ROOT = Path(__file__).resolve().parents[2]
GONE_S_MAX = 10.0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + GONE_S_MAX
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


@contextmanager
def logged_in(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, trust_env=False, timeout=20) as client:
        answer = client.post("/api/v1/authenticate", json={"refresh_token": accounts.TRIAL.refresh_token})
        client.headers["Authorization"] = f"Bearer {answer.json()['auth_token']}"
        yield client


def test_the_books_outlive_the_server_and_so_do_tokens_and_request_numbers(tmp_path: Path) -> None:
    seed(tmp_path, 100, mix=Mix.PLAIN)
    body = {"target_workspace": {"id": accounts.TARGET}, "sims": [{"id": 1_000_000}], "dry_run": False}
    with running(tmp_path) as sandbox, logged_in(sandbox.base_url) as client:
        assert client.post("/api/v1/sim/migration/workspace", json=body).status_code == 200
        header = client.headers["Authorization"]
        number = sandbox.requests()[-1].number
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        answer = client.get("/api/v1/sim", headers={"Authorization": header})
        assert len(answer.json()) == 99
        assert sandbox.requests()[-1].number > number
    assert Truth(tmp_path).moves()["request"].to_list() == [number]


def test_a_killed_server_has_kept_what_it_answered(tmp_path: Path) -> None:
    seed(tmp_path, 100, mix=Mix.PLAIN)
    body = {"target_workspace": {"id": accounts.TARGET}, "sims": [{"id": 1_000_007}], "dry_run": False}
    with running(tmp_path) as sandbox, logged_in(sandbox.base_url) as client:
        assert client.post("/api/v1/sim/migration/workspace", json=body).status_code == 200
        os.kill(sandbox.pid, signal.SIGKILL)
        wait_until_gone(sandbox.pid)
    assert Truth(tmp_path).moves()["sim_id"].to_list() == [1_000_007]


def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    script = (
        "import sys, time; from pathlib import Path; from sandbox.serve import running\n"
        "with running(Path(sys.argv[1])) as sandbox:\n    print(sandbox.pid, flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    wait_until_gone(pid)


def test_a_server_that_is_asked_to_end_does_so_without_complaint(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    with running(tmp_path) as sandbox:
        os.kill(sandbox.pid, signal.SIGTERM)
        wait_until_gone(sandbox.pid)
    assert (tmp_path / "sandbox.log").read_text() == ""


def test_the_command_seeds_serves_and_stops_quietly_on_ctrl_c(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = "import sys; from sandbox.serve import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--home", str(home), "--sims", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as command:
        assert command.stdout is not None
        first = command.stdout.readline()
        while "Ctrl-C" not in command.stdout.readline():
            pass
        written = tomllib.loads((home / "accounts.toml").read_text())["accounts"]
        assert httpx.get(f"{written['pilot']['base_url']}/_sandbox/health", trust_env=False).status_code == 200
        command.send_signal(signal.SIGINT)
        rest, errors = command.communicate(timeout=GONE_S_MAX)
    assert (command.returncode, errors) == (0, "")
    assert first.startswith("emnify sandbox at http://127.0.0.1:")
    assert "stopped" in rest


def test_the_accounts_file_names_secrets_that_only_their_owner_may_read(tmp_path: Path) -> None:
    written = accounts.write_accounts(tmp_path, "http://127.0.0.1:1")
    table = tomllib.loads(written.read_text())["accounts"]
    assert (table["pilot"]["workspace"], table["fleet"]["workspace"]) == (accounts.SOURCE, accounts.TARGET)
    for reference in (table["pilot"]["password"], table["pilot"]["fingerprint"], table["fleet"]["refresh_token"]):
        file = tmp_path / reference.removeprefix("file:")
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().strip() not in written.read_text()


def test_the_same_seed_gives_the_same_world_and_another_seed_another(tmp_path: Path) -> None:
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        seed(tmp_path / name, 2_000, number)
    one, same, other = (Truth(tmp_path / name).where() for name in "abc")
    assert one.equals(same)
    assert not one.equals(other)
    held = {place: sims for place, _, sims in Truth(tmp_path / "a").workspaces()}
    assert set(held) == {4001, 4002, 4003, 4004, 4005, 4006}
    assert min(held.values()) > 0
    assert one["status"].unique().sort().to_list() == [0, 1, 2, 3, 4]


def test_a_home_is_not_seeded_twice_nor_served_unseeded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Seed one first"), running(tmp_path):
        pass
    seed(tmp_path, 10)
    with pytest.raises(UsageError, match="already"):
        seed(tmp_path, 10)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    script = tmp_path / "faults.toml"
    script.write_text('[[rules]]\nact = "explode"\n')
    with pytest.raises(UsageError, match="explode"), running(tmp_path, faults=script):
        pass


def test_a_fault_script_is_taken_from_the_command_line_and_a_wrong_one_is_told_before_anything_is_seeded(
    tmp_path: Path,
) -> None:
    script = tmp_path / "weather.toml"
    script.write_text('[[rules]]\nact = "refuse"\ncode = "SEM0123"\npath = "/v1/auth"\nnth = 2\n')
    command = [sys.executable, "-m", "flows.cli", "sandbox", "--provider", "soracom", "--sims", "50"]
    command += ["--home", "box", "--faults"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, script.name], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        address = str(re.search(r"http://127\.0\.0\.1:\d+", serving.stdout.readline())[0])  # type: ignore[index] # its first line
        answers = [httpx.post(f"{address}/v1/auth", json={}, trust_env=False).json() for _ in range(2)]
        serving.send_signal(signal.SIGINT)
        serving.stdout.read()
    assert [answer["code"] == "SEM0123" for answer in answers] == [False, True]
    script.write_text('[[rules]]\nact = "explode"\n')
    wrong = subprocess.run(
        [*command, script.name, "--home", "other"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (wrong.returncode, (tmp_path / "other").exists()) == (2, False)
    assert "Rule 1" in wrong.stderr


def test_a_switch_without_a_position_is_a_wrong_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--home", str(tmp_path / "box"), "--switch", "gaps"])
    assert "“gaps” is not NAME=VALUE" in capsys.readouterr().err
    assert not (tmp_path / "box").exists()


def test_latency_is_a_floor_and_requests_share_it(tmp_path: Path) -> None:
    seed(tmp_path, 100)
    with running(tmp_path, rate_scale=0, latency_ms=200) as sandbox, logged_in(sandbox.base_url) as client:
        with ThreadPoolExecutor(8) as pool:
            began = time.monotonic()
            list(pool.map(lambda _: client.get("/api/v1/sim?per_page=10"), range(8)))
            took = time.monotonic() - began
        times = [sent.took_ms or 0 for sent in sandbox.requests()]
        assert min(times) >= 199
        assert took < 8 * 0.2
        assert sandbox.in_flight_max()["GET /api/v1/sim"] > 1


def test_a_rate_that_is_exceeded_is_429_without_retry_after_until_time_lifts_it(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    with running(tmp_path, rate_scale=0.1) as sandbox, logged_in(sandbox.base_url) as client:
        first, second = client.get("/api/v1/sim"), client.get("/api/v1/sim")
        assert (first.status_code, second.status_code) == (200, 429)
        assert "Retry-After" not in second.headers
        sandbox.advance_clock(1)
        assert client.get("/api/v1/sim").status_code == 200
        wrong = [client.post("/api/v1/authenticate", json={"refresh_token": "no"}).status_code for _ in range(10)]
        assert wrong == [401] * 9 + [429], "one of ten was the login"


def test_the_documented_rates_are_kept_per_address() -> None:
    limits = Limits()
    assert [limits.admit("a", "GET /api/v1/sim", 0.0) for _ in range(6)] == [True] * 5 + [False]
    assert limits.admit("b", "GET /api/v1/sim", 0.0)
    assert limits.admit("a", "GET /api/v1/sim", 0.1)
    assert sum(limits.admit("c", "POST /api/v1/authenticate", 0.0) for _ in range(200)) == 100
    assert sum(limits.admit("d", "PATCH /api/v1/sim/{sim}", 0.0) for _ in range(3_000)) == 2_000
    assert limits.admit("d", "PATCH /api/v1/sim/{sim}", 301.0)
    assert all(Limits(0).admit("a", "GET /api/v1/sim", 0.0) for _ in range(100))


def test_a_fault_script_is_read_from_toml_and_json(tmp_path: Path) -> None:
    toml, json = tmp_path / "a.toml", tmp_path / "a.json"
    toml.write_text('[[rules]]\nact = "slow"\nseconds = 2\nfrom = 3\ndry_run = "any"\n')
    json.write_text('[{"act": "slow", "seconds": 2, "from": 3}]')
    assert read_script(toml) == read_script(json) == (Rule(Act.SLOW, seconds=2, first=3),)


@given(first=st.integers(1, 20), length=st.integers(0, 20), every=st.integers(1, 5), requests=st.integers(0, 60))
def test_a_rule_fires_once_per_step_of_its_range(first: int, length: int, every: int, requests: int) -> None:
    rule = Rule(Act.SLOW, first=first, last=first + length, every=every)
    fired = [number for number in range(1, requests + 1) if rule.fires(number)]
    assert fired == list(range(first, min(requests, first + length) + 1, every))


@given(st.lists(st.floats(0, 2), max_size=60))
def test_no_span_ever_holds_more_than_its_limit(gaps: list[float]) -> None:
    window, bucket, now, admitted, let = Window(5, 3.0), Bucket(2, 4), 0.0, list[float](), list[float]()
    for gap in gaps:
        now += gap
        if window.admit(now):
            admitted.append(now)
        if bucket.admit(now):
            let.append(now)
    assert all(sum(end - 3.0 < at <= end for at in admitted) <= 5 for end in admitted)
    assert all(len([at for at in let if begin <= at <= now]) <= 4 + 2 * (now - begin) + 1e-6 for begin in let)


def test_a_hundred_thousand_sims_are_seeded_in_packs_with_gaps(tmp_path: Path) -> None:
    began = time.monotonic()
    seed(tmp_path, 100_000)
    assert time.monotonic() - began < 10
    bodies = Truth(tmp_path).where()["iccid"].cast(pl.Int64)
    steps = bodies.diff().drop_nulls().unique().sort().to_list()
    assert steps == [1, 38]
