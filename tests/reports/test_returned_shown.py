"""A list with registration codes comes back without them, in its own format, each row with what became of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.lists import Column
from domain.outcomes import OUTCOMES
from domain.plan import nobody
from reports.annotations import HEADINGS
from reports.returned import NotReturned
from reports.returned_shown import ROW, return_shown
from reports.run_report import ListFile
from reports.write import write_reports
from tests.reports.report_samples import Made

SECRET = "S3CR3TC0D3"
COLUMNS = (Column(0, "ICCID", "A"), Column(1, "Code", "B"), Column(2, "Note", "C"))
SHOWN = pl.DataFrame(
    {"row": [4, 6], "ICCID": ["89883070000100005006", "x"], "Note": ["=1+1; a", None]},
    schema={"row": pl.UInt32(), "ICCID": pl.String(), "Note": pl.String()},
)
OUTCOME = pl.DataFrame(
    [
        {"row": 4, "outcome": "confirmed", "reason": "Registered: seen in the account.", "next_step": "Nothing to do."},
        {"row": 6, "outcome": "rejected", "reason": "no digits", "next_step": "Look."},
    ],
    schema=OUTCOMES,
)
BACK = ["ICCID", "Note", ROW, *HEADINGS]
FIRST = ("89883070000100005006", "=1+1; a", "4", "Confirmed", "Registered: seen in the account.", "Nothing to do.")
SECOND = ("x", None, "6", "Rejected", "no digits", "Look.")


def listed(folder: Path, name: str, form: str) -> ListFile:
    path = folder / name
    path.write_text(f"ICCID;Code;Note\n1;{SECRET};x\n", encoding="utf-8")
    return ListFile(path, name, form, "Sheet" if form == "xlsx" else "", 1, COLUMNS)


@pytest.mark.parametrize("name", ["sims.csv", "sims.txt"])
def test_a_csv_comes_back_with_its_separator_and_without_codes(tmp_path: Path, name: str) -> None:
    file = return_shown(listed(tmp_path, name, "csv"), SHOWN, OUTCOME, tmp_path)
    assert file.name == f"returned-{name}"
    assert SECRET not in file.read_text(encoding="utf-8")
    back = pl.read_csv(file, separator=";", infer_schema=False)
    assert back.columns == BACK
    assert back.rows() == [FIRST, SECOND]


@pytest.mark.parametrize("name", ["sims.xlsx", "sims.xlsm"])
def test_a_workbook_comes_back_as_a_new_one_in_which_every_cell_is_text(tmp_path: Path, name: str) -> None:
    file = return_shown(listed(tmp_path, name, "xlsx"), SHOWN, OUTCOME, tmp_path)
    assert file.name == "returned-sims.xlsx"
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [tuple(row) for row in sheet.iter_rows(values_only=True)] == [tuple(BACK), FIRST, SECOND]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}


def test_a_parquet_comes_back_as_one(tmp_path: Path) -> None:
    file = return_shown(listed(tmp_path, "sims.parquet", "parquet"), SHOWN, OUTCOME, tmp_path)
    assert pl.read_parquet(file).columns == BACK


def test_columns_of_an_earlier_report_are_replaced(tmp_path: Path) -> None:
    old = SHOWN.with_columns(pl.lit("old").alias(name) for name in (ROW, *HEADINGS))
    file = return_shown(listed(tmp_path, "sims.csv", "csv"), old, OUTCOME, tmp_path)
    assert pl.read_csv(file, separator=";", infer_schema=False).rows() == [FIRST, SECOND]


def test_a_registration_never_hands_out_the_list_as_it_is(tmp_path: Path, made: Made) -> None:
    report = made()
    registration = replace(report, plan=replace(report.plan, source=nobody(report.plan.target.base_url)))
    files = write_reports(registration, tmp_path)
    assert not any(file.name.startswith("returned-") for file in files)
    rows = report.outcomes["row"].unique(maintain_order=True)
    shown = pl.DataFrame({"row": rows}).with_columns(ICCID=pl.lit("x"))
    files = write_reports(replace(registration, shown=shown), tmp_path)
    (back,) = [file for file in files if file.name.startswith("returned-")]
    with back.open(encoding="utf-8-sig") as text:
        assert text.readline().strip() == ",".join(("ICCID", ROW, *HEADINGS))


def test_more_rows_than_a_sheet_takes_are_in_the_report_alone(tmp_path: Path) -> None:
    many = pl.DataFrame({"row": pl.int_range(1_048_576, eager=True, dtype=pl.UInt32)})
    with pytest.raises(NotReturned, match="more rows than a sheet takes"):
        return_shown(listed(tmp_path, "sims.xlsx", "xlsx"), many, OUTCOME, tmp_path)
