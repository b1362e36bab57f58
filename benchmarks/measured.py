"""Whole processes on the stopwatch: seconds, processor seconds and the largest memory each held."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIMFERRY = (sys.executable, "-m", "flows.cli")

# A new process is told to have held what the one that started it held (Linux keeps the mark over exec): so a lean one
# stands between. It measures, and writes seconds, processor seconds, peak kB and exit code into a file.
LAUNCHER = """
import os, sys, time
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
wall_s = time.perf_counter() - began
with open(sys.argv[1], "w") as told:
    code = os.waitstatus_to_exitcode(status)
    told.write(f"[{wall_s}, {usage.ru_utime + usage.ru_stime}, {usage.ru_maxrss}, {code}]")
"""
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
    with tempfile.NamedTemporaryFile("r", prefix="simferry-measured-") as told:
        launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, told.name, *map(str, command)]
        run = subprocess.run(
            launched, cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=True
        )
        wall_s, cpu_s, peak_kb, code = json.loads(told.read())
    if code not in GOOD:
        sys.exit(f"{' '.join(map(str, command))} ended with {code}:\n{run.stdout}{run.stderr}")
    return Measured(wall_s, cpu_s, peak_kb / 1024, run.stdout)


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
