"""Seconds and peak memory of every file of a report of 1,000,000 lines, each in a process of its own.

    .venv/bin/python benchmarks/reporting.py [--lines 1000000] [--without-xlsxwriter]

`inputs` is what reading the outcomes costs by itself, and is part of every other line. `xlsxwriter` writes the sheet
Outcomes alone, cell by cell in its constant-memory mode, as the way one would do it without reports/rowxml.py.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measured import measured
from domain.batches import BATCHES
from domain.findings import FINDINGS
from domain.limits import Limits
from domain.lists import Column
from domain.orders import Options
from domain.outcomes import OUTCOMES
from domain.plan import Checked, ListFacts, Party, Plan, sealed
from reports.follow_ups import write_restore, write_retry
from reports.returned import return_list
from reports.rowxml import joined, rows, text_cell
from reports.run_report import Approved, ListFile, RunReport
from reports.sheet_styles import letters
from reports.summary import summarise
from reports.tables import shown, tables
from reports.webpage import write_page
from reports.workbook import write_workbook

KINDS = (  # of 100 lines: outcome, how many, reason, next step
    ("confirmed", 90, "seen in the target account", "Nothing to do."),
    ("declined", 4, "status not allowed", "It is in retry.csv: make a new plan from that list when the cause is gone."),
    ("refused", 3, "neither account holds this SIM", "Check the number against the card; then plan again."),
    ("rejected", 3, "a number of 19 digits: Excel kept 15 of them", "Get the list again with this column as text."),
)
COLUMNS = ("Name", "ICCID", "Site", "Tariff", "Note")


def make_outcomes(lines: int) -> pl.DataFrame:
    """Outcomes of a list with the usual share of trouble."""
    kinds = [kind for kind in KINDS for _ in range(kind[1])]
    table = pl.DataFrame(kinds, schema=["outcome", "share", "reason", "next_step"], orient="row").with_row_index("kind")
    at = pl.col("line")
    base = pl.DataFrame({"line": pl.int_range(1, lines + 1, dtype=pl.UInt32, eager=True)}).with_columns(
        (at + 1).alias("row"), (at * 37 % 100).cast(pl.UInt32).alias("kind")
    )
    rejected = pl.col("outcome") == "rejected"
    number = pl.lit("89883030") + (100_000_000_000 + at.cast(pl.Int64)).cast(pl.String)
    made = base.join(table, on="kind", maintain_order="left").with_columns(
        pl.when(~rejected).then(at).alias("line"),
        pl.when(~rejected).then(number).alias("iccid"),
        number.alias("raw"),
        at.cast(pl.String).alias("sim_id"),
        (at // 500 + 1).cast(pl.UInt32).alias("batch"),
        pl.lit(1, pl.UInt16).alias("attempts"),
        pl.when(at % 2 == 0).then(pl.lit("Activated")).otherwise(pl.lit("Issued")).alias("status_before"),
        pl.lit("Suspended").alias("status_now"),
        pl.lit("target").alias("side_now"),
        pl.lit("2026-11-20T10:11:12.000000Z").alias("last_at"),
    )
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in OUTCOMES.items()
    )


def make_list(lines: int, path: Path) -> None:
    """A workbook of five text columns, as the analyst might have it."""
    frame = pl.DataFrame({"#": pl.int_range(2, lines + 2, eager=True)}).with_columns(
        pl.col("#").cast(pl.String),
        (pl.lit("Meter ") + pl.col("#").cast(pl.String)).alias("Name"),
        (pl.lit("89883030") + (100_000_000_000 + pl.col("#") - 1).cast(pl.String)).alias("ICCID"),
        pl.lit("Köln & <Bonn>").alias("Site"),
        pl.lit("M2M 5 MB").alias("Tariff"),
        pl.lit("installed in the cellar").alias("Note"),
    )
    frame.select(COLUMNS).write_csv(path.with_suffix(".csv"))
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("SIMs").write_row(0, 0, COLUMNS)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    head, _, tail = parts["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")
    cells = [text_cell(letters(at), pl.col("#"), pl.col(name), pl.lit("0")) for at, name in enumerate(COLUMNS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, body in parts.items():
            with package.open(name, "w") as out:
                if name != "xl/worksheets/sheet1.xml":
                    out.write(body)
                    continue
                out.write(head)
                for part in frame.iter_slices(50_000):
                    out.write(joined(part.select(rows(pl.col("#"), cells).alias("xml"))["xml"]))
                out.write(b"</sheetData>" + tail)


def report_of(folder: Path, form: str = "xlsx") -> RunReport:
    """The account of a run with the outcomes that lie in `folder`."""
    outcomes = pl.read_parquet(folder / "outcomes.parquet")
    rejected = outcomes.filter(pl.col("outcome") == "rejected").height
    plan = Plan(
        run="2026-11-20-fleet",
        made_at="2026-11-20T09:00:00Z",
        provider="emnify",
        source=Party("acme-old", "1001", "https://cdn.emnify.net"),
        target=Party("acme-new", "2002", "https://cdn.emnify.net"),
        list=ListFacts("fleet.xlsx", "ab" * 32, "SIMs", "", outcomes.height, outcomes.height - rejected, rejected),
        options=Options(),
        limits=Limits(),
        counts={"MOVE": outcomes.height - rejected},
        reasons={},
        batches=2000,
        guarantee="",
        consequences=(),
        checked=Checked(),
        preflight=(),
        calls_estimated=0,
        seconds_estimated=0.0,
        steps_sha256="",
    )
    columns = tuple(Column(at, name, letters(at)) for at, name in enumerate(COLUMNS))
    listed = ListFile(folder / f"fleet.{form}", f"fleet.{form}", form, "SIMs" if form == "xlsx" else "", 1, columns)
    nothing, batches = pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=BATCHES)
    approved = Approved("anna", "2026-11-20T09:30:00Z")
    return RunReport(
        sealed(plan), listed, outcomes, nothing, batches, (), ("Activated",), approved, "2026-11-20T10:30:00Z"
    )


def bare_xlsxwriter(report: RunReport, path: Path) -> None:
    """The sheet Outcomes as a loop over cells."""
    table = next(table for table in tables(report) if table.title == "Outcomes")
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, text = book.add_worksheet("Outcomes"), book.add_format({"num_format": "@"})
        sheet.write_row(0, 0, [heading.heading for heading in table.headings])
        for number, line in enumerate(shown(table).iter_rows(), start=1):
            for at, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(number, at, value, text)
                elif value is not None:
                    sheet.write_number(number, at, value)


def work(folder: Path) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    out = folder / "out"
    out.mkdir(exist_ok=True)

    def page() -> None:
        report = report_of(folder)
        write_page(report, summarise(report), out / "report.html")

    def workbook() -> None:
        report = report_of(folder)
        write_workbook(report, summarise(report), out / "report.xlsx")

    def returned(form: str) -> None:
        report = report_of(folder, form)
        return_list(report.list, report.outcomes, "run", out)

    return {
        "inputs": lambda: report_of(folder),
        "report.xlsx": workbook,
        "report.html": page,
        "returned-fleet.xlsx": lambda: returned("xlsx"),
        "returned-fleet.csv": lambda: returned("csv"),
        "retry.csv": lambda: write_retry(report_of(folder).outcomes, out / "retry.csv"),
        "restore.csv": lambda: write_restore(report_of(folder), out / "restore.csv"),
        "outcomes.parquet": lambda: report_of(folder).outcomes.write_parquet(
            out / "outcomes.parquet", compression="zstd"
        ),
        "xlsxwriter": lambda: bare_xlsxwriter(report_of(folder), out / "xlsxwriter"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--without-xlsxwriter", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        began, busy = time.perf_counter(), time.process_time()
        work(asked.folder)[asked.one]()
        took, busy = time.perf_counter() - began, time.process_time() - busy
        print(f"{took} {busy} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_outcomes(asked.lines).write_parquet(folder / "outcomes.parquet")
        make_list(asked.lines, folder / "fleet.xlsx")
        print(f"| {asked.lines:,} lines | seconds | CPU s | peak MB | file MB |\n|---|---|---|---|---|")
        for one in work(folder):
            if one == "xlsxwriter" and asked.without_xlsxwriter:
                continue
            command = [sys.executable, __file__, "--one", one, "--folder", name]
            seconds, busy, peak = map(float, measured(command).said.split())
            written = folder / "out" / one
            size = f"{written.stat().st_size / 1e6:.0f}" if written.exists() else "–"
            print(f"| {one} | {seconds:.1f} | {busy:.1f} | {peak:,.0f} | {size} |", flush=True)


if __name__ == "__main__":
    main()
