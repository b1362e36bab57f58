"""A Prefect site on loopback: server, process worker and deployments, in a folder of its own, stopped by process id."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from tests.prefect.prefect_desk import ROOT

READY_S_MAX = 60.0
RUN_S_MAX = 60.0
STOP_S_MAX = 15.0
BUSY_S_MAX = 30.0
REQUEST_S_MAX = 60.0
POLL_S = 0.1
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

Answer = dict[str, object]


@dataclass(frozen=True)
class Site:
    """What an operator has who follows docs/prefect.md."""

    url: str
    folder: Path
    environment: dict[str, str]

    def ask(self, path: str, body: Answer | None = None) -> object:
        """The API's answer, asked for again while its SQLite database is busy (503)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"content-type": "application/json"})
        deadline = time.monotonic() + BUSY_S_MAX
        while True:
            try:
                with urllib.request.urlopen(request, timeout=REQUEST_S_MAX) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refusal:
                if refusal.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(POLL_S)

    def prefect(self, *arguments: str) -> str:
        """What a command of Prefect says, run in the project's folder."""
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def run(self, deployment: str, **parameters: object) -> Answer:
        """The flow run of a deployment after it has ended on the worker."""
        made = self.ask(f"/deployments/name/{deployment}")
        assert isinstance(made, dict)
        flow_run = self.ask(
            f"/deployments/{made['id']}/create_flow_run", {"parameters": parameters, "idempotency_key": deployment}
        )
        deadline = time.monotonic() + RUN_S_MAX
        while time.monotonic() < deadline:
            assert isinstance(flow_run, dict)
            if flow_run["state_type"] in FINAL:
                return flow_run
            time.sleep(POLL_S)
            flow_run = self.ask(f"/flow_runs/{flow_run['id']}")
        raise AssertionError(f"{deployment} did not end: {flow_run}")

    def artifacts(self, flow_run: Answer) -> list[Answer]:
        """What a flow run left to look at."""
        found = self.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run["id"]]}}})
        assert isinstance(found, list)
        return found

    def answers(self, path: str) -> bool:
        """Whether the API answers to that path, with something that is true."""
        try:
            return bool(self.ask(path))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def site(folder: Path, environment: dict[str, str], blank: Path) -> Iterator[Site]:
    """A site with our deployments and one worker that is polling; its database begins as a copy of the blank one."""
    home = Path(environment["PREFECT_HOME"])
    home.mkdir()
    shutil.copyfile(blank, home / "prefect.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    quiet = environment | {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    }
    working = quiet | {"PREFECT_API_URL": url, "SIMFERRY_ROOT": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    made = Site(url, folder, working)
    with (
        _process(folder / "server.log", quiet, "server", "start", "--port", str(port), "--no-ui"),
        _process_when(made, "/health", folder / "worker.log", working),
    ):
        _wait(made, "/work_pools/simferry")
        made.prefect("deploy", "--all")
        yield made


@contextmanager
def _process_when(made: Site, path: str, log: Path, environment: dict[str, str]) -> Iterator[None]:
    """A worker, started once the server answers; it makes its work pool itself."""
    _wait(made, path)
    with _process(log, environment, "worker", "start", "--pool", "simferry", "--type", "process", "--limit", "1"):
        yield


def _wait(made: Site, path: str) -> None:
    deadline = time.monotonic() + READY_S_MAX
    while not made.answers(path):
        assert time.monotonic() < deadline, "".join(log.read_text() for log in made.folder.glob("*.log"))
        time.sleep(POLL_S)


@contextmanager
def _process(log: Path, environment: dict[str, str], *arguments: str) -> Iterator[None]:
    """A long-lived command of Prefect, interrupted at the end as Ctrl-C would, and killed where that is not enough."""
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments],
            cwd=log.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
