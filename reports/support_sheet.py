"""The first sheet of `support-request.xlsx`: who asks for what, when it can be done, and what has to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.sheet_styles import Styles, wrapped_height
from reports.support_letter import by_status, calendar, conditions, coverage, fates, fee, subject
from reports.support_request import SupportRequest

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TITLE = "Request"
_FIRST, _SECOND, _LAST = 1, 2, 3  # columns B to D
_WIDTHS = (2, 24, 14, 82)
_CHARACTERS = 120  # that fit over all of them


def write_request(book: Workbook, styles: Styles, request: SupportRequest) -> None:
    """Add the request as the next sheet of `book`."""
    sheet = book.add_worksheet(TITLE)
    sheet.hide_gridlines(2)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_row(0, 8)
    sheet.set_row(1, 32)
    sheet.merge_range(1, _FIRST, 1, _LAST, subject(request), styles.headline)
    row = _facts(sheet, styles, request, 3)
    row = _statuses(sheet, styles, request, row)
    row = _sentences(sheet, styles, "What becomes of their settings", [text for _, text in fates(request)], row)
    row = _sentences(sheet, styles, "When", calendar(request), row)
    row = _sentences(sheet, styles, "Fee", [fee()], row)
    _sentences(sheet, styles, "What has to be so", [f"☐  {text}" for text in conditions(request)], row)


def _facts(sheet: Worksheet, styles: Styles, request: SupportRequest, row: int) -> int:
    facts = (
        ("Source operator", request.source.account_id),
        ("Destination operator", request.target.account_id),
        ("Its primary e-mail", request.target_email or "to be filled in"),
        ("Coverage", coverage(request)),
        ("Reference", request.run),
    )
    for at, (name, value) in enumerate(facts, start=row):
        sheet.set_row(at, 18)
        sheet.write_string(at, _FIRST, name, styles.name)
        sheet.merge_range(at, _SECOND, at, _LAST, value, styles.words)
    return row + len(facts) + 1


def _statuses(sheet: Worksheet, styles: Styles, request: SupportRequest, row: int) -> int:
    _section(sheet, styles, row, "SIMs by status (each is in the sheet SIMs)")
    counted = by_status(request)
    for at, (status, sims) in enumerate(counted, start=row + 1):
        sheet.set_row(at, 18)
        sheet.write_string(at, _FIRST, status, styles.line)
        sheet.write_number(at, _SECOND, sims, styles.count)
    end = row + 1 + len(counted)
    sheet.write_string(end, _FIRST, "In all", styles.total_words)
    sheet.write_number(end, _SECOND, request.sims.height, styles.total)
    return end + 2


def _sentences(sheet: Worksheet, styles: Styles, title: str, sentences: tuple[str, ...] | list[str], row: int) -> int:
    _section(sheet, styles, row, title)
    for at, sentence in enumerate(sentences, start=row + 1):
        sheet.set_row(at, wrapped_height(sentence, _CHARACTERS) + 4)
        sheet.merge_range(at, _FIRST, at, _LAST, sentence, styles.line)
    return row + len(sentences) + 2


def _section(sheet: Worksheet, styles: Styles, row: int, title: str) -> None:
    sheet.set_row(row, 24)
    for at in range(_FIRST, _LAST + 1):
        sheet.write_blank(row, at, None, styles.section)
    sheet.write_string(row, _FIRST, title, styles.section)
