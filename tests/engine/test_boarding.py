"""What stands between an approved plan and its first request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import RefusedToRun, UsageError
from domain.events import Event, Kind
from domain.plan import Party, sealed
from journal.approval import approve
from journal.book import Journal
from journal.run_folder import RunFolder
from tasks.aboard import attending, boarding
from tasks.asked import Surroundings
from tests.journal.journal_samples import KEYS, NOW, planned, steps

OPENED = Event(Kind.OPENED, "2026-11-20T09:00:00Z", body={})
INTENDED = Event(Kind.INTENDED, "2026-11-20T09:00:01Z", 1, 1, sims=KEYS[:1])
ACCOUNTS = """
[accounts.depot]
provider = "emnify"
workspace = 1
application_token = "env:SIMFERRY_TEST_TOKEN"
base_url = "https://emnify.test"

[accounts.fleet]
provider = "emnify"
workspace = 2
application_token = "env:SIMFERRY_TEST_TOKEN"
base_url = "https://emnify.test"
"""


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


def test_what_is_done_beside_carrying_it_out_asks_for_an_approval_and_not_for_a_fresh_plan(tmp_path: Path) -> None:
    around, run = begun(tmp_path)
    with pytest.raises(UsageError, match=r"accounts\.toml"), attending(around, run):
        pass
    RunFolder(tmp_path / "runs" / run).approval.unlink()
    with pytest.raises(RefusedToRun, match="is not approved"), attending(around, run):
        pass


def test_a_plan_that_nobody_approved_is_not_boarded(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    around = Surroundings(tmp_path / "runs", tmp_path / "accounts.toml", None, "ann")
    with pytest.raises(RefusedToRun, match="is not approved") as refused, boarding(around, folder.name, None):
        pass
    assert refused.value.cause == "approval"


def test_a_run_that_has_stopped_is_taken_up_only_where_its_cause_is_named(tmp_path: Path) -> None:
    stopped = Event(Kind.STOPPED, "2026-11-20T09:00:02Z", body={"cause": "drift-share", "words": "6 have moved"})
    around, run = begun(tmp_path, OPENED, INTENDED, stopped)
    for named in (None, "canary"):
        said = r"6 have moved.*--resume-after drift-share"
        with pytest.raises(RefusedToRun, match=said) as refused, boarding(around, run, named):
            pass
        assert refused.value.cause == "drift-share"
    with pytest.raises(UsageError, match=r"accounts\.toml"), boarding(around, run, "drift-share"):
        pass


@pytest.mark.parametrize(
    ("then", "now"),
    [("workspace = 2", "workspace = 3"), ("https://emnify.test", "https://other.test")],
)
def test_a_plan_is_not_carried_out_between_other_accounts_than_its_own(tmp_path: Path, then: str, now: str) -> None:
    around, run = begun(tmp_path, OPENED, INTENDED)
    folder = RunFolder(around.home / run)
    plan, _ = folder.load_plan()
    folder.begun.unlink()
    own = replace(
        plan, source=Party("depot", "1", "https://emnify.test"), target=Party("fleet", "2", "https://emnify.test")
    )
    folder.save_plan(sealed(own), steps())
    approve(folder, sealed(own), 3, "ann", NOW)
    around.accounts.write_text(ACCOUNTS)
    with pytest.raises(UsageError, match="SIMFERRY_TEST_TOKEN"), boarding(around, run, None):
        pass
    around.accounts.write_text(ACCOUNTS.replace(then, now))
    with pytest.raises(RefusedToRun, match="not what they were") as refused, boarding(around, run, None):
        pass
    assert refused.value.cause == "accounts"
