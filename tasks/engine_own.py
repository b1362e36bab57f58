"""A command's own Prefect server, held from the command's side: started, waited for, stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import UsageError
from tasks.engine_server import PORT_FILE

START_S_MAX = 90.0  # a first start migrates the database: 9 s on an idle machine with two cores
STOP_S_MAX = 5.0
POLL_S = 0.02
WORDS_BYTES_MAX = 2_000  # of what the server said before it failed

# What the server of one command is without: it has no schedule, no users and no past.
BARE = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
}


@contextmanager
def own_server(quiet: dict[str, str], meanwhile: Callable[[], object]) -> Iterator[str]:
    """The API URL of a server of our own that answers, and ends with the block or with this process.

    `meanwhile` runs while it starts. UsageError where it does not start within START_S_MAX.
    """
    folder = Path(tempfile.mkdtemp(prefix="simferry-prefect-"))
    words = folder / "words"
    try:
        with words.open("wb") as out, _process(folder, quiet, out.fileno()) as process:
            try:
                meanwhile()
                yield f"http://127.0.0.1:{_port(folder, process, words)}/api"
            finally:
                _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _process(folder: Path, quiet: dict[str, str], out: int) -> subprocess.Popen[bytes]:
    """The server's process: blind to the operator's Prefect settings, and out of reach of the terminal's Ctrl-C."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PREFECT_")}
    return subprocess.Popen(  # noqa: S603  # our own module, our own interpreter
        [sys.executable, "-m", "tasks.engine_server", str(folder), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=out,
        env=kept | quiet | BARE | {"PREFECT_HOME": str(folder)},
        cwd=Path(__file__).resolve().parent.parent,
        start_new_session=True,
    )


def _port(folder: Path, process: subprocess.Popen[bytes], words: Path) -> int:
    """The port on which the server answers."""
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return int((folder / PORT_FILE).read_text(encoding="ascii"))
        except FileNotFoundError:
            time.sleep(POLL_S)
    said = words.read_bytes()[-WORDS_BYTES_MAX:].decode(errors="replace") if words.exists() else ""
    raise UsageError(
        f"Prefect's own server did not start within {START_S_MAX:.0f} s. It said:\n{said.strip() or '(nothing)'}\n"
        "Nothing was sent. Start one with `prefect server start`, set PREFECT_API_URL to it, and try again."
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server: it leaves when its standard input closes, and is killed where it does not."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
