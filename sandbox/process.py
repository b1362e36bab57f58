"""The server's process as its parent holds it: started, listened to, and ended whatever happens."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from domain.errors import UsageError
from sandbox.child import Settings

START_S_MAX = 60.0
STOP_S_MAX = 10.0
LOG_FILE = "sandbox.log"
LOG_CHARACTERS_SHOWN = 2_000


@contextmanager
def serving(home: Path, settings: Settings) -> Iterator[tuple[int, int]]:
    """Port and process id of a server, which ends on leaving; raises `UsageError` where it does not start."""
    here = Path(__file__).resolve().parent.parent
    with (home / LOG_FILE).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
            [sys.executable, "-m", "sandbox.child", settings.as_text()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), os.environ.get("PYTHONPATH", "")])},
            start_new_session=True,  # Ctrl-C is for the parent, which then closes the pipe
        )
    try:
        yield _port(child, home / LOG_FILE), child.pid
    finally:
        _stop(child)


def _port(child: subprocess.Popen[bytes], log: Path) -> int:
    """The port the child says it listens on."""
    said = _line(child.stdout, START_S_MAX) if child.stdout else b""
    if not said.strip().isdigit():
        tail = log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARACTERS_SHOWN:].strip()
        raise UsageError(f"The sandbox did not start. Its last words are in {log}:\n{tail}")
    return int(said)


def _line(stream: IO[bytes], wait_s_max: float) -> bytes:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(wait_s_max) else b""


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Close the child's input, and end it by force where it does not go."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()
