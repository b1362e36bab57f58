"""The answers of an audit, written into its month's folder."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from domain.audit.report import AuditReport
from reports.audit_markdown import write_markdown
from reports.audit_page import write_audit_page
from reports.audit_sheet import write_summary
from reports.audit_tables import audit_tables
from reports.audit_words import headline
from reports.data_sheet import empty_sheet
from reports.filled import write_filled
from reports.sheet_styles import Styles
from reports.tables import split


def write_audit(report: AuditReport, folder: Path) -> tuple[Path, Path]:
    """Write `audit.html`, `audit.md` and `audit.xlsx`, each whole or not at all, mode 0600; the paths of the workbook
    and of the page.
    """  # noqa: D205 - one sentence on two lines
    write_markdown(report, folder / "audit.md")
    page = write_audit_page(report, folder / "audit.html")
    sheets = [sheet for table in audit_tables(report) for sheet in split(table)]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_custom_property("simferry_audit", report.month)
        book.set_properties({"title": f"simferry audit of {report.month}", "comments": headline(report)})
        styles = Styles(book)
        write_summary(book, styles, report, [sheet.title for sheet in sheets])
        for table in sheets:
            empty_sheet(book, styles, table)
    return write_filled(out.getvalue(), sheets, folder / "audit.xlsx"), page
