"""What stands between an approved plan and its first request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import RefusedToRun, UsageError
from domain.events import Event, Kind
from domain.plan import sealed
from journal.approval import approve
from journal.book import Journal
from tasks.aboard import boarding
from tasks.asked import Surroundings
from tests.journal.journal_samples import KEYS, NOW, planned, steps

OPENED = Event(Kind.OPENED, "2026-11-20T09:00:00Z", body={})
INTENDED = Event(Kind.INTENDED, "2026-11-20T09:00:01Z", 1, 1, sims=KEYS[:1])


def begun(tmp_path: Path, *events: Event) -> tuple[Surroundings, str]:
    """A run whose plan went stale the moment after it was approved and begun, with these records."""
    folder, plan = planned(tmp_path / "runs")
    stale = sealed(replace(plan, limits=replace(plan.limits, stale_after_s=1.0)))
    folder.save_plan(stale, steps())
    approve(folder, stale, 3, "ann", NOW)
    with Journal.open(None, folder) as journal:
        journal.write(*events)
    return Surroundings(tmp_path / "runs", tmp_path / "accounts.toml", None, "ann"), folder.name


def test_an_execution_that_sent_nothing_does_not_keep_a_plan_fresh(tmp_path: Path) -> None:
    around, run = begun(tmp_path, OPENED)
    with pytest.raises(RefusedToRun, match="h old") as refused, boarding(around, run, None):
        pass
    assert refused.value.cause == "stale"


def test_a_run_that_sent_something_is_taken_up_however_old_its_plan_is(tmp_path: Path) -> None:
    around, run = begun(tmp_path, OPENED, INTENDED)
    with pytest.raises(UsageError, match=r"accounts\.toml"), boarding(around, run, None):
        pass
