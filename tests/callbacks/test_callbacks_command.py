"""`simferry callbacks` as a process: it wakes another process within a second, names nobody, and ends well."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest

from domain.errors import Exit
from flows.cli import main
from tests.callbacks.callers import NAME, OWNER, SECRET, SID, TOKEN, URL, by_kore, by_twilio, form, said

ROOT = Path(__file__).resolve().parents[2]
END_S_MAX = 30.0
WITHOUT_ENGINE = """
import sys
from flows.cli import main
code = main(sys.argv[1:])
sys.exit(99 if "prefect" in sys.modules else code)
"""
POLLING = """
import sys, time
from pathlib import Path
from journal.wake import Wake
wake = Wake(Path(sys.argv[1]))
print("waits", flush=True)
named = wake.wait(30, time, {sys.argv[2]})
print(time.time(), *named, flush=True)
"""


@dataclass(frozen=True)
class Listening:
    """A receiver under way."""

    process: subprocess.Popen[str]
    address: str
    opening: str

    def post(self, body: bytes, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(f"{self.address}/supersim", content=body, headers=named, trust_env=False).status_code

    def end(self, number: signal.Signals) -> tuple[str, str]:
        """What it says at its end, on standard output and error."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=END_S_MAX)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    for name, text in (("token", TOKEN), ("secret", SECRET)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    file = tmp_path / "accounts.toml"
    file.write_text(
        f'[accounts.depot]\nprovider = "supersim"\naccount = "{OWNER}"\nauth_token = "file:token"\n'
        f'callback_url = "{URL}"\n'
        f'[accounts.kore-depot]\nprovider = "supersim"\naccount = "{OWNER}"\nclient_id = "us"\n'
        'client_secret = "file:secret"\ncallback_secret = "file:secret"\n'
    )
    return file


@contextmanager
def receiving(accounts: Path, *more: str) -> Iterator[Listening]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SIMFERRY_")}
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_ENGINE, "callbacks", "--accounts", str(accounts), "--port", "0", *more],
        cwd=ROOT,
        env=environ | {"SIMFERRY_HOME": str(accounts.parent / "runs")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        opening = _until_it_listens(process.stderr)
        yield Listening(process, opening.split("received at ")[1].split()[0], opening)
    finally:
        process.kill()
        process.communicate()


def _until_it_listens(stream: IO[str]) -> str:
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if line == "Ctrl-C stops it.\n":
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_a_callback_wakes_another_process_within_a_second(accounts: Path) -> None:
    home = accounts.parent / "runs"
    polling = subprocess.Popen(
        [sys.executable, "-c", POLLING, str(home), SID], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert polling.stdout is not None
    try:
        with receiving(accounts) as receiver:
            assert polling.stdout.readline() == "waits\n"
            sent_at = time.time()
            assert receiver.post(form(said()), x_twilio_signature=by_twilio(URL, said())) == 204
            woken_at, *named = polling.stdout.readline().split()
    finally:
        polling.kill()
        polling.communicate()
    assert named == [SID]
    assert float(woken_at) - sent_at < 1.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_its_counts_and_without_naming_anybody(number: signal.Signals, accounts: Path) -> None:
    body = form(said())
    with receiving(accounts, "--json") as receiver:
        assert f"the provider is told {URL}" in receiver.opening
        assert "depot, kore-depot" in receiver.opening
        for _ in range(2):
            assert receiver.post(body, kore_signature=by_kore("POST", URL, body)) == 204
        assert receiver.post(body, kore_signature="wrong") == 403
        assert httpx.get(f"{receiver.address}/{SID}", trust_env=False).status_code == 404
        out, err = receiver.end(number)
        assert receiver.process.returncode == Exit.OK
    assert json.loads(out) == {
        "listened": receiver.address,
        "urls": [URL],
        "received": 4,
        "woken": 2,
        "unmarked": 0,
        "refused": {"path": 1, "signature": 1},
    }
    for word in (SID, OWNER, NAME, TOKEN, SECRET, "lorry", "active"):
        assert word not in receiver.opening + out + err


def test_its_end_in_words(accounts: Path) -> None:
    with receiving(accounts, "--url", "https://else.example.com/supersim") as receiver:
        assert "the provider is told https://else.example.com/supersim" in receiver.opening
        assert receiver.post(form(said()), x_twilio_signature=by_twilio(URL, said())) == 403
        out, err = receiver.end(signal.SIGINT)
    assert out == "Stopped. 1 received · 0 woken · 1 refused (signature 1)\n"
    assert "compare both" in err


def test_a_port_that_is_taken_is_named(accounts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["callbacks", "--accounts", str(accounts), "--port", str(port)]) == Exit.USAGE
    assert f"port {port}" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_cannot_be_is_a_wrong_command_line(port: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["callbacks", "--port", port])
