"""A mark that a SIM may have changed: left by whoever hears of it, seen by whoever polls, and never more than a hint.

`callbacks.wake` in the home holds a first line that no earlier file had, then one SIM id per line, newest last. It only
grows until it is full; then a new file that begins with its last lines takes its place. So a reader needs no lock, may
see a SIM twice, and misses none while it asks more often than the file fills. Nothing waits for the disk: what a crash
takes away is found by polling.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from journal.files import PRIVATE, PRIVATE_FOLDER, write_text

FILE, LOCK = "callbacks.wake", "callbacks.lock"
BYTES_MAX = 256 * 1024  # some 7,000 SIMs
BYTES_KEPT = 64 * 1024  # of a full file, so that a reader who is behind misses nothing
LOCK_S_MAX = 1.0
LOOK_EVERY_S = 0.5

_SIM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEAD_BYTES = 22  # "wake ", 16 hex digits, newline


class Sleeper(Protocol):
    """What lets time pass."""

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


def ring(home: Path, sim_id: str) -> None:
    """Mark the SIM, from any number of processes; raises `OSError` where there is no place or the others take too long.

    Raises `ValueError` for what is no id of a SIM: the mark is lines of ids and nothing else.
    """
    if not _SIM_ID.fullmatch(sim_id):
        raise ValueError("An id of a SIM is 1 to 64 ASCII letters and digits.")
    home.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    path, line = home / FILE, f"{sim_id}\n".encode()
    with FileLock(home / LOCK, timeout=LOCK_S_MAX, mode=PRIVATE):
        size = path.stat().st_size if path.exists() else 0
        if 0 < size <= BYTES_MAX - len(line):
            with path.open("ab") as file:
                file.write(line)
        else:
            kept = _last_of(path) if size else []
            write_text(path, "\n".join([f"wake {secrets.token_hex(8)}", *kept, sim_id, ""]))


def silence(home: Path) -> None:
    """Take every mark away, of whatever run: those that nobody has seen yet are found by polling. Raises as `ring`."""
    path = home / FILE
    if path.exists():
        with FileLock(home / LOCK, timeout=LOCK_S_MAX, mode=PRIVATE):
            write_text(path, f"wake {secrets.token_hex(8)}\n")


class Wake:
    """The SIMs marked since it was last asked; for one thread. Each process that polls has its own.

    A mark that cannot be read is one that did not come.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._head, self._read = b"", 0
        self.woken()  # what lies there already is old

    def woken(self) -> frozenset[str]:
        """SIM ids, empty where nothing came; it costs an opened file."""
        try:
            # opened anew each time: on a shared disk that is what asks the server
            with self._path.open("rb", buffering=0) as file:
                head = file.read(_HEAD_BYTES)
                if head != self._head:
                    self._head, self._read = head, len(head)
                file.seek(self._read)
                fresh = file.read(BYTES_MAX)
        except OSError:
            return frozenset()
        whole = fresh[: fresh.rfind(b"\n") + 1]  # the rest of a line is on its way
        self._read += len(whole)
        return frozenset(_ids(whole))

    def wait(self, seconds: float, clock: Sleeper, awaited: AbstractSet[str]) -> frozenset[str]:
        """Those of `awaited` that were marked, as soon as there are any; none after so many seconds."""
        left_s = seconds
        while not (here := self.woken() & awaited) and left_s > 0:
            clock.sleep(min(LOOK_EVERY_S, left_s))
            left_s -= LOOK_EVERY_S
        return here


def _last_of(path: Path) -> list[str]:
    """The ids that a full file hands on to the next."""
    with path.open("rb") as file:
        file.seek(-min(BYTES_KEPT, path.stat().st_size), os.SEEK_END)
        return _ids(file.read(BYTES_KEPT).partition(b"\n")[2])  # it begins within a line


def _ids(lines: bytes) -> list[str]:
    """The lines that are ids of SIMs; what a crash cut, or somebody else wrote, is passed over."""
    return [line for line in lines.decode("ascii", errors="replace").split("\n") if _SIM_ID.fullmatch(line)]
