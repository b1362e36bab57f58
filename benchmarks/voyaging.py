"""The whole way of a list, command by command: seconds, processor seconds, memory, and bytes of memory per row.

    .venv/bin/python -m benchmarks.voyaging [--rows 100000 300000 1000000] [--small-rows 1000] [--times 3]

Every command is a process of its own, against a sandbox without latency or limits that holds exactly the listed SIMs,
with a Prefect server already up. The bytes per row are the slope of the peak memory between the smallest list and
each other. The plan of a small list is the one that shall take less than 5 s.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.measured import Measured, middle, table
from benchmarks.sites import Site, prefect, site

HEADINGS = ("", "rows", "seconds", "CPU s", "peak MB", "bytes per row more")
RUNS = dict[str, dict[int, Measured]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--small-rows", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=3, help="plans of the small list")
    asked = parser.parse_args()
    runs: RUNS = {}
    with prefect() as server:
        small = _small_plan(server, asked.small_rows, asked.times)
        for rows in asked.rows:
            with (
                tempfile.TemporaryDirectory(prefix="simferry-voyaging-") as folder,
                site(Path(folder), server, rows, rows) as place,
            ):
                _voyage(place, rows, runs)
    print(f"Whole processes, a Prefect server up; the plan of {asked.small_rows:,} rows: median of {asked.times}\n")
    table(HEADINGS, [_line("plan, small", asked.small_rows, small, "–"), *_lines(runs)])


def _small_plan(server: str, rows: int, times: int) -> Measured:
    """The middle of some plans of one list, in a sandbox that holds twice as many."""
    with (
        tempfile.TemporaryDirectory(prefix="simferry-voyaging-") as folder,
        site(Path(folder), server, 2 * rows, rows) as place,
    ):
        return middle([place.plan()[0] for _ in range(times)])


def _voyage(place: Site, rows: int, runs: RUNS) -> None:
    """Every command once, in order."""
    made: dict[str, Measured] = {"check": place.simferry("check", place.list)}
    made["plan"], name, sims = place.plan()
    place.simferry("approve", name, "--sims", str(sims))
    made["execute"] = place.simferry("execute", name)
    made["reconcile"] = place.simferry("reconcile", name)
    for command, run in made.items():
        runs.setdefault(command, {})[rows] = run


def _lines(runs: RUNS) -> list[tuple[str, ...]]:
    lines = []
    for command, by_rows in runs.items():
        fewest = min(by_rows)
        for rows, run in by_rows.items():
            more = rows - fewest
            slope = f"{(run.peak_mb - by_rows[fewest].peak_mb) * 2**20 / more:,.0f}" if more else "–"
            lines.append(_line(command, rows, run, slope))
    return lines


def _line(name: str, rows: int, run: Measured, slope: str) -> tuple[str, ...]:
    return name, f"{rows:,}", f"{run.wall_s:.1f}", f"{run.cpu_s:.1f}", f"{run.peak_mb:,.0f}", slope


if __name__ == "__main__":
    main()
