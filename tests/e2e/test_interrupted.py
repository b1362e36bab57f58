"""Runs that stop on their way, two that meet, and how each is taken up again."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest

from domain.errors import Exit
from domain.plan import Plan, Step, sealed
from journal.approval import approve
from journal.run_folder import RunFolder
from sandbox.accounts import TRIAL
from sandbox.emnify.words import Status
from sandbox.truth import Truth
from tests.e2e.agreement import MIGRATION, lies
from tests.e2e.crossings import Rule
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ended
from tests.e2e.killing import Moment, wait_for
from tests.e2e.planned import Planned, Quay, quay

BATCHES = (5, 20, 20, 13)
OLDER = "2026-11-19-older"


def move(act: str, nth: int, **more: float) -> Rule:
    return {"method": "POST", "path": MIGRATION, "dry_run": False, "act": act, "nth": nth, **more}


long = pytest.mark.skipif(os.environ.get("SIMFERRY_CHAOS") != "1", reason="takes long: with SIMFERRY_CHAOS=1")


@pytest.fixture
def mine(planned: Planned, tmp_path: Path, afloat: Afloat, desk: Desk) -> Iterator[Quay]:
    with quay(planned, tmp_path, afloat, desk) as made:
        yield made


def true(quay: Quay) -> None:
    truth = Truth(quay.sandbox.home)
    assert (lies(quay.ferry.outcomes(quay.run), truth), truth.moved_twice()) == ([], [])


def all_moved_once(quay: Quay) -> None:
    truth = Truth(quay.sandbox.home)
    assert (truth.moves().height, truth.moved_twice()) == (quay.sims, [])


def counted(quay: Quay) -> dict[str, int]:
    """SIMs per outcome of the run's last reconciliation, without rejected rows."""
    counts = dict(quay.ferry.outcomes(quay.run).group_by("outcome").len().iter_rows())
    return {str(outcome): count for outcome, count in counts.items() if outcome != "rejected"}


def again(quay: Quay, listed: Path) -> dict[Step, int]:
    """SIMs per step of a new plan of the list."""
    made = quay.ferry.run("plan", listed, "--from", "pilot", "--to", "fleet", "--json")
    assert made.code in {Exit.OK, Exit.ROWS}, made.err
    counts = made.facts["counts"]
    assert isinstance(counts, dict)
    return {Step(step): count for step, count in counts.items() if count}


@long
def test_a_run_that_a_breaker_stopped_keeps_its_sims_until_it_is_reconciled(mine: Quay) -> None:
    older = approved_under_another_name(mine)
    mine.sandbox.set_faults([move("lie", 2)])
    stopped = mine.ferry.run("execute", mine.run)
    assert (stopped.code, "--resume-after no-effect" in stopped.err) == (Exit.REFUSED, True), stopped.err

    assert again(mine, EXAMPLES / "fleet.csv") == {Step.REFUSE: mine.sims - BATCHES[0], Step.LEAVE: BATCHES[0]}
    refused(mine.ferry.run("execute", older), "in another live run", mine.run)

    assert mine.ferry.run("reconcile", mine.run).code == Exit.UNCONFIRMED
    true(mine)
    assert counted(mine) == {"confirmed": BATCHES[0], "not_done": BATCHES[1], "not_started": sum(BATCHES[2:])}
    assert again(mine, mine.folder.path / "retry.csv") == {Step.MOVE: sum(BATCHES[1:])}


@long  # without processes it is always tried, in tests/engine/test_resuming.py
def test_a_run_that_a_breaker_stopped_goes_on_only_when_its_cause_is_named(mine: Quay) -> None:
    mine.sandbox.set_faults([move("lie", 2)])
    assert mine.ferry.run("execute", mine.run).code == Exit.REFUSED
    refused(mine.ferry.run("execute", mine.run), "--resume-after no-effect")
    refused(mine.ferry.run("execute", mine.run, "--resume-after", "credentials"), "--resume-after no-effect")
    assert mine.ferry.run("execute", mine.run, "--resume-after", "no-effect").code == Exit.OK
    all_moved_once(mine)
    refused(mine.ferry.run("approve", mine.run, "--sims", str(mine.sims)), "already been executed")


@long  # without processes it is always tried, in tests/engine/test_carry.py
def test_a_sim_that_changed_after_the_plan_is_held_back_and_can_be_planned_again(mine: Quay) -> None:
    activate(mine, last_sim(mine))
    assert mine.ferry.run("execute", mine.run).code == Exit.UNCONFIRMED
    assert mine.ferry.run("reconcile", mine.run).code == Exit.UNCONFIRMED
    true(mine)
    assert counted(mine) == {"confirmed": mine.sims - 1, "drifted": 1}
    assert again(mine, mine.folder.path / "retry.csv") == {Step.MOVE: 1}


def test_the_second_of_two_executions_at_once_is_told_who_holds_the_run(mine: Quay) -> None:
    mine.sandbox.set_faults([move("slow", 1, seconds=4.0)])
    first = mine.ferry.start("execute", mine.run)
    assert wait_for(mine, first, Moment(1), 0), mine.ferry.end(first)
    os.kill(first.pid, signal.SIGSTOP)  # else it may be through before the second has started
    try:
        refused(mine.ferry.run("execute", mine.run), "is held by", f"process {first.pid}")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert mine.ferry.end(first).code == Exit.OK
    all_moved_once(mine)


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(mine: Quay) -> None:
    mine.sandbox.set_faults([move("slow", 2, seconds=2.0)])
    process = mine.ferry.start("execute", mine.run)
    assert wait_for(mine, process, Moment(2), 0), mine.ferry.end(process)
    os.killpg(process.pid, signal.SIGINT)
    ended = mine.ferry.end(process)
    assert ended.code == Exit.STOPPED
    assert "run the same command again" in ended.err
    assert "Traceback" not in ended.err
    assert mine.ferry.run("execute", mine.run).code == Exit.OK
    all_moved_once(mine)


def refused(ended: Ended, *words: str) -> None:
    assert ended.code == Exit.REFUSED, ended.err
    assert all(word in ended.err for word in words), ended.err


def approved_under_another_name(made: Quay) -> str:
    """Another approved run of the same SIMs, planned before either was executed."""
    folder = RunFolder(made.ferry.runs / OLDER)
    shutil.copytree(made.folder.path, folder.path)
    facts = json.loads(folder.facts.read_text(encoding="utf-8"))
    folder.facts.write_text(json.dumps(facts | {"run": OLDER, "id": "another"}), encoding="utf-8")
    plan, steps = made.folder.load_plan()
    other: Plan = sealed(replace(plan, run=OLDER))
    folder.save_plan(other, steps)
    approve(folder, other, made.sims, "a test", datetime.now(UTC))
    return OLDER


def last_sim(made: Quay) -> str:
    """The id of a suspended SIM of the run's last batch."""
    _, steps = made.folder.load_plan()
    last = steps.filter(pl.col("status") == "Suspended").sort("batch")["sim_id"][-1]
    assert isinstance(last, str)
    return last


def activate(made: Quay, sim_id: str) -> None:
    """Activate a SIM, as somebody in the portal would."""
    with httpx.Client(base_url=made.sandbox.base_url, trust_env=False) as client:
        body = {"username": TRIAL.username, "password": TRIAL.password_sha1}
        token = client.post("/api/v1/authenticate", json=body).json()["auth_token"]
        change = {"status": {"id": int(Status.ACTIVATED)}}
        answer = client.patch(f"/api/v1/sim/{sim_id}", json=change, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204
