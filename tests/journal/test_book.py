"""The journal keeps what it was given, in order, on the disk, and refuses to be rewritten."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RefusedToRun
from domain.events import Event, Json, Kind
from journal.book import Journal
from journal.records import pack, unpack
from journal.run_folder import RunFolder

AT = "2026-11-20T00:00:00Z"
ONE = Event(Kind.INTENDED, AT, 1, 1, sims=("8988303000000000001",))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
JSON: st.SearchStrategy[Json] = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | TEXT | st.lists(TEXT)
)
EVENTS = st.builds(
    Event,
    st.sampled_from(list(Kind)),
    st.just(AT),
    st.integers(0, 9),
    st.integers(0, 3),
    sims=st.lists(TEXT, max_size=5).map(tuple),
    body=st.dictionaries(TEXT, JSON, max_size=3),
)

DIE_AFTER_A_WRITE = """
import os, signal, sys
from pathlib import Path
from domain.events import Event, Kind
from journal.book import Journal
from journal.run_folder import RunFolder
journal = Journal.open(None, RunFolder(Path(sys.argv[1])))
for number in range(50):
    journal.write(Event(Kind.INTENDED, "2026-11-20T00:00:00Z", number, 1, sims=("1",) * 500))
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Turned:
    """A cipher that a test can see through."""

    def seal(self, secret: bytes) -> bytes:
        return b"sealed" + secret[::-1]

    def unseal(self, sealed: bytes) -> bytes:
        return sealed.removeprefix(b"sealed")[::-1]


def by_hand(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(EVENTS, max_size=3), max_size=4))
def test_what_is_written_is_read_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[Event]]
) -> None:
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    for events in writes:
        with Journal.open(None, folder) as journal:
            journal.write(*events)
    with Journal.open(None, folder) as again:
        assert list(again.events()) == [event for events in writes for event in events]
        assert [event.kind for event in again.headlines()] == [event.kind for events in writes for event in events]


def test_every_record_written_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIE_AFTER_A_WRITE, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    with Journal.open(None, RunFolder(tmp_path)) as journal:
        assert (
            [event.batch for event in journal.events()]
            == [int(line) for line in done.stdout.split()]
            == list(range(50))
        )


def test_records_may_be_written_while_others_are_read(tmp_path: Path) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as journal, Journal.open(None, RunFolder(tmp_path)) as reader:
        journal.write(*[ONE] * 500)
        reading = reader.events()
        next(reading)
        journal.write(ONE)
        assert len(list(reading)) == 499
        assert len(list(reader.events())) == 501


def test_threads_write_one_after_the_other(tmp_path: Path) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as journal:
        threads = [Thread(target=journal.write, args=[ONE] * 10) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(list(journal.events())) == 40


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET batch = 2",
        "DELETE FROM journal",
        "REPLACE INTO journal SELECT run_id, seq, run, at, kind, 2, attempt, part, sims, body, secret, '' FROM journal",
    ],
)
def test_the_database_itself_refuses_to_rewrite_a_record(tmp_path: Path, change: str) -> None:
    folder = RunFolder(tmp_path)
    with Journal.open(None, folder) as journal:
        journal.write(ONE)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        by_hand(folder.journal, change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET batch = 2 WHERE seq = 2",
        "UPDATE journal SET sims = x'' WHERE seq = 2",
        "UPDATE journal SET kind = 'seen', body = '{}' WHERE seq = 2",
        "UPDATE journal SET at = '2026-11-20T00:00:01Z' WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 1",
        "UPDATE journal SET seq = -seq; ",
    ],
)
def test_a_record_changed_behind_our_back_is_found(tmp_path: Path, change: str) -> None:
    folder = RunFolder(tmp_path)
    with Journal.open(None, folder) as journal:
        journal.write(ONE, ONE, ONE)
    by_hand(folder.journal, "DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete", change)
    with Journal.open(None, folder) as journal:
        with pytest.raises(RefusedToRun, match="altered, or one before it is missing") as refused:
            list(journal.events())
        with pytest.raises(RefusedToRun, match="altered"):
            list(journal.headlines())
    assert refused.value.cause == "journal"


def test_of_two_processes_on_one_journal_the_second_writer_ends(tmp_path: Path) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as first, Journal.open(None, RunFolder(tmp_path)) as second:
        first.write(ONE)
        with pytest.raises(RefusedToRun, match="its record came first") as refused:
            second.write(ONE)
        assert refused.value.cause == "locked"
        with pytest.raises(RefusedToRun, match="an earlier record could not be kept"):
            second.write(ONE)
        assert len(list(first.events())) == 1


@pytest.mark.parametrize("name", ["journal.sqlite", "journal.sqlite-wal"])
def test_a_journal_that_was_taken_away_takes_no_more_records(tmp_path: Path, name: str) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as journal:
        journal.write(ONE)
        (tmp_path / name).rename(tmp_path / "elsewhere")
        with pytest.raises(RefusedToRun, match=r"cannot be (trusted|used)") as refused:
            journal.write(ONE)
    assert refused.value.cause == "journal"


def test_a_full_disk_is_an_error_with_a_name(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with Journal.open(None, folder) as journal:
        journal.write(ONE)
        with journal._engine.connect() as connection:  # a database that may grow no more stands for a disk that is full
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(RefusedToRun, match="full") as refused:
            journal.write(Event(Kind.STOPPED, AT, body={"words": "x" * 100_000}))
        assert refused.value.cause == "journal"
        assert "xxx" not in f"{refused.value} {refused.value.__cause__}"  # what a record says is for no traceback
    with Journal.open(None, folder) as journal:
        assert list(journal.events()) == [ONE]


def test_a_run_that_has_begun_never_starts_over_with_an_empty_journal(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    shared = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    with Journal.open(shared, folder) as journal:
        journal.write(ONE)
    with pytest.raises(RefusedToRun, match=r"has begun .*shared.sqlite.*none of its records are here") as refused:
        Journal.open(None, folder)
    assert refused.value.cause == "journal"


def test_a_mark_that_a_kill_left_out_is_made_up_for(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with Journal.open(None, folder) as journal:
        journal.write(ONE)
    folder.begun.unlink()
    with Journal.open(None, folder):
        assert folder.begun.exists()


def test_a_secret_is_stored_encrypted_or_not_at_all(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    told = Event(Kind.ANSWERED, AT, 1, 1, secret=b"hush-hush")
    with Journal.open(None, folder, Turned()) as journal:
        journal.write(told)
        assert list(journal.events()) == [told]
    assert not any(b"hush-hush" in path.read_bytes() for path in tmp_path.iterdir())
    with Journal.open(None, folder) as journal:
        assert [event.secret for event in journal.events()] == [None]
        with pytest.raises(RefusedToRun, match="no key to encrypt it") as refused:
            journal.write(told)
    assert "hush" not in str(refused.value)


def test_the_journal_is_its_owners_alone(tmp_path: Path) -> None:
    with Journal.open(None, RunFolder(tmp_path)) as journal:
        journal.write(ONE)
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert modes.keys() >= {"journal.sqlite", "journal.sqlite-wal", "journal.begun"}
    assert not any(modes.values())


def test_sims_take_few_bytes() -> None:
    keys = tuple(str(8988303000000000000 + place) for place in range(500))
    assert unpack(pack(keys)) == keys
    assert len(pack(keys)) < 500 * 4
