"""What is written is on the disk, in its place, before anything is done that rests on it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from journal import files
from journal.book import Journal
from journal.files import write_text
from journal.run_folder import RunFolder

ONE = Event(Kind.INTENDED, "2026-11-20T00:00:00Z", 1, 1, sims=("8988303000000000001",))
FULL = 2  # SQLite's number for synchronous=FULL


def test_a_record_is_on_the_disk_when_it_is_written(tmp_path: Path) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as journal, journal._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    flushed: list[tuple[str, bool]] = []

    def seen(place: Path) -> None:
        flushed.append(("folder" if place == tmp_path else place.read_text(), path.exists()))

    monkeypatch.setattr(files, "flush", seen)
    write_text(path, "a plan")
    assert flushed == [("a plan", False), ("folder", True)]


def test_flushing_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    files.flush(tmp_path)
    assert len(synced) == 1


def test_a_journal_that_another_took_the_place_of_takes_no_more_records(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with Journal.open(None, folder) as journal:
        journal.write(ONE)
        for file in (folder.journal, Path(f"{folder.journal}-wal")):
            shutil.copy(file, tmp_path / "copy")
            (tmp_path / "copy").replace(file)
        with pytest.raises(RefusedToRun, match="removed or replaced") as refused:
            journal.write(ONE)
    assert refused.value.cause == "journal"
