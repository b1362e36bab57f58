"""The mark on disk: seen by every reader, lost by none who asks in time, small for ever, and only ever a hint."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from journal import wake
from journal.wake import FILE, LOOK_EVERY_S, Wake, ring

ROOT = Path(__file__).resolve().parents[2]
ALL = frozenset(f"HS{number:032x}" for number in range(20))
ONE, TWO, THREE = sorted(ALL)[:3]


class Time:
    """A clock without waiting; what is due by an instant happens when it has come."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.due: list[tuple[float, Path, str]] = []

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        for at_s, home, sim_id in self.due:
            if self.now_s - seconds < at_s <= self.now_s:
                ring(home, sim_id)


def test_a_mark_is_seen_once_by_each_reader(tmp_path: Path) -> None:
    one, other = Wake(tmp_path), Wake(tmp_path)
    assert one.woken() == frozenset()
    ring(tmp_path, ONE)
    ring(tmp_path, TWO)
    assert one.woken() == {ONE, TWO}
    assert one.woken() == frozenset()
    ring(tmp_path, TWO)
    assert one.woken() == {TWO}, "again is news again"
    assert other.woken() == {ONE, TWO}


def test_what_was_marked_before_a_reader_came_is_old(tmp_path: Path) -> None:
    ring(tmp_path, ONE)
    reader = Wake(tmp_path)
    ring(tmp_path, TWO)
    assert reader.woken() == {TWO}


def test_a_home_that_is_not_there_yet_is_made_by_the_first_mark_and_is_its_owners(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet"
    reader = Wake(home)
    assert reader.woken() == frozenset()
    ring(home, ONE)
    assert reader.woken() == {ONE}
    assert (home / FILE).stat().st_mode & 0o077 == 0


@settings(max_examples=50)
@given(st.lists(st.one_of(st.sampled_from(sorted(ALL)), st.none()), max_size=120))
def test_a_reader_that_asks_in_time_misses_nothing_however_often_the_file_is_renewed(acts: list[str | None]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(wake, "BYTES_MAX", 400)
        patch.setattr(wake, "BYTES_KEPT", 300)
        home, marked, since, seen = Path(folder), set[str](), 0, set[str]()
        reader = Wake(home)
        for act in acts:
            if act is None or since == 5:
                seen |= reader.woken()
                assert marked <= seen
                since = 0
            if act is not None:
                ring(home, act)
                marked, since = marked | {act}, since + 1
                assert (home / FILE).stat().st_size <= 400
        assert seen | reader.woken() == marked


def test_the_file_stays_small(tmp_path: Path) -> None:
    for number in range(2 * wake.BYTES_MAX // 35):
        ring(tmp_path, f"HS{number:032x}")
    assert (tmp_path / FILE).stat().st_size <= wake.BYTES_MAX
    assert sorted(path.name for path in tmp_path.iterdir()) == ["callbacks.lock", FILE]


def test_many_writers_lose_no_mark(tmp_path: Path) -> None:
    reader, seen, done = Wake(tmp_path), set[str](), threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.update(reader.woken())

    code = (
        "import sys; from pathlib import Path; from journal.wake import ring\n"
        "for number in range(100): ring(Path(sys.argv[1]), f'HS{sys.argv[2]}{number:031x}')"
    )
    watching = threading.Thread(target=watch)
    watching.start()
    command = [sys.executable, "-c", code, str(tmp_path)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda writer: subprocess.run([*command, writer], check=True, cwd=ROOT), "123"))
    done.set()
    watching.join()
    assert seen | reader.woken() == {f"HS{writer}{number:031x}" for writer in "123" for number in range(100)}


def test_what_is_no_mark_is_passed_over(tmp_path: Path) -> None:
    reader = Wake(tmp_path)
    ring(tmp_path, ONE)
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"\xff\x00 not an id\n" + TWO.encode())
    assert reader.woken() == {ONE}, "a line that is not at its end is on its way"
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"\n")
    assert reader.woken() == {TWO}


def test_a_mark_that_cannot_be_read_is_one_that_did_not_come(tmp_path: Path) -> None:
    reader = Wake(tmp_path)
    (tmp_path / FILE).mkdir()
    assert reader.woken() == frozenset()
    (tmp_path / FILE).rmdir()
    (tmp_path / FILE).touch()
    assert reader.woken() == frozenset()
    ring(tmp_path, ONE)
    assert reader.woken() == {ONE}


def test_a_lock_that_is_never_let_go_of_is_an_error_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "LOCK_S_MAX", 0.05)
    with FileLock(tmp_path / wake.LOCK), pytest.raises(OSError, match="lock"):
        ring(tmp_path, ONE)
    assert Wake(tmp_path).woken() == frozenset(), "and no reader waits for it"


@pytest.mark.parametrize("text", ["", "two\nlines", "HS 1", "Ü", "x" * 65])
def test_only_ids_are_marked(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        ring(tmp_path, text)
    assert not (tmp_path / FILE).exists()


def test_waiting_ends_early_for_a_sim_that_is_awaited_and_for_no_other(tmp_path: Path) -> None:
    reader, time = Wake(tmp_path), Time()
    time.due = [(3.2, tmp_path, THREE), (7.2, tmp_path, ONE), (7.3, tmp_path, THREE)]
    assert reader.wait(60, time, {ONE, TWO}) == {ONE}
    assert 7.2 <= time.now_s <= 7.2 + LOOK_EVERY_S


def test_waiting_takes_its_time_where_nothing_comes(tmp_path: Path) -> None:
    reader, time = Wake(tmp_path), Time()
    assert reader.wait(10.2, time, ALL) == frozenset()
    assert time.now_s == pytest.approx(10.2)
    ring(tmp_path, ONE)
    assert reader.wait(0, time, ALL) == {ONE}
    assert time.now_s == pytest.approx(10.2)
