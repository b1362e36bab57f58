"""What strikes an execution that is under way, and what is given back before the next one."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from chaos.desk import Desk
from chaos.dock import Dock
from chaos.launcher import Broken, Running
from chaos.shared_journal import taken_away
from domain.errors import Exit

DOWN_S, DOWN_LONG_S = 3.0, 15.0  # of a provider that was killed
ROOM_BYTES_MAX = 48 * 1024  # that are left on a full disk
DISK_BYTES = 24 * 1024 * 1024
JOURNAL_FILES = ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm")
REFUSED = (Exit.REFUSED, Exit.USAGE)


class Hazard(StrEnum):
    """What may strike."""

    KILL = "kill"  # simferry, by SIGKILL
    SANDBOX = "sandbox"  # the provider, by SIGKILL; it comes back
    DISK = "disk"  # the disk that runs lie on is full
    JOURNAL = "journal"  # the database of the journal is taken away


class Struck(StrEnum):
    """What a strike came to."""

    ENDED = "ended"  # the execution with it
    GOES_ON = "goes_on"  # the execution may be struck again
    NOT_YET = "not_yet"  # there was nothing to strike


class Strike(Protocol):
    """What is done to an execution under way."""

    def __call__(self, running: Running, desk: Desk, dock: Dock, dice: random.Random) -> Struck:
        """What it came to; where the execution ended by itself, the desk has its cause."""
        ...


def kill(running: Running, desk: Desk, dock: Dock, dice: random.Random) -> Struck:  # noqa: ARG001 - as all
    """SIGKILL to the whole process group."""
    running.kill()
    return Struck.ENDED if desk.end(running).code == -signal.SIGKILL else Struck.NOT_YET


def kill_sandbox(running: Running, desk: Desk, dock: Dock, dice: random.Random) -> Struck:  # noqa: ARG001 - as all
    """The provider dies under it, and is there again: mostly before anybody has lost patience."""
    dock.kill(dice.choices((dice.uniform(0, DOWN_S), DOWN_LONG_S), (4, 1))[0])
    return Struck.GOES_ON


def fill_disk(running: Running, desk: Desk, dock: Dock, dice: random.Random) -> Struck:  # noqa: ARG001 - as all
    """A few kilobytes are left, or none; they are back when it has ended."""
    room = dice.choice((0, dice.randrange(ROOM_BYTES_MAX)))
    if os.path.ismount(desk.home):
        with filled(desk.home, room):
            desk.ended(running)
        return Struck.ENDED
    journal = desk.run_folder.journal
    largest = max((file.stat().st_size for file in (journal, Path(f"{journal}-wal")) if file.exists()), default=0)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (largest + room, largest + room))
    desk.ended(running)
    return Struck.ENDED


def take_journal(running: Running, desk: Desk, dock: Dock, dice: random.Random) -> Struck:  # noqa: ARG001 - as all
    """The journal's database is somewhere else, under it and for the next execution, which has to refuse."""
    if not desk.run_folder.begun.exists():
        return Struck.NOT_YET
    away = taken_away(desk.journal_url) if desk.journal_url else moved_away(desk.run_folder.path, desk.folder / "aside")
    with away:
        desk.ended(running)
        without = desk.end(desk.execute())
        if without.code not in REFUSED:
            raise Broken(f"executed without its journal, and ended with {without.code}: {without.out}{without.err}")
    return Struck.ENDED


STRIKES: dict[Hazard, Strike] = {
    Hazard.KILL: kill,
    Hazard.SANDBOX: kill_sandbox,
    Hazard.DISK: fill_disk,
    Hazard.JOURNAL: take_journal,
}


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own at the folder where this user may mount one; without it, files get a limit instead."""
    words = ["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if mounted:
            shutil.copytree(folder, folder.with_name("runs-on-small-disk"))  # if it failed
            subprocess.run(["/bin/umount", "--lazy", str(folder)], capture_output=True, check=False)


@contextlib.contextmanager
def filled(folder: Path, room: int) -> Iterator[None]:
    """Within the block so many bytes are left on the disk of the folder."""
    filler = folder / ".filler"
    try:
        with filler.open("wb") as file, contextlib.suppress(OSError):
            stat = os.statvfs(folder)
            file.write(b"\0" * max(0, stat.f_bavail * stat.f_frsize - room))
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def moved_away(folder: Path, aside: Path) -> Iterator[None]:
    """Within the block the journal's files are not in the folder; what is put in their place is thrown away."""
    _moved(folder, aside)
    yield
    for name in JOURNAL_FILES:
        (folder / name).unlink(missing_ok=True)
    _moved(aside, folder)


def _moved(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in JOURNAL_FILES:
        with contextlib.suppress(FileNotFoundError):
            (source / name).rename(target / name)
