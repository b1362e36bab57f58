"""The lines of a report's workbook, read as somebody reads them, and held against the outcomes it was made from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
from python_calamine import load_workbook

from reports.words import WORDS

SHEET, HEADINGS = "Outcomes", ("Row", "Outcome", "ICCID")


def told_otherwise(report: Path, outcomes: pl.DataFrame) -> list[str]:
    """Lines that only one of the two has: row, outcome and ICCID; empty where the workbook says what is so."""
    labels = {str(outcome): words.label for outcome, words in WORDS.items()}
    due = Counter(
        (str(row), labels[outcome], iccid or "")
        for row, outcome, iccid in outcomes.select("row", pl.col("outcome").cast(pl.String), "iccid").iter_rows()
    )
    found = Counter(_lines(report))
    return [
        f"the workbook has {line} {found[line]} times, and {due[line]} times it is so"
        for line in sorted({*found, *due})
        if found[line] != due[line]
    ]


def _lines(report: Path) -> list[tuple[str, str, str]]:
    rows = load_workbook(str(report)).get_sheet_by_name(SHEET).to_python()
    head = next(place for place, row in enumerate(rows) if set(HEADINGS) <= {str(cell) for cell in row})
    row_at, outcome_at, iccid_at = (rows[head].index(heading) for heading in HEADINGS)
    return [
        (str(int(float(str(row[row_at])))), str(row[outcome_at]), str(row[iccid_at]))
        for row in rows[head + 1 :]
        if str(row[row_at])
    ]
