"""A SIM is in at most one live run, and a run in at most one live process."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from domain.errors import RefusedToRun
from journal.claims import CLAIMED, Claims
from journal.lock import holding
from journal.run_folder import RunFolder

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOLD_UNTIL_KILLED = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from journal.run_folder import RunFolder
from journal.lock import holding
with holding(RunFolder(Path(sys.argv[1])), "ann@depot", datetime(2026, 11, 20, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""
CLAIM = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from domain.errors import RefusedToRun
from journal.claims import Claims
with Claims.open(None, Path(sys.argv[1])) as claims:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        claims.claim("emnify", sys.argv[2], map(str, range(20_000)), "ann", datetime(2026, 11, 20, tzinfo=UTC))
        print("mine")
    except RefusedToRun as refused:
        print(refused.cause)
"""


def test_a_sim_is_claimed_by_one_run_and_the_other_is_told_whose_it_is(tmp_path: Path) -> None:
    with Claims.open(None, tmp_path) as claims:
        claims.claim("emnify", "first", pl.Series(["1", "2"]), "ann", NOW)
        with pytest.raises(RefusedToRun, match=r"1 SIMs .* first \(1 SIMs, ann, since 2026-11-20T00:00:00Z") as refused:
            claims.claim("emnify", "second", pl.Series(["2", "3"]), "bob", NOW)
        assert refused.value.cause == "held"
        assert claims.held("another").is_empty()
        assert claims.held("another").schema == CLAIMED
        held = claims.held("emnify")
        assert held.schema == CLAIMED
        assert held.sort("key").rows() == [(key, "first", "ann", "2026-11-20T00:00:00Z") for key in ("1", "2")]


def test_claiming_twice_is_harmless_and_releasing_frees(tmp_path: Path) -> None:
    with Claims.open(None, tmp_path) as claims:
        for _ in range(2):
            claims.claim("emnify", "first", ["1", "2", "3"], "ann", NOW)
        claims.release("emnify", "first", ["2"])
        assert sorted(claims.held("emnify")["key"]) == ["1", "3"]
        claims.release("emnify", "second")
        assert sorted(claims.held("emnify")["key"]) == ["1", "3"]
        claims.release("emnify", "first")
        claims.claim("emnify", "second", ["1"], "bob", NOW)
        assert claims.held("emnify")["run"].to_list() == ["second"]


def test_the_same_number_at_another_provider_is_another_sim(tmp_path: Path) -> None:
    with Claims.open(None, tmp_path) as claims:
        claims.claim("emnify", "first", ["1"], "ann", NOW)
        claims.claim("soracom", "second", ["1"], "ann", NOW)


def test_of_two_processes_that_claim_at_once_one_gets_all_and_one_nothing(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(tmp_path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("first", "second")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(said) == ["held", "mine"]
    with Claims.open(None, tmp_path) as claims:
        assert claims.held("emnify")["run"].to_list() == [("first", "second")[said.index("mine")]] * 20_000


def test_a_live_holder_is_named_and_a_dead_one_is_forgotten(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD_UNTIL_KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        wanted = rf"ann@depot, process {child.pid} on .*, since 2026-11-20"
        with pytest.raises(RefusedToRun, match=wanted) as refused, holding(RunFolder(tmp_path), "bob", NOW):
            pass
        assert refused.value.cause == "locked"
    finally:
        child.kill()
        child.communicate()
    with holding(RunFolder(tmp_path), "bob", NOW):
        pass


def test_a_run_is_held_once_and_then_free(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for _ in range(2):
        with holding(folder, "ann", NOW):
            with pytest.raises(RefusedToRun, match="held by ann"), holding(folder, "ann", NOW):
                pass
            assert folder.lock.stat().st_mode & 0o077 == 0
    assert not folder.holder.exists()
