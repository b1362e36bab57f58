"""Folders are their owner's alone, and so is every file in them, also where the operator's umask would open them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from domain.events import Event, Kind
from domain.inventory import HISTORY
from journal.approval import approve
from journal.book import Journal
from journal.cipher import cipher_of
from journal.claims import Claims
from journal.files import write_frame
from journal.forgetting import Forgotten, keep
from journal.lock import holding
from journal.wake import ring
from tests.journal.journal_samples import KEYS, NOW, planned


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_what_a_run_leaves_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "somewhere" / "runs"
    home.parent.mkdir()
    Claims.open(None, home).__exit__(None, None, None)  # whoever is first makes the home
    folder, plan = planned(home)
    approve(folder, plan, 3, "ann", NOW)
    with holding(folder, "ann", NOW), Journal.open(None, folder, cipher_of({}, home)) as journal:
        journal.write(Event(Kind.ANSWERED, "2026-11-20T09:00:00Z", 1, 1, "issue", KEYS, secret=b"a transfer token"))
        with Claims.open(None, home) as claims:
            claims.claim("soracom", folder.name, KEYS, "ann", NOW)
            write_frame(folder.history(1), pl.DataFrame(schema=HISTORY))
            write_frame(folder.settings_planned, pl.DataFrame({"key": KEYS}))
            ring(home, "id1")
            keep(folder, Forgotten(folder.name, "ann", "2026-11-20T09:00:00Z"))
            there = {path.name: mode_of(path) for path in (home, *home.rglob("*"))}
    assert {name: oct(mode) for name, mode in there.items() if mode & 0o077} == {}
    assert set(there) >= {"runs", "list", "history", "settings", "lock", "lock.json", "journal.sqlite-wal"}
    assert set(there) >= {"journal.key", "claims.sqlite", "callbacks.wake", "forgotten.json", "approval.json"}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
