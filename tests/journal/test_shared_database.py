"""Journals of many runs in one database: each is its run's alone, and one place at a time writes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import RefusedToRun, UsageError
from domain.events import Event, Kind
from journal import lease
from journal.book import Journal
from journal.run_folder import RunFolder

ONE = Event(Kind.INTENDED, "2026-11-20T00:00:00Z", 1, 1, sims=("8988303000000000001",))


def test_many_runs_share_one_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Journal.open(url, RunFolder(tmp_path / name)) as journal:
            journal.write(ONE)
            assert list(journal.events()) == [ONE]


def test_in_a_shared_database_one_place_works_on_a_run_until_it_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    here, there = (RunFolder(tmp_path / place / "run") for place in ("here", "there"))
    for folder in (here, there):
        folder.path.mkdir(parents=True)
    with Journal.open(url, here) as first:
        first.write(ONE)
        with Journal.open(url, there) as second, pytest.raises(RefusedToRun, match="is being worked on by") as refused:
            second.write(ONE)
        assert refused.value.cause == "locked"
        monkeypatch.setattr(lease, "LEASE_S", -1)
        with Journal.open(url, there) as second:
            second.write(ONE)
            with pytest.raises(RefusedToRun, match="is being worked on by"):
                first.write(ONE)


def test_where_the_kernel_proved_the_holder_dead_its_lease_is_nobodys(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    dead = Journal.open(url, RunFolder(tmp_path))
    dead.write(ONE)
    dead._engine.dispose()
    with Journal.open(url, RunFolder(tmp_path)) as journal:
        journal.write(ONE)


@pytest.mark.parametrize("url", ["nonsense", "mysql://127.0.0.1/x", "oracle://127.0.0.1/x", "bogus://127.0.0.1"])
def test_a_url_of_no_database_of_ours_is_a_usage_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match=r"postgresql://|Install it"):
        Journal.open(url, RunFolder(tmp_path))
