"""The data sheets of the skeleton: everything of them but their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.headings import NUMBERS, Look
from reports.palette import Level
from reports.setting_words import STATES
from reports.sheet_styles import Styles, letters, wrapped_height
from reports.tables import Table
from reports.words import WORDS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FORMATS: tuple[str, ...] = (
    Look.TEXT,
    Look.WORDS,
    *NUMBERS,
    Level.HIGH,
    Level.FULL,
    *WORDS,
    *STATES,
)  # the order of the pattern row's cells


def empty_sheet(book: Workbook, styles: Styles, table: Table) -> None:
    """Add a sheet with the table's notes, its headings and, below, a row that shows every format."""
    sheet = book.add_worksheet(table.title)
    top, last, lines = len(table.notes), len(table.headings) - 1, table.lines.height
    for at, heading in enumerate(table.headings):
        sheet.set_column(at, at, heading.width)
        look = styles.figure_heading if heading.look in NUMBERS else styles.heading
        sheet.write_string(top, at, heading.heading, look)
    sheet.set_row(top, 22)
    sheet.freeze_panes(top + 1, 3 if table.headings[1].look in {Look.OUTCOME, Look.STATE} else 1)
    _notes(sheet, styles, table)
    _paper(sheet, table)
    if not lines:
        sheet.write_string(top + 1, 0, table.empty, styles.quiet)
        return
    sheet.autofilter(top, 0, top + lines, last)
    sheet.ignore_errors({"number_stored_as_text": f"A{top + 2}:{letters(last)}{top + lines + 1}"})
    for at, format_of in enumerate(FORMATS):
        sheet.write_blank(top + 1, at, None, styles.of[format_of])


def _notes(sheet: Worksheet, styles: Styles, table: Table) -> None:
    """Sentences above the headings, as wide as what is printed."""
    headings = table.headings[: table.printed]
    for at, note in enumerate(table.notes):
        sheet.set_row(at, wrapped_height(note, sum(heading.width for heading in headings)) + 6)
        sheet.merge_range(at, 0, at, len(headings) - 1, note, styles.note)


def _paper(sheet: Worksheet, table: Table) -> None:
    """How the sheet is printed: as wide as a page, its headings on each."""
    top = len(table.notes)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, top + max(1, table.lines.height), len(table.headings[: table.printed]) - 1)
    sheet.set_footer("&L&A&RPage &P of &N")
