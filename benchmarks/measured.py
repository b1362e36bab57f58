"""Whole processes on the stopwatch: seconds, processor seconds and the largest memory each held."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIMFERRY = (sys.executable, "-m", "flows.cli")
GOOD = (0, 3)  # `simferry` ends with 3 where rows were rejected, which a benchmark's list has


@dataclass(frozen=True, slots=True)
class Measured:
    """One process from its start to its end; `cpu_s` counts all its threads."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str


def measured(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Measured:
    """Run one process to its end; exits with its words where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.read()
        complained = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    if process.returncode not in GOOD:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said}{complained}")
    return Measured(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def middle(runs: Sequence[Measured]) -> Measured:
    """Medians of seconds, the largest memory, and the first words."""
    return Measured(
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.cpu_s for run in runs),
        max(run.peak_mb for run in runs),
        runs[0].said,
    )


def by_turns(commands: Mapping[str, Sequence[str | Path]], times: int) -> dict[str, Measured]:
    """Each command so many times, in turn, so that a busy moment of the machine falls on all of them."""
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            runs[name].append(measured(command))
    return {name: middle(each) for name, each in runs.items()}


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Print a table that reads as text and as Markdown."""
    rows = [list(headings), *map(list, lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(headings))]
    for number, row in enumerate(rows):
        cells = [
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("| " + " | ".join(cells) + " |", flush=True)
        if number == 0:
            print(
                "|" + "|".join("-" * (width + 1) + ("-" if at == 0 else ":") for at, width in enumerate(widths)) + "|"
            )
    print()
