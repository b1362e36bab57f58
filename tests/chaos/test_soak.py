"""The soak's arithmetic and its watching; the way itself is `make soak`."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from chaos.soak import GROWTH_MB_MAX, SCRIPT, Voyage, rules_of
from chaos.soak_watch import Beside, Phase, Sample, watched
from sandbox.faults import Act
from sandbox.scripts import parse_rules, read_script


def sample(changes: int, rss_mb: float, phase: str = "execute") -> Sample:
    return Sample(phase, changes / 10, rss_mb, 20, 16, 1_000 + changes, changes)


def voyage(*samples: Sample, wrong: int = 0) -> Voyage:
    phases = (Phase("plan", 1.0, 100.0, (sample(0, 900, "plan"),), ""), Phase("execute", 1.0, 300.0, samples, ""))
    return Voyage(100, phases, {"confirmed": 100}, {}, wrong, 0, 0)


def test_memory_is_compared_between_the_shares_of_the_sims_and_not_before_or_behind_them() -> None:
    start, end = sample(0, 50), sample(100, 900)
    steady = [sample(changes, 200.0) for changes in range(5, 100, 5)]
    assert voyage(start, *steady, end).growth_mb == 0
    growing = [sample(changes, 200.0 + changes) for changes in range(5, 100, 5)]
    assert voyage(start, *growing, end).growth_mb == pytest.approx(80, abs=5)
    assert not voyage(start, *growing, end).is_good
    assert GROWTH_MB_MAX < 80


def test_one_lie_makes_it_bad() -> None:
    steady = [sample(changes, 200.0) for changes in range(0, 101, 5)]
    assert voyage(*steady).is_good
    assert not voyage(*steady, wrong=1).is_good


def test_the_weather_is_of_many_kinds_and_goes_over_the_control_as_it_is_in_the_file() -> None:
    rules = read_script(SCRIPT)
    assert parse_rules({"rules": list(rules_of(SCRIPT))}) == rules
    assert {Act.ERROR_BEFORE, Act.ERROR_AFTER, Act.DROP_AFTER, Act.THROTTLE, Act.LAG} <= {rule.act for rule in rules}


def test_a_process_is_watched_to_its_end_and_a_failed_one_is_quoted(tmp_path: Path) -> None:
    books = tmp_path / "books.sqlite"
    with sqlite3.connect(books) as ledger:
        ledger.execute("CREATE TABLE ledger (number INTEGER PRIMARY KEY)")
        ledger.execute("INSERT INTO ledger VALUES (7)")
    ledger.close()
    (tmp_path / "a-run").mkdir()
    (tmp_path / "a-run" / "journal.sqlite").write_bytes(b"x" * 40)
    beside = Beside(tmp_path, books)
    phase = watched("doing", [sys.executable, "-c", "import time; time.sleep(0.3); print('done')"], {}, beside)
    assert (phase.name, phase.said) == ("doing", "done\n")
    assert {(one.journal_bytes, one.changes) for one in phase.samples} == {(40, 7)}
    assert min(one.files for one in phase.samples) > 0
    with pytest.raises(SystemExit, match="boom"):
        watched("failing", [sys.executable, "-c", "import sys; sys.exit('boom')"], {}, beside)
