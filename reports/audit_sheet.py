"""The first sheet of `audit.xlsx`: how many breaks of which kind, the months before, and who holds what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.audit.report import AuditReport
from domain.outcomes import Outcome
from reports.audit_words import amount, closing, detail, facts, headline, kind_lines, tone
from reports.palette import COLOURS
from reports.sheet_styles import Styles, wrapped_height

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TITLE = "Summary"
_FIRST, _ITEMS, _NEW, _MONTHS, _PRICE, _WORDS, _NEXT = range(1, 8)  # columns B to H
_WIDTHS = (2, 26, 10, 9, 9, 14, 52, 60)
_WHOLE_CHARACTERS = 170  # that fit across the sheet


def write_summary(book: Workbook, styles: Styles, report: AuditReport, titles: list[str]) -> None:
    """Add the summary as the next sheet of `book`; `titles` are the sheets that it links to."""
    sheet = book.add_worksheet(TITLE)
    sheet.hide_gridlines(2)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    row = _verdict(sheet, styles, report)
    row = _kinds(sheet, styles, report, row)
    row = _trend(book, sheet, styles, report, row)
    row = _section(sheet, styles, row, "How the rows add up")
    for sentence in closing(report):
        sheet.merge_range(row, _FIRST, row, _NEXT, sentence, styles.words)
        row += 1
    row = _section(sheet, styles, row + 1, "What was held against what")
    for name, value in facts(report):
        sheet.set_row(row, wrapped_height(value, _WHOLE_CHARACTERS - _WIDTHS[_FIRST]))
        sheet.write_string(row, _FIRST, name, styles.name)
        sheet.merge_range(row, _ITEMS, row, _NEXT, value, styles.words)
        row += 1
    row = _section(sheet, styles, row + 1, "More in this workbook")
    for at, title in enumerate(titles, start=row):
        sheet.write_url(at, _FIRST, f"internal:'{title}'!A1", styles.link, title)


def _verdict(sheet: Worksheet, styles: Styles, report: AuditReport) -> int:
    sheet.set_row(0, 8)
    sheet.write_string(1, _FIRST, "simferry · audit", styles.title)
    sheet.set_row(2, 40)
    sheet.merge_range(2, _FIRST, 2, _NEXT, headline(report), styles.verdict[tone(report)])
    words = detail(report)
    sheet.set_row(3, wrapped_height(words, _WHOLE_CHARACTERS - 20) + 8)
    sheet.merge_range(3, _FIRST, 3, _NEXT, words, styles.detail[tone(report)])
    for row, notice in enumerate(report.notices, start=4):
        sheet.set_row(row, wrapped_height(notice, _WHOLE_CHARACTERS - 20))
        sheet.merge_range(row, _FIRST, row, _NEXT, notice, styles.words)
    return 5 + len(report.notices)


def _kinds(sheet: Worksheet, styles: Styles, report: AuditReport, row: int) -> int:
    row = _section(sheet, styles, row, "What is broken")
    lines = kind_lines(report)
    if not lines:
        sheet.write_string(row, _FIRST, "Nothing: the books and the accounts agree.", styles.quiet)
        return row + 2
    headings = ("What", "Items", "New", "Months", "Price a month", "What it means", "Next step")
    numbers = {_ITEMS, _NEW, _MONTHS, _PRICE}
    for at, heading in enumerate(headings, start=_FIRST):
        sheet.write_string(row, at, heading, styles.number_heading if at in numbers else styles.heading)
    for at, line in enumerate(lines, start=row + 1):
        sheet.set_row(at, max(wrapped_height(line.words, 50), wrapped_height(line.next_step, 58)))
        sheet.write_url(at, _FIRST, f"internal:'{line.title}'!A1", styles.link, line.title)
        sheet.write_number(at, _ITEMS, line.items, styles.count_top)
        sheet.write_number(at, _NEW, line.new, styles.count_top)
        sheet.write_number(at, _MONTHS, line.oldest, styles.count_top)
        sheet.write_string(at, _PRICE, amount(report, line.price) if line.price else "", styles.money)
        sheet.write_string(at, _WORDS, line.words, styles.wrapped)
        sheet.write_string(at, _NEXT, line.next_step, styles.wrapped)
    return row + len(lines) + 2


def _trend(book: Workbook, sheet: Worksheet, styles: Styles, report: AuditReport, row: int) -> int:
    """Open breaks by month, as numbers and as a native chart beside them."""
    row = _section(sheet, styles, row, "Month by month")
    for at, heading in ((_FIRST, "Month"), (_ITEMS, "Open"), (_NEW, "New"), (_MONTHS, "Gone"), (_PRICE, "SIMs")):
        sheet.write_string(row, at, heading, styles.heading if at == _FIRST else styles.number_heading)
    first, months = row + 1, report.trend
    for at, month in enumerate(months, start=first):
        sheet.write_string(at, _FIRST, month.month, styles.line)
        sheet.write_number(at, _ITEMS, month.open, styles.count)
        sheet.write_number(at, _NEW, month.by_state.get("new", 0), styles.count)
        sheet.write_number(at, _MONTHS, month.by_state.get("resolved", 0), styles.count)
        sheet.write_number(at, _PRICE, sum(month.sims_by_account.values()), styles.count)
    end = first + len(months)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": "Open breaks",
            "categories": [TITLE, first, _FIRST, end - 1, _FIRST],
            "values": [TITLE, first, _ITEMS, end - 1, _ITEMS],
            "fill": {"color": COLOURS[Outcome.NOT_DONE].bar},
            "data_labels": {"value": True, "num_format": "#,##0", "font": {"size": 10}},
            "gap": 60,
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": "Open breaks by month", "name_font": {"size": 12}, "overlay": False})
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_x_axis({"num_font": {"size": 10}, "major_tick_mark": "none"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 760, "height": 200})
    sheet.insert_chart(row, _WORDS, chart, {"x_offset": 12, "y_offset": 4, "description": "Open breaks by month"})
    return max(end, row + 10) + 1


def _section(sheet: Worksheet, styles: Styles, row: int, title: str) -> int:
    sheet.set_row(row, 24)
    for at in range(_FIRST, _NEXT + 1):
        sheet.write_blank(row, at, None, styles.section)
    sheet.write_string(row, _FIRST, title, styles.section)
    return row + 1
