"""Reading a list of a million rows: ours beside the bare libraries and the script people write today.

    .venv/bin/python -m benchmarks.reading [--rows N] [--pandas-rows N] [--times N]

Each figure is the median of whole processes, imports included, with the largest memory that one of them held.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from itertools import chain
from pathlib import Path

from benchmarks.contestants import CALAMINE, POLARS
from benchmarks.lists import HEADINGS, write_list
from benchmarks.measured import measured, table

OURS = "from pathlib import Path; from inputs.read import read_list; print(read_list(Path({path!r})).rows.height)"
PANDAS_XLSX = "import pandas as p; print(len(p.read_excel({path!r}, dtype=str, engine='openpyxl')))"
CONTESTANTS = {
    "csv": {
        "ours": OURS,
        "polars read_csv, bare": POLARS,
        "pandas read_csv": "import pandas as p; print(len(p.read_csv({path!r}, dtype=str)))",
    },
    "xlsx": {"ours": OURS, "calamine, bare": CALAMINE, "pandas and openpyxl": PANDAS_XLSX},
}
SLOW = {"pandas and openpyxl"}  # run once, and over fewer rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pandas-rows", type=int, default=50_000, help="rows for pandas and openpyxl, scaled up")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simferry-reading-") as folder:
        print(f"{asked.rows:,} rows × {len(HEADINGS)} text columns, median of {asked.times} whole processes\n")
        lines = [_compare(Path(folder), form, contestants, asked) for form, contestants in CONTESTANTS.items()]
        table(("", "seconds", "× bare", "peak MB", "from rows"), chain.from_iterable(lines))


def _compare(folder: Path, form: str, contestants: dict[str, str], asked: argparse.Namespace) -> list[tuple[str, ...]]:
    """A line per contestant."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    rows = {name: min(asked.rows, asked.pandas_rows) if name in SLOW else asked.rows for name in contestants}
    for turn in range(asked.times):  # by turns, so that a busy moment of the machine falls on all of them
        for name, script in contestants.items():
            if turn == 0 or name not in SLOW:
                path = write_list(folder, form, rows[name])
                runs[name].append(_run(script.format(path=str(path)), rows[name]))
    figures: dict[str, tuple[float, float]] = {}
    for name, timed in runs.items():
        scale = asked.rows / rows[name]
        seconds = statistics.median(each[0] for each in timed) * scale
        figures[name] = (seconds, max(each[1] for each in timed))
    bare = next(seconds for name, (seconds, _) in figures.items() if name.endswith("bare"))
    return [
        (f"{form}: {name}", f"{seconds:.2f}", f"{seconds / bare:.2f}", f"{peak_mb:,.0f}", f"{rows[name]:,}")
        for name, (seconds, peak_mb) in figures.items()
    ]


def _run(script: str, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a process that runs a script and prints how many rows it read."""
    run = measured([sys.executable, "-c", script])
    if int(run.said) != rows:
        sys.exit(f"a contestant read {run.said!r} rows instead of {rows}:\n{script}")
    return run.wall_s, run.peak_mb


if __name__ == "__main__":
    main()
