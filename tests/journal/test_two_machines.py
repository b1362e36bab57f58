"""Two machines on one journal database: one works on a run, the other is told who does, and a dead one is followed."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, text

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from journal import lease
from journal.beats import Beats
from journal.book import Journal
from journal.lease import LEASE_S, SURE_S, Lease, Moment, holder_of
from journal.run_folder import RunFolder
from tests.journal.journal_samples import planned

ONE = Event(Kind.INTENDED, "2026-11-20T00:00:00Z", 1, 1, sims=("8988303000000000001",))
PATIENCE_S = 10.0
MACHINES = 8


@pytest.fixture
def folders(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    """One run on two machines: its folder, and a copy of that."""
    here, _ = planned(tmp_path / "ann" / "runs")
    there = RunFolder(tmp_path / "bob" / here.name)
    shutil.copytree(here.path, there.path)
    return here, there


def silent_for(journal: Journal, seconds: int) -> None:
    """Let the last sign of life in the database be so much older."""
    with journal._engine.begin() as connection:
        older = text(f"UPDATE holders SET beat = beat - {seconds} WHERE run_id = :run_id")
        connection.execute(older, {"run_id": journal._run_id})


def test_the_other_machine_is_told_who_works_on_the_run_where_and_since_when(
    url: str, folders: tuple[RunFolder, RunFolder]
) -> None:
    here, there = folders
    with Journal.open(url, here, who="ann@depot") as first, Journal.open(url, there, who="bob@desk") as second:
        first.hold()
        since = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
        said = rf"by ann@depot at \S+:{here.path}, since {since}; its last sign of life was \d+ s"
        for attempt in (second.hold, lambda: second.write(ONE)):
            with pytest.raises(RefusedToRun, match=said) as refused:
                attempt()
            assert refused.value.cause == "locked"
        first.write(ONE)


def test_who_ends_lets_the_other_machine_go_on_at_once(url: str, folders: tuple[RunFolder, RunFolder]) -> None:
    here, there = folders
    with Journal.open(url, here) as first:
        first.write(ONE)
    with Journal.open(url, there) as second:
        second.hold()
        second.write(ONE)


def test_a_machine_that_has_been_silent_for_too_long_is_followed_and_not_before(
    url: str, folders: tuple[RunFolder, RunFolder]
) -> None:
    here, there = folders
    with Journal.open(url, here) as dead, Journal.open(url, there) as follower:
        dead.write(ONE)
        silent_for(dead, LEASE_S - 5)
        with pytest.raises(RefusedToRun, match="is being worked on by"):
            follower.hold()
        silent_for(dead, 10)
        follower.hold()


@pytest.mark.parametrize("before", ["nobody", "a dead machine"])
def test_of_many_machines_that_want_a_run_at_once_one_has_it_and_the_others_are_told(
    url: str, tmp_path: Path, before: str
) -> None:
    first, _ = planned(tmp_path / "first")
    copies = [RunFolder(tmp_path / str(place) / first.name) for place in range(MACHINES)]
    for copy in copies:
        shutil.copytree(first.path, copy.path)
    with ExitStack() as stack:
        dead, *journals = [stack.enter_context(Journal.open(url, folder)) for folder in (first, *copies)]
        if before == "a dead machine":
            dead.hold()
            silent_for(dead, LEASE_S + 1)
        start = threading.Barrier(MACHINES)

        def wanted(journal: Journal) -> str | None:
            start.wait(PATIENCE_S)
            try:
                journal.hold()
            except RefusedToRun as refused:
                return refused.cause
            return None

        with ThreadPoolExecutor(MACHINES) as machines:
            answers = list(machines.map(wanted, journals))
    assert sorted(answers, key=str) == [None] + ["locked"] * (MACHINES - 1)


def test_a_machine_that_comes_back_after_its_run_was_taken_over_notices_before_it_sends(
    url: str, folders: tuple[RunFolder, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = folders
    with Journal.open(url, here, who="ann") as back, monkeypatch.context() as later:
        back.write(ONE)
        back.hold()  # nobody can have it yet, so nobody is asked
        silent_for(back, LEASE_S + 1)
        with Journal.open(url, there, who="bob") as follower:
            follower.hold()
            woken = Moment(time.time() + LEASE_S, Moment.now().run_s)  # one clock may not know that the machine slept
            later.setattr(Moment, "now", classmethod(lambda _: woken))
            for attempt in (back.hold, lambda: back.write(ONE)):
                with pytest.raises(RefusedToRun, match=r"took .* over from here, .* by bob at") as refused:
                    attempt()
                assert refused.value.cause == "locked"
            follower.write(ONE)


def test_a_machine_whose_run_was_taken_over_and_ended_does_not_take_it_back(
    url: str, folders: tuple[RunFolder, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = folders
    with Journal.open(url, here) as back:
        back.write(ONE)
        silent_for(back, LEASE_S + 1)
        with Journal.open(url, there) as follower:
            follower.hold()
        monkeypatch.setattr(lease, "SURE_S", 0.0)
        with pytest.raises(RefusedToRun, match=r"took .* over from here, .* has ended since") as refused:
            back.hold()
        assert refused.value.cause == "locked"


@pytest.mark.parametrize(
    "meanwhile", ["SET beat = beat + 1000", "SET token = 'of another', who = 'eve', beat = beat + 1000"]
)
def test_a_run_whose_dead_holder_comes_to_life_or_is_followed_meanwhile_is_not_taken(
    url: str, folders: tuple[RunFolder, RunFolder], monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    here, there = folders
    seen = Lease._seen

    def seen_too_early(self: Lease, connection: Connection, now: str) -> Row[Any] | None:
        other = seen(self, connection, now)
        monkeypatch.setattr(Lease, "_seen", seen)
        connection.execute(text(f"UPDATE holders {meanwhile} WHERE run_id = :run_id"), {"run_id": here.identity})
        return other

    with Journal.open(url, here) as dead, Journal.open(url, there) as follower:
        dead.hold()
        silent_for(dead, LEASE_S + 1)
        monkeypatch.setattr(Lease, "_seen", seen_too_early)
        with pytest.raises(RefusedToRun, match="is being worked on by") as refused:
            follower.hold()
        assert refused.value.cause == "locked"


def test_signs_of_life_come_while_nothing_is_written(
    url: str, folders: tuple[RunFolder, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.01)
    here, there = folders
    with Journal.open(url, here) as waiting, Journal.open(url, there) as other:
        waiting.hold()
        silent_for(waiting, LEASE_S + 1)
        until_s = time.monotonic() + PATIENCE_S
        while silence(waiting) > LEASE_S / 2:
            assert time.monotonic() < until_s, "no sign of life came"
        with pytest.raises(RefusedToRun, match="is being worked on by"):
            other.hold()


def silence(journal: Journal) -> int:
    """Seconds since the last sign of life."""
    now = lease._NOW[journal._engine.dialect.name]
    with journal._engine.connect() as connection:
        query = text(f"SELECT {now} - beat FROM holders WHERE run_id = :run_id")
        return int(connection.execute(query, {"run_id": journal._run_id}).scalar_one())


def test_a_sign_of_life_that_could_not_be_given_is_asked_about_before_the_next_call(
    url: str, folders: tuple[RunFolder, RunFolder]
) -> None:
    here, there = folders
    with Journal.open(url, here) as first, Journal.open(url, there, who="bob") as second:
        first.hold()
        silent_for(first, LEASE_S + 1)
        second.hold()
        first._beat()
        with pytest.raises(RefusedToRun, match="by bob"):
            first.hold()


def test_a_beat_is_not_under_way_any_more_once_it_has_ended() -> None:
    beaten, let_go = threading.Event(), threading.Event()

    def beat() -> None:
        beaten.set()
        let_go.wait(PATIENCE_S)

    beats = Beats(beat, 0.001)
    beats.begin()
    beats.begin()
    assert beaten.wait(PATIENCE_S)
    let_go.set()
    beats.end()
    beaten.clear()
    assert not beaten.wait(0.01)


def test_a_machine_of_the_same_name_with_a_copy_of_the_folder_is_another_place(
    folders: tuple[RunFolder, RunFolder],
) -> None:
    here, there = folders
    assert holder_of(here, "ann") == holder_of(here, "ann")
    assert holder_of(here, "ann").ground != holder_of(there, "ann").ground


def test_time_that_either_clock_shows_counts() -> None:
    assert Moment(0.0, 0.0).to(Moment(700.0, 1.0)) == 700.0
    assert Moment(0.0, 0.0).to(Moment(-3600.0, 700.0)) == 700.0  # the clock was set back
    assert SURE_S + 60 + 2 * 60 < LEASE_S  # a call with its waiting ends before anybody else may begin


def test_a_run_in_its_own_folder_asks_no_database(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    with Journal.open(None, folder) as journal:
        journal.hold()
        journal.hold()
