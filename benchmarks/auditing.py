"""A register held against an account, of as many SIMs each, beside pandas and the field's library for comparing tables.

    .venv/bin/python -m benchmarks.auditing [--rows 1000000 10000000] [--times 1] [--with PYTHON]

One SIM in a thousand is broken: missing, not in the books, or in another status. `simferry audit --from-snapshots`
reads the register as CSV, judges every identifier, holds it against the account's snapshot (Parquet), carries the
ledger on and writes the workbook. The others read the same register and the same account as one Parquet file, and
compare them by ICCID: pandas by an outer merge, datacompy by its comparison and report. They take part where --with
names a Python that has datacompy, which brings pandas and pyarrow; its pins exclude ours.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.measured import SIMFERRY, Measured, measured, table
from benchmarks.sites import prefect
from domain.audit.frames import HELD
from domain.audit.numbers import sim_number
from domain.identifiers import with_check_digit
from journal.audits import month_folder
from tasks.audit_buckets import keep

MONTH = "2026-10"
FIRST = 8_988_303_000_010_000_000
BROKEN_EVERY = 1_000
PANDAS = """
import pandas as pd
books = pd.read_csv({register!r}, dtype=str)
held = pd.read_parquet({inventory!r})
both = books.merge(held, left_on="ICCID", right_on="iccid", how="outer", indicator=True)
missing = both[both["_merge"] == "left_only"]
unknown = both[both["_merge"] == "right_only"]
there = both[both["_merge"] == "both"]
status = there[there["Status"] != there["status"]]
pair = there[there["IMSI"] != there["imsi"]]
for name, rows in (("missing", missing), ("unknown", unknown), ("status", status), ("pair", pair)):
    rows.to_csv({folder!r} + "/" + name + ".csv")
print(len(missing), len(unknown), len(status))
"""
DATACOMPY = """
import datacompy, pandas as pd
books = pd.read_csv({register!r}, dtype=str).rename(columns=dict(ICCID="iccid", IMSI="imsi", Status="status"))
held = pd.read_parquet({inventory!r})
columns = ["iccid", "imsi", "status"]
compared = datacompy.PandasCompare(books[columns], held[columns], join_columns="iccid")
compared.report()
print(len(compared.df1_unq_rows), len(compared.df2_unq_rows), int((~compared.intersect_rows["status_match"]).sum()))
"""
HEADINGS = ("", "rows", "seconds", "CPU s", "peak MB", "times simferry", "missing, unknown, status")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--with", dest="python", default=None, metavar="PYTHON")
    asked = parser.parse_args()
    lines = []
    with prefect() as server:
        for rows in asked.rows:
            with tempfile.TemporaryDirectory(prefix="simferry-auditing-") as folder:
                lines += _contest(Path(folder), server, rows, asked.times, asked.python)
    table(HEADINGS, lines)


def _contest(folder: Path, server: str, rows: int, times: int, python: str | None) -> list[tuple[str, ...]]:
    register, inventory = _made(folder, rows)
    paths = {"register": str(register), "inventory": str(inventory), "folder": str(folder)}
    env = {
        **os.environ,
        "PREFECT_API_URL": server,
        "SIMFERRY_AUDITS": str(folder / "audits"),
        "SIMFERRY_HOME": str(folder / "runs"),
    }
    ours = [
        *SIMFERRY, "audit", f"assets={register}", "--from-snapshots", "--month", MONTH, "--json",
        "--settings", str(folder / "audit.toml"),
    ]  # fmt: skip
    runs = {"simferry audit": [measured(ours, env) for _ in range(times)]}
    if python:
        runs["pandas merge"] = [measured([python, "-c", PANDAS.format(**paths)]) for _ in range(times)]
        runs["datacompy"] = [measured([python, "-c", DATACOMPY.format(**paths)]) for _ in range(times)]
    first = _middle(runs["simferry audit"])
    return [
        (
            name,
            f"{rows:,}",
            f"{run.wall_s:.1f}",
            f"{run.cpu_s:.1f}",
            f"{run.peak_mb:,.0f}",
            f"{run.wall_s / first.wall_s:.1f}",
            _counts(run),
        )
        for name, run in ((name, _middle(each)) for name, each in runs.items())
    ]


def _middle(runs: list[Measured]) -> Measured:
    return sorted(runs, key=lambda run: run.wall_s)[len(runs) // 2]


def _counts(run: Measured) -> str:
    said = run.said.strip().splitlines()[-1]
    if not said.startswith("{"):
        return said.replace(" ", ", ")
    breaks = json.loads(said)["breaks"]
    return ", ".join(str(breaks.get(kind, 0)) for kind in ("missing", "not_in_books", "status_differs"))


def _made(folder: Path, rows: int) -> tuple[Path, Path]:
    """The register, and the account as one file for the others; the same account as a snapshot for simferry."""
    at = pl.int_range(rows, dtype=pl.UInt64)
    body = (pl.lit(FIRST, pl.UInt64) + at).cast(pl.String)
    sims = pl.select(
        at.alias("at"),
        with_check_digit(body).alias("iccid"),
        (pl.lit(901_430_000_000_000, pl.UInt64) + at).cast(pl.String).alias("imsi"),
        pl.when(at % 3 == 0).then(pl.lit("Activated")).otherwise(pl.lit("Suspended")).alias("status"),
    )
    held = sims.filter(pl.col("at") % BROKEN_EVERY != 1).drop("at").sample(fraction=1.0, shuffle=True, seed=1)
    inventory = folder / "inventory.parquet"
    held.write_parquet(inventory)
    register = folder / "assets.csv"
    other = pl.when(pl.col("at") % BROKEN_EVERY == 2).then(pl.lit("Issued")).otherwise("status")
    sims.filter(pl.col("at") % BROKEN_EVERY != 0).select(
        pl.col("iccid").alias("ICCID"),
        pl.col("imsi").alias("IMSI"),
        pl.lit("pilot").alias("Account"),
        other.alias("Status"),
        pl.lit("1.20").alias("Price per month"),
    ).write_csv(register)
    snapshot = held.select(
        pl.lit("pilot").alias("account"),
        sim_number(pl.col("iccid")).alias("sim"),
        "iccid",
        "imsi",
        "status",
        pl.lit(None, pl.String).alias("group"),
        pl.lit(date(2026, 9, 1)).alias("status_since"),
    ).match_to_schema(HELD)
    parts = month_folder(folder / "audits", MONTH).snapshot("pilot")
    keep(parts, snapshot, {"provider": "emnify", "problem": "", "read_at": "2026-10-01T06:00:00Z", "unnumbered": 0})
    (folder / "audit.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    return register, inventory


if __name__ == "__main__":
    main()
