"""A desk where files are checked one after another in one child process, which is killed where it hangs."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.hostile.bounds import WATCHDOG_S

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one command; `code` is None where the process hung or died. `peak_bytes`: above what it had."""

    code: int | None
    out: str
    err: str
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The line that the child process answers with."""

    code: int | None
    peak_bytes: int


class Desk:
    """The child process, started anew after it hung or died, and the folder it works in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: subprocess.Popen[str] | None = None

    def run(self, arguments: Sequence[str]) -> Trial:
        child = self._child if self._child is not None else self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"arguments": list(arguments)}) + "\n")
        child.stdin.flush()
        ready, _, _ = select.select([child.stdout], [], [], WATCHDOG_S)
        line = child.stdout.readline() if ready else ""
        if not line:
            self.close()
        told = Answer(**json.loads(line)) if line else Answer(None, 0)
        out, err = ((self.folder / name).read_bytes().decode() for name in ("out", "err"))
        return Trial(told.code, out, err, told.peak_bytes)

    def tree(self) -> set[str]:
        """Everything in the folder, by path and size."""
        return {
            f"{entry.path} {entry.stat(follow_symlinks=False).st_size}"
            for entry in _entries(self.folder)
            if entry.name not in {"out", "err"}
        }

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _start(self) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
        places = dict.fromkeys(("HOME", "TMPDIR", "SIMFERRY_HOME", "PREFECT_HOME"), str(self.folder))
        self._child = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-W", "ignore", str(CHILD)],
            cwd=self.folder,
            env={**kept, **places, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self._child

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
