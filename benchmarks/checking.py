"""`simferry check` as a whole process, beside a bare read of the same file and the script people write today.

    .venv/bin/python -m benchmarks.checking [--rows 1000000] [--loop-rows 50000] [--times 5]

The bare read is polars' for CSV (all columns as text) and python-calamine's for xlsx (all cells with their types). The
script is pandas, with openpyxl for xlsx, and a loop that checks length, check digit and duplicates; it is run once, and
for xlsx over fewer rows, scaled up. A cold check is one of a list of ten rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.contestants import CALAMINE, LOOP_CSV, LOOP_XLSX, POLARS
from benchmarks.lists import write_list
from benchmarks.measured import SIMFERRY, Measured, by_turns, measured, table

HEADINGS = ("", "seconds", "× bare", "CPU s", "peak MB", "from rows")
COLD_ROWS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--loop-rows", type=int, default=50_000, help="rows of xlsx for pandas, openpyxl and a loop")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simferry-checking-") as name:
        folder = Path(name)
        cold = by_turns({"cold": [*SIMFERRY, "check", write_list(folder, "csv", COLD_ROWS)]}, asked.times)["cold"]
        lines = [_line(f"check, csv of {COLD_ROWS} rows", cold, None, COLD_ROWS, COLD_ROWS)]
        for form, bare, loop, loop_rows in (
            ("csv", POLARS, LOOP_CSV, asked.rows),
            ("xlsx", CALAMINE, LOOP_XLSX, min(asked.loop_rows, asked.rows)),
        ):
            path = write_list(folder, form, asked.rows)
            runs = by_turns({"check": [*SIMFERRY, "check", path], "bare": _python(bare, path)}, asked.times)
            script = measured(_python(loop, write_list(folder, form, loop_rows)))
            lines += [
                _line(f"{form}: simferry check", runs["check"], runs["bare"], asked.rows, asked.rows),
                _line(f"{form}: bare read", runs["bare"], runs["bare"], asked.rows, asked.rows),
                _line(f"{form}: pandas and a loop", script, runs["bare"], loop_rows, asked.rows),
            ]
        print(f"{asked.rows:,} rows × 5 text columns, whole processes, medians of {asked.times} (the loop: once)\n")
        table(HEADINGS, lines)


def _python(script: str, path: Path) -> list[str]:
    return [sys.executable, "-c", script.format(path=str(path))]


def _line(name: str, run: Measured, bare: Measured | None, from_rows: int, rows: int) -> tuple[str, ...]:
    """A line of the table, scaled up from the rows that were measured."""
    scale = rows / from_rows
    ratio = "–" if bare is None else f"{run.wall_s * scale / bare.wall_s:.2f}"
    seconds, cpu = run.wall_s * scale, run.cpu_s * scale
    return name, f"{seconds:.2f}", ratio, f"{cpu:.2f}", f"{run.peak_mb:,.0f}", f"{from_rows:,}"


if __name__ == "__main__":
    main()
