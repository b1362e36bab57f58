"""One live process per run: a lock that the kernel lets go of when its holder dies, and a note of who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from filelock import FileLock, Timeout

from domain.errors import RefusedToRun
from domain.plan import utc_text
from journal.files import PRIVATE, write_text
from journal.run_folder import RunFolder


@contextmanager
def holding(folder: RunFolder, who: str, now: datetime) -> Iterator[None]:
    """Hold the run for as long as the block lasts; raises `RefusedToRun`, cause "locked", naming who holds it."""
    lock = FileLock(folder.lock, timeout=0, mode=PRIVATE, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise RefusedToRun(
            f"{folder.name} is held by {_holder(folder)}. Two processes never work on one run; "
            f"wait for that one (`simferry status {folder.name}`), or stop it.",
            "locked",
        ) from error
    try:
        note = {"who": who, "host": socket.gethostname(), "pid": os.getpid(), "since": utc_text(now)}
        write_text(folder.holder, json.dumps(note, ensure_ascii=False) + "\n")
        yield
    finally:
        folder.holder.unlink(missing_ok=True)
        lock.release()


def _holder(folder: RunFolder) -> str:
    """Who holds the run, in words."""
    try:
        note = json.loads(folder.holder.read_text(encoding="utf-8"))
        return f"{note['who']}, process {note['pid']} on {note['host']}, since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
