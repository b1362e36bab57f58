"""Reading a list of a million rows: ours beside the bare libraries and the script people write today.

    .venv/bin/python benchmarks/reading.py [--rows N] [--pandas-rows N] [--times N]

Each figure is the median of whole processes, imports included, with the largest memory that one of them held.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent
ROWS_AT_ONCE = 5_000
HEADINGS = ("ICCID", "Name", "Customer", "Plan", "Comment")
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'

OURS = "from pathlib import Path; from inputs.read import read_list; print(read_list(Path({path!r})).rows.height)"
CALAMINE = (
    "import python_calamine as c;"
    "print(len(c.CalamineWorkbook.from_path({path!r}).get_sheet_by_index(0).to_python()) - 1)"
)
PANDAS_XLSX = "import pandas as p; print(len(p.read_excel({path!r}, dtype=str, engine='openpyxl')))"
CONTESTANTS = {
    "csv": {
        "ours": OURS,
        "polars read_csv, bare": "import polars as p; print(p.read_csv({path!r}, infer_schema=False).height)",
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
        print(f"{'':6} {'':26} {'seconds':>8} {'× bare':>7} {'peak MB':>8}")
        for form, contestants in CONTESTANTS.items():
            _compare(Path(folder), form, contestants, asked)


def _compare(folder: Path, form: str, contestants: dict[str, str], asked: argparse.Namespace) -> None:
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    rows = {name: min(asked.rows, asked.pandas_rows) if name in SLOW else asked.rows for name in contestants}
    for turn in range(asked.times):  # by turns, so that a busy moment of the machine falls on all of them
        for name, script in contestants.items():
            if turn == 0 or name not in SLOW:
                path = _list(folder, form, rows[name])
                runs[name].append(_run(script.format(path=str(path)), rows[name]))
    figures: dict[str, tuple[float, float, str]] = {}
    for name, measured in runs.items():
        scale = asked.rows / rows[name]
        remark = f"  (from {rows[name]:,} rows, × {scale:.0f})" if scale > 1 else ""
        seconds = statistics.median(each[0] for each in measured) * scale
        figures[name] = (seconds, max(each[1] for each in measured), remark)
    bare = next(seconds for name, (seconds, _, _) in figures.items() if name.endswith("bare"))
    for name, (seconds, peak_mb, remark) in figures.items():
        print(f"{form:6} {name:26} {seconds:8.2f} {seconds / bare:7.2f} {peak_mb:8.0f}{remark}")


def _run(script: str, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a process that runs a script and prints how many rows it read."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode or int(said) != rows:
        sys.exit(f"a contestant failed, or read {said!r} rows instead of {rows}:\n{script}")
    return seconds, usage.ru_maxrss / 1024


def _list(folder: Path, form: str, rows: int) -> Path:
    path = folder / f"list-{rows}.{form}"
    if not path.exists():
        (_write_csv if form == "csv" else _write_xlsx)(path, rows)
    return path


def _row(number: int) -> tuple[str, ...]:
    iccid = 89_883_030_000_000_000_000 + number
    return str(iccid), f"device {number}", f"customer {number % 977}", f"plan {number % 13}", f"some comment {number}"


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        file.writelines(",".join(_row(number)) + "\n" for number in range(rows))


def _write_xlsx(path: Path, rows: int) -> None:
    """Write a workbook as Excel lays it out, with shared texts, but without a library's minutes."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet().write_string(0, 0, "x")
    with zipfile.ZipFile(content) as model, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for name in model.namelist():
            if name not in {SHEET, STRINGS}:
                made.writestr(name, model.read(name))
        with made.open(SHEET, "w", force_zip64=True) as file:
            _write_part(file, _sheet_xml(rows), model.read(SHEET), b"<sheetData>", b"</sheetData>")
        with made.open(STRINGS, "w", force_zip64=True) as file:
            _write_part(file, _strings_xml(rows), SST + b"</sst>", SST, b"</sst>")


def _write_part(file: IO[bytes], items: Iterator[str], model: bytes, begin: bytes, end: bytes) -> None:
    before, _, rest = model.partition(begin)
    file.write(before + begin)
    buffer: list[str] = []
    for item in items:
        buffer.append(item)
        if len(buffer) == ROWS_AT_ONCE:
            file.write("".join(buffer).encode())
            buffer.clear()
    file.write("".join(buffer).encode() + end + rest.partition(end)[2])


def _sheet_xml(rows: int) -> Iterator[str]:
    text = 0
    for row in range(1, rows + 2):
        cells = "".join(f'<c r="{column}{row}" t="s"><v>{text + at}</v></c>' for at, column in enumerate("ABCDE"))
        text += len(HEADINGS)
        yield f'<row r="{row}" spans="1:5">{cells}</row>'


def _strings_xml(rows: int) -> Iterator[str]:
    yield "".join(f"<si><t>{heading}</t></si>" for heading in HEADINGS)
    for number in range(rows):
        yield "".join(f"<si><t>{text}</t></si>" for text in _row(number))


if __name__ == "__main__":
    main()
