"""`report.xlsx`: a summary with its chart, and a sheet for each table."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from reports.data_sheet import empty_sheet
from reports.filled import write_filled
from reports.run_report import RunReport
from reports.sheet_styles import Styles
from reports.summary import Summary
from reports.summary_sheet import write_summary
from reports.tables import EXCEL_ROWS_MAX, Table, split, tables


def write_workbook(report: RunReport, summary: Summary, path: Path, rows_max: int = EXCEL_ROWS_MAX) -> Path:
    """Write `report.xlsx` and give its path; sheets end at `rows_max` rows and go on in a next one."""
    sheets = [sheet for table in tables(report) for sheet in split(table, rows_max)]
    return write_filled(_skeleton(report, summary, sheets), sheets, path)


def _skeleton(report: RunReport, summary: Summary, sheets: list[Table]) -> bytes:
    """The workbook without its lines: every sheet, its headings, and a row below that shows every format."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_custom_property("simferry_run", report.plan.run)
        book.set_properties({"title": f"simferry report of {report.plan.run}", "comments": summary.closing})
        styles = Styles(book)
        write_summary(book, styles, summary, [sheet.title for sheet in sheets])
        for table in sheets:
            empty_sheet(book, styles, table)
    return out.getvalue()
