"""Commands of one desk, started from its berth one at a time: each a process that can be struck, and how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S_MAX = 120.0


class Broken(Exception):
    """A command did what none may: it ended in a bug, or not at all."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended; `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str

    @property
    def cause(self) -> str | None:
        """Why a run stopped or was refused, where it was."""
        try:
            facts = json.loads(self.out)
        except ValueError:
            return None
        return facts.get("cause") if isinstance(facts, dict) else None


class Running:
    """A command under way, in a process group of its own."""

    def __init__(self, pid: int, berth: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.pid = pid
        self._berth = berth
        self._files = (out, err)
        self._ended: Ended | None = None

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._within(0.0) is None

    def kill(self) -> None:
        """SIGKILL to its whole process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def end(self, s_max: float) -> Ended:
        """How it ended; raises `Broken` where it takes longer than that, and kills it."""
        ended = self._within(s_max)
        if ended is None:
            self.kill()
            self._within(START_S_MAX)
            raise Broken(f"a command took over {s_max:.0f} s")
        return ended

    def _within(self, s_max: float) -> Ended | None:
        if self._ended is None and (code := _number(self._berth, s_max)) is not None:
            self._ended = Ended(code, *(file.read_text(encoding="utf-8", errors="replace") for file in self._files))
        return self._ended


@dataclass(frozen=True, slots=True)
class Launcher:
    """Starts commands from a berth; one at a time."""

    berth: subprocess.Popen[bytes]
    folder: Path

    def start(self, words: tuple[str, ...], environment: Mapping[str, str] | None = None) -> Running:
        """The command under way, in the berth's environment or its own; raises `Broken` where it does not start."""
        out, err = self.folder / "out", self.folder / "err"
        for file in (out, err):
            file.write_bytes(b"")
        assert self.berth.stdin is not None
        asked = {"words": words, "out": str(out), "err": str(err), "environment": environment and dict(environment)}
        self.berth.stdin.write(json.dumps(asked).encode() + b"\n")
        self.berth.stdin.flush()
        pid = _number(self.berth, START_S_MAX)
        if pid is None:
            raise Broken("no command can be started")
        return Running(pid, self.berth, out, err)


@contextmanager
def launcher(folder: Path, environment: Mapping[str, str]) -> Iterator[Launcher]:
    """What starts commands in this environment; it ends with the block, or with this process."""
    berth = subprocess.Popen(
        [sys.executable, "-m", "chaos.berth"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    try:
        yield Launcher(berth, folder)
    finally:
        berth.kill()
        berth.communicate()


def _number(berth: subprocess.Popen[bytes], s_max: float) -> int | None:
    """The next number that it says, if it says one in time; raises `Broken` where it is gone."""
    assert berth.stdout is not None
    until_s = time.monotonic() + s_max
    said = b""
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([berth.stdout], [], [], 0.0 if said else max(0.0, until_s - time.monotonic()))
        if not ready and not said:
            return None
        if ready and not (more := berth.stdout.read(1)):
            raise Broken("where commands start from is gone")
        if ready:
            said += more
    return int(said)
