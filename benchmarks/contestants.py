"""The ways to look through a list that `check` is measured against; each prints how many rows it saw."""

from __future__ import annotations

POLARS = "import polars as p; print(p.read_csv({path!r}, infer_schema=False).height)"
CALAMINE = (
    "import python_calamine as c;"
    "print(len(c.CalamineWorkbook.from_path({path!r}).get_sheet_by_index(0).to_python()) - 1)"
)
LOOP = """
import pandas as pd
table = {read}
seen, bad = set(), []
for at, row in table.iterrows():
    digits = str(row["ICCID"]).strip()
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    if not digits.isdigit() or len(digits) != 20 or not digits.startswith("89") or total % 10 or digits in seen:
        bad.append(at + 2)
    seen.add(digits)
print(len(table))
"""
LOOP_CSV = LOOP.replace("{read}", "pd.read_csv({path!r}, dtype=str)")
LOOP_XLSX = LOOP.replace("{read}", "pd.read_excel({path!r}, dtype=str, engine='openpyxl')")
