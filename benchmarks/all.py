"""Every benchmark after the other, with sizes that take some ten minutes on an idle machine with two cores.

    make bench        or        .venv/bin/python -m benchmarks.all [--rows N] [--only NAME] [--write]

Nothing is written but what is printed; `--write` puts it into docs/benchmarks.md too, between the markers there.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.measured import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- printed by make bench: begin -->", "<!-- printed by make bench: end -->"


@dataclass(frozen=True, slots=True)
class Bench:
    """One script: its title, what it is given, and the shares of `--rows` that it takes."""

    name: str
    title: str
    rows_word: str = "--rows"
    shares: tuple[float, ...] = (1.0,)
    more: tuple[str, ...] = ()


BENCHES = (
    Bench("checking", "`simferry check`", more=("--times", "3")),
    Bench("reading", "Reading a list", more=("--times", "3", "--pandas-rows", "20000"), shares=(0.3,)),
    Bench("judging", "Judging its rows, in one process", more=("--repeat", "3")),
    Bench("voyaging", "The whole way of a list", shares=(0.1, 0.3)),
    Bench("executing", "Execution, at 50 ms latency", shares=(0.02,)),
    Bench("streaming", "Super SIM: one call per SIM, at 50 ms latency and 20 at once", shares=(0.02,)),
    Bench("transferring", "Soracom: handed over with their settings, at 50 ms latency", shares=(0.002,)),
    Bench("reporting", "The files of a report", rows_word="--lines", more=("--without-xlsxwriter",)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=[bench.name for bench in BENCHES], action="append")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)} too")
    asked = parser.parse_args()
    printed = [_told(f"{_machine()}; {_moment()}.")]
    for bench in BENCHES:
        if asked.only is None or bench.name in asked.only:
            printed += [_told(f"\n### {bench.title}\n"), _run(bench, asked.rows)]
    printed.append(_told(f"\nAt the end: {_moment()}."))
    if asked.write:
        _write("".join(printed))


def _run(bench: Bench, rows: int) -> str:
    """What a benchmark prints, passed on line by line."""
    counts = [str(max(1, round(rows * share))) for share in bench.shares]
    command = [sys.executable, "-m", f"benchmarks.{bench.name}", bench.rows_word, *counts, *bench.more]
    began, printed = time.perf_counter(), []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [_told(line.rstrip("\n")) for line in process.stdout]
    if process.returncode:
        sys.exit(f"benchmarks.{bench.name} ended with {process.returncode}")
    again = f"\nAgain:  python {' '.join(command[1:])}  ({time.perf_counter() - began:.0f} s)"
    return "".join(printed) + _told(again)


def _told(line: str) -> str:
    print(line, flush=True)
    return line + "\n"


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GiB, Python {platform.python_version()}, {platform.system()}"


def _moment() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load over 1, 5 and 15 minutes {load}"


def _write(text: str) -> None:
    """Replace what stands between the markers of the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"{PAGE} has no markers to write between: {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
