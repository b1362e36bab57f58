"""Runs across Super SIM that stop on their way, wait, or meet each other, and how each is taken up again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Exit
from sandbox.exchange import JSON
from sandbox.supersim.accounts import ANNEX, DEPOT, secrets
from tests.e2e.crossings import Rule
from tests.e2e.ferry import Afloat, Desk
from tests.e2e.killing import SIM, Moment, wait_for
from tests.e2e.planned import Planned, Quay, quay
from tests.e2e.supersim_ways import Verified, verified

LATER_S = 3_600.0
CANARY_SIMS = 4
chaos = pytest.mark.skipif(os.environ.get("SIMFERRY_CHAOS") != "1", reason="takes long: with SIMFERRY_CHAOS=1")


@pytest.fixture
def mine(supersim_planned: Planned, tmp_path: Path, supersim_afloat: Afloat, desk: Desk) -> Iterator[Quay]:
    with quay(supersim_planned, tmp_path, supersim_afloat, desk) as made:
        yield made


@pytest.fixture(scope="module")
def untouched(
    supersim_planned: Planned, tmp_path_factory: pytest.TempPathFactory, supersim_afloat: Afloat, desk: Desk
) -> Iterator[Quay]:
    """One that nothing is ever sent to."""
    with quay(supersim_planned, tmp_path_factory.mktemp("quay"), supersim_afloat, desk) as made:
        yield made


def change(act: str, nth: int, **more: JSON) -> Rule:
    return {"method": "POST", "path": f"{SIM}*", "act": act, "nth": nth, **more}


@chaos  # without processes it is always tried, in test_supersim_waiting.py
def test_what_is_awaited_is_taken_up_by_a_reconciliation_and_by_another_execution(mine: Quay) -> None:
    run = verified(mine)
    live = run.steps.filter(parts="deactivate move activate", batch=2).sort("key")
    (off, off_id), (on, on_id) = live.select("iccid", "sim_id").head(2).rows()
    mine.sandbox.set_faults(
        [change("done_late", 1, sim=off_id, seconds=LATER_S), change("done_late", 3, sim=on_id, seconds=LATER_S)]
    )
    executed = mine.ferry.run("execute", mine.run, "--json")
    assert (executed.code, executed.facts["arrived"]) == (Exit.UNCONFIRMED, mine.sims - 2)

    mine.sandbox.advance_clock(LATER_S)
    reconciled = mine.ferry.run("reconcile", mine.run)
    assert (reconciled.code, run.counted) == (Exit.UNCONFIRMED, {"confirmed": mine.sims - 1, "awaiting": 1})
    assert run.outcomes.filter(outcome="awaiting")["iccid"].to_list() == [off]
    assert run.outcomes.filter(iccid=on)["outcome"].to_list() == ["confirmed"]
    assert run.disagreements == []

    goes_on(mine, run)


@chaos  # with emnify it is always tried, in test_interrupted.py
def test_a_second_execution_is_refused_ctrl_c_ends_the_first_and_another_one_goes_on(
    supersim_planned: Planned, tmp_path: Path, supersim_afloat: Afloat, desk: Desk
) -> None:
    patient = replace(supersim_planned, limits=replace(supersim_planned.limits, await_s=90.0))
    with quay(patient, tmp_path, supersim_afloat, desk) as mine:
        run = verified(mine)
        slow = run.steps.filter(parts="deactivate move activate", batch=1)["sim_id"][0]
        mine.sandbox.set_faults([change("done_late", 1, sim=slow, seconds=LATER_S)])
        with executing(mine, Moment(CANARY_SIMS)) as first:
            second = mine.ferry.run("execute", mine.run)
            assert (second.code, f"process {first.pid}" in second.err) == (Exit.REFUSED, True), second.err
            stopped(mine, first)
        mine.sandbox.advance_clock(LATER_S)
        goes_on(mine, run)


@chaos
@pytest.mark.parametrize("nth", [1, 4, 9, 20, 40])
def test_ctrl_c_while_calls_are_under_way(mine: Quay, nth: int) -> None:
    run = verified(mine)
    mine.sandbox.set_faults([change("slow", nth, seconds=2.0)])
    with executing(mine, Moment(nth)) as process:
        stopped(mine, process)
    goes_on(mine, run)


@contextmanager
def executing(mine: Quay, moment: Moment) -> Iterator[subprocess.Popen[str]]:
    """An execution that has come to the moment; it is ended at the latest when the block is."""
    process = mine.ferry.start("execute", mine.run)
    try:
        assert wait_for(mine, process, moment, 0)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stopped(mine: Quay, process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    ended = mine.ferry.end(process)
    assert ended.code == Exit.STOPPED, ended.err
    assert "run the same command again" in ended.err
    assert "Traceback" not in ended.err


def goes_on(mine: Quay, run: Verified) -> None:
    assert mine.ferry.run("execute", mine.run).code == Exit.OK
    assert mine.ferry.run("reconcile", mine.run).code == Exit.OK
    assert run.counted == {"confirmed": mine.sims}
    assert run.disagreements == []


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        (f'account = "{DEPOT.sid}"', f'account = "{ANNEX.sid}"', Exit.REFUSED, "another account"),
        (r"(?<=\[accounts.north\])(.*?)parent = \"depot\"", r"\1", Exit.USAGE, "parent"),
    ],
    ids=["another account", "none"],
)
def test_a_parent_that_is_another_by_now_is_refused_before_anything_is_sent(
    untouched: Quay, tmp_path: Path, old: str, new: str, code: Exit, words: str
) -> None:
    folder = tmp_path / "accounts"
    folder.mkdir()
    for name in secrets():
        shutil.copy(untouched.sandbox.home / name, folder)
    text = (untouched.sandbox.home / "accounts.toml").read_text(encoding="utf-8")
    changed = re.sub(old, new, text, count=1, flags=re.DOTALL)
    assert changed != text
    (folder / "accounts.toml").write_text(changed, encoding="utf-8")
    ended = untouched.ferry.run("execute", untouched.run, "--accounts", folder / "accounts.toml")
    assert (ended.code, words in ended.err) == (code, True), ended.err
    assert not any(sent.method == "POST" for sent in untouched.sandbox.requests())
