"""Two machines on one journal database: one works on a run, the other is told who does, and a dead one is followed."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from journal import lease
from journal.beats import Beats
from journal.book import Journal
from journal.lease import LEASE_S, SURE_S, Moment, holder_of
from journal.run_folder import RunFolder
from tests.journal.journal_samples import planned

ONE = Event(Kind.INTENDED, "2026-11-20T00:00:00Z", 1, 1, sims=("8988303000000000001",))
PATIENCE_S = 10.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shared.sqlite'}"


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
        connection.execute(text(f"UPDATE holders SET beat = beat - {seconds}"))


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
                with pytest.raises(RefusedToRun, match=r"by bob at .* It took the run over from here") as refused:
                    attempt()
                assert refused.value.cause == "locked"
            follower.write(ONE)


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
    with journal._engine.connect() as connection:
        return int(connection.execute(text("SELECT strftime('%s', 'now') - beat FROM holders")).scalar_one())


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
