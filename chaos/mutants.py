"""`python -m chaos.mutants [NAME…]`: safety guards are taken out of a copy of the tree, and their tests have to go red.

copy the tree ─► every listed test is green ─► guard by guard: take it out, run its tests, put it back ─► a table
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from chaos.guards import ROOT, Guard, guards

AT_ONCE = 2  # mutants that are tried beside each other
TEST_S_MAX = 120  # for one test, of which a mutant may have taken the end
TESTS_S_MAX = 900.0  # for all that is run at once
LINES_SHOWN = 40
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "runs", "*.egg-info")  # of the tree, when it is copied

PASSED, FAILED = 0, 1  # pytest's exit codes; all others say that it could not test at all
# A mutant that is no program any more shows nothing about its guard.
NO_PROGRAM = re.compile(r"^E +(?:Name|UnboundLocal|Import|ModuleNotFound|Syntax|Indentation)Error", re.MULTILINE)


class End(StrEnum):
    """What became of a mutant."""

    RED = "red"
    SURVIVED = "SURVIVED"  # its tests pass without the guard
    BROKEN = "BROKEN"  # its tests could not even be run


@dataclass(frozen=True, slots=True)
class Trial:
    """A guard, what became of the tree without it, and how long that took."""

    guard: Guard
    end: End
    seconds: float


def main(names: Sequence[str]) -> int:
    """Exit code: 0 where every guard's tests go red without it; prints a line for each."""
    known = guards()
    if strange := sorted(set(names) - {guard.name for guard in known}):
        print(f"There is no guard {', '.join(strange)}. There are:\n  " + "\n  ".join(g.name for g in known))
        return 2
    chosen = [guard for guard in known if not names or guard.name in names]
    if lost := [guard for guard in chosen if guard.places(ROOT) != 1]:
        for guard in lost:
            print(f"{guard.name}: its text is {guard.places(ROOT)} times in {guard.file}, and has to be there once.")
        return 1
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="simferry-mutants-") as place:
        tree = Path(place) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
        green = _run(tree, dict.fromkeys(test for guard in chosen for test in guard.tests), "--maxfail=20")
        if green.returncode != PASSED:
            print("\n".join(green.stdout.splitlines()[-LINES_SHOWN:]))
            print("These tests are to be green before anything is taken out.")
            return 1
        trials = _trials(tree, chosen)
    bad = [trial for trial in trials if trial.end is not End.RED]
    print(
        f"{len(trials)} guards taken out one by one: {len(trials) - len(bad)} red, "
        f"{sum(trial.end is End.SURVIVED for trial in bad)} survived, "
        f"{sum(trial.end is End.BROKEN for trial in bad)} broken; {time.monotonic() - began_s:.0f} s."
    )
    return 1 if bad else 0


def _trials(tree: Path, chosen: Sequence[Guard]) -> list[Trial]:
    """What became of each guard's mutant, in their order; as many at once as there are copies of the tree."""
    trees: SimpleQueue[Path] = SimpleQueue()
    trees.put(tree)
    for number in range(1, AT_ONCE):
        trees.put(shutil.copytree(tree, tree.with_name(f"tree-{number}")))

    def tried(guard: Guard) -> Trial:
        free = trees.get()
        try:
            return _told(_without(free, guard))
        finally:
            trees.put(free)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(tried, chosen))


def _without(tree: Path, guard: Guard) -> Trial:
    """What the guard's tests say of the tree without it; the tree is whole again afterwards."""
    path = tree / guard.file
    whole = path.read_text(encoding="utf-8")
    began_s = time.monotonic()
    path.write_text(whole.replace(guard.old, guard.new), encoding="utf-8")
    try:
        end = _end(_run(tree, guard.tests, "-x"))
    except subprocess.TimeoutExpired:
        end = End.RED
    finally:
        path.write_text(whole, encoding="utf-8")
    return Trial(guard, end, time.monotonic() - began_s)


def _end(done: subprocess.CompletedProcess[str]) -> End:
    if done.returncode == PASSED:
        return End.SURVIVED
    return End.BROKEN if done.returncode != FAILED or NO_PROGRAM.search(done.stdout) else End.RED


def _run(tree: Path, tests: Sequence[str] | dict[str, None], *options: str) -> subprocess.CompletedProcess[str]:
    """The tests, run in the tree, whose own modules go before whatever is installed."""
    environ = {**os.environ, "PYTHONPATH": str(tree)}
    if "-x" in options:
        environ["PYTHONDONTWRITEBYTECODE"] = "1"  # of a mutant, which may be as old and as long as what it replaces
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-o",
        f"timeout={TEST_S_MAX}",
    ]
    return subprocess.run(
        [*command, *options, *tests],
        cwd=tree,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TESTS_S_MAX,
        check=False,
    )


def _told(trial: Trial) -> Trial:
    """The trial, once its line is printed."""
    tests = ", ".join(test.rpartition("/")[2] for test in trial.guard.tests)
    print(f"{trial.end:<8} {trial.seconds:6.1f} s  {trial.guard.name:<34} {tests}", flush=True)
    return trial


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
