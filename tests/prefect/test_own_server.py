"""A command's own server: there while it is needed, gone whatever happens, and silent towards the outside."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.engine_server import _copy
from tests.prefect.prefect_desk import Desk

BEGINNING = """
    import os, psutil, sys, time
    from tasks.engine import engine
    def say(words):
        print(words, flush=True)
    def server():
        return psutil.Process().children()[0].pid
"""
FLOW = """
    with engine(say):
        from prefect import flow
        from tasks.kinds import reading, touching
        @reading(name="add")
        def add(number: int) -> int:
            return number + 1
        @flow
        def adding() -> int:
            return sum(add(number) for number in range(5))
        print(server(), adding(), adding(), flush=True)
"""
WAIT = """
    try:
        with engine(say):
            print(server(), flush=True)
            time.sleep(60)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_a_flow_runs_on_a_server_of_its_own_and_leaves_nothing_behind(desk: Desk, gone: Callable[[int], bool]) -> None:
    ran = desk.run(BEGINNING + FLOW)
    assert ran.returncode == 0, ran.stderr
    said, counted = ran.stdout.splitlines()
    assert said.startswith("Starting Prefect's own server")
    pid, *sums = counted.split()
    assert sums == ["15", "15"]
    assert ran.stderr == ""
    assert gone(int(pid))
    assert list(desk.folder.glob("simferry-prefect-*")) == []
    assert desk.tried == []


def test_the_guard_of_these_tests_sees_who_wants_out(desk: Desk) -> None:
    ran = desk.run("import urllib.request\nurllib.request.urlopen('https://sens-o-matic.prefect.io/')")
    assert ran.returncode == 1
    assert desk.tried == ["sens-o-matic.prefect.io"]


def test_killing_a_command_takes_its_server_along(desk: Desk, gone: Callable[[int], bool]) -> None:
    with desk.start(BEGINNING + WAIT) as command:
        pid = _server_of(command.stdout)
        command.kill()
        assert gone(pid)
    deadline = time.monotonic() + 5
    while list(desk.folder.glob("simferry-prefect-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(desk.folder.glob("simferry-prefect-*")) == []


def test_ctrl_c_stops_a_command_and_its_server_without_a_word(desk: Desk, gone: Callable[[int], bool]) -> None:
    with desk.start(BEGINNING + WAIT) as command:
        pid = _server_of(command.stdout)
        os.killpg(command.pid, signal.SIGINT)
        _, words = command.communicate(timeout=20)
        assert command.returncode == 130
        assert words == ""
        assert gone(pid)


@pytest.mark.skipif(os.environ.get("SIMFERRY_CHAOS") != "1", reason="takes long: with SIMFERRY_CHAOS=1")
def test_two_commands_at_once_do_not_meet(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other", desk.environment)
    with desk.start(BEGINNING + FLOW) as one, other.start(BEGINNING + FLOW) as two:
        for command in (one, two):
            out, words = command.communicate(timeout=90)
            assert out.splitlines()[1].split()[1:] == ["15", "15"]
            assert words == ""


def test_a_blank_database_that_is_damaged_is_not_used(tmp_path: Path) -> None:
    blank, database = tmp_path / "blank", tmp_path / "database"
    for damage in (b"", b"not a database" * 1000):
        blank.write_bytes(damage)
        assert not _copy(blank, database)
        assert not database.exists()


def test_a_server_that_does_not_answer_is_named_with_the_next_step(desk: Desk) -> None:
    ran = desk.run(BEGINNING + FLOW, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert "ProviderUnavailable: Prefect's server at http://127.0.0.1:9/api does not answer" in ran.stderr
    assert "unset PREFECT_API_URL" in ran.stderr
    assert ran.stdout == ""


def test_the_server_of_the_active_profile_is_the_one_that_is_used(desk: Desk) -> None:
    home = Path(desk.environment["PREFECT_HOME"])
    home.mkdir()
    (home / "profiles.toml").write_text(
        'active = "ours"\n[profiles.ours]\nPREFECT_API_URL = "http://127.0.0.1:9/api"\n', encoding="utf-8"
    )
    ran = desk.run(BEGINNING + FLOW)
    assert "Prefect's server at http://127.0.0.1:9/api does not answer" in ran.stderr


def _server_of(out: object) -> int:
    """The server's process, which the script prints once it is ready."""
    lines = iter(out)  # type: ignore[call-overload]  # the text stream of a process
    assert "own server" in next(lines)
    return int(next(lines))
