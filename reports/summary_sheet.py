"""The first sheet of `report.xlsx`: the verdict, a chart, what needs a hand, what changed, and the run's facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.palette import COLOURS
from reports.sheet_styles import Styles, wrapped_height
from reports.summary import Summary
from reports.words import PARTS, WORDS, plural

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TITLE = "Summary"
_FIRST, _SIMS, _SHARE, _REASON, _NEXT = range(1, 6)  # columns B to F
_CHART_ROWS_MIN = 10  # the chart stands beside the counts and needs this height
_LINE_CHARACTERS = 58  # that fit into a column of words
NOTE = (
    "Identifiers are text in this workbook. Do not open the CSV files beside it in Excel and save them: Excel keeps 15 "
    "digits of a number. They are for `simferry plan` and other programs."
)


def write_summary(book: Workbook, styles: Styles, summary: Summary, titles: list[str]) -> None:
    """Add the summary as the next sheet of `book`; `titles` are the sheets it links to."""
    sheet = book.add_worksheet(TITLE)
    sheet.hide_gridlines(2)
    for at, width in enumerate((2, 17, 11, 9, 56, 56)):
        sheet.set_column(at, at, width)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    row = _verdict(sheet, styles, summary)
    row = _counts(book, sheet, styles, summary, row)
    row = _hands(sheet, styles, summary, row)
    row = _sentences(sheet, styles, "What changed", summary.changes, row)
    if summary.consequences:
        row = _sentences(sheet, styles, "What the plan said comes with it", summary.consequences, row)
    row = _facts(sheet, styles, summary, row)
    row = _meanings(sheet, styles, summary, row)
    row = _sentences(sheet, styles, "Good to know", (*summary.notes, NOTE), row)
    _links(sheet, styles, titles, row)


def _verdict(sheet: Worksheet, styles: Styles, summary: Summary) -> int:
    sheet.set_row(0, 8)
    sheet.write_string(1, _FIRST, f"simferry · {summary.title}", styles.title)
    sheet.set_row(2, 40)
    sheet.merge_range(2, _FIRST, 2, _NEXT, summary.verdict, styles.verdict[summary.tone])
    sheet.set_row(3, _height(summary.detail, 2 * _LINE_CHARACTERS + 20) + 8)
    sheet.merge_range(3, _FIRST, 3, _NEXT, summary.detail, styles.detail[summary.tone])
    return 5


def _counts(book: Workbook, sheet: Worksheet, styles: Styles, summary: Summary, row: int) -> int:
    """Counts per outcome with their sum, and the same as a native bar chart beside them."""
    _section(sheet, styles, row, "What happened")
    for at, heading in ((_FIRST, "Outcome"), (_SIMS, "SIMs"), (_SHARE, "Share")):
        sheet.write_string(row + 1, at, heading, styles.heading if at == _FIRST else styles.number_heading)
    first = row + 2
    for at, count in enumerate(summary.counts, start=first):
        sheet.write_string(at, _FIRST, WORDS[count.outcome].label, styles.label[count.outcome])
        sheet.write_number(at, _SIMS, count.sims, styles.count)
        sheet.write_number(at, _SHARE, count.share, styles.share)
    end = first + len(summary.counts)
    sheet.write_string(end, _FIRST, "In the list", styles.total_words)
    sheet.write_number(end, _SIMS, sum(count.sims for count in summary.counts), styles.total)
    sheet.write_blank(end, _SHARE, None, styles.total_words)
    if summary.counts:
        _chart(book, sheet, summary, first, end)
    last = max(end, row + 1 + _CHART_ROWS_MIN)
    sheet.write_string(last + 1, _FIRST, summary.closing, styles.quiet)
    return last + 3


def _chart(book: Workbook, sheet: Worksheet, summary: Summary, first: int, end: int) -> None:
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "SIMs",
            "categories": [TITLE, first, _FIRST, end - 1, _FIRST],
            "values": [TITLE, first, _SIMS, end - 1, _SIMS],
            "points": [{"fill": {"color": COLOURS[count.outcome].bar}} for count in summary.counts],
            "data_labels": {"value": True, "num_format": "#,##0", "font": {"size": 10}},
            "gap": 35,
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": "SIMs per outcome", "name_font": {"size": 12}, "overlay": False})
    chart.set_y_axis({"reverse": True, "major_tick_mark": "none", "line": {"none": True}, "num_font": {"size": 10}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_chartarea({"border": {"none": True}})
    rows = max(end - first + 2, _CHART_ROWS_MIN + 1)
    chart.set_size({"width": 760, "height": rows * 20 - 6})
    sheet.insert_chart(first - 1, _REASON, chart, {"x_offset": 12, "y_offset": 6, "description": summary.closing})


def _hands(sheet: Worksheet, styles: Styles, summary: Summary, row: int) -> int:
    _section(sheet, styles, row, "What needs a hand")
    if not summary.hands:
        sheet.write_string(row + 1, _FIRST, "Nothing.", styles.quiet)
        return row + 3
    for at, heading in (
        (_FIRST, "Outcome"),
        (_SIMS, "SIMs"),
        (_SHARE, "From row"),
        (_REASON, "Why"),
        (_NEXT, "Next step"),
    ):
        sheet.write_string(row + 1, at, heading, styles.number_heading if at in {_SIMS, _SHARE} else styles.heading)
    for at, hand in enumerate(summary.hands, start=row + 2):
        sheet.set_row(at, max(_height(hand.reason), _height(hand.next_step)))
        sheet.write_string(at, _FIRST, WORDS[hand.outcome].label, styles.label[hand.outcome])
        sheet.write_number(at, _SIMS, hand.sims, styles.count_top)
        sheet.write_number(at, _SHARE, hand.first_row, styles.count_top)
        sheet.write_string(at, _REASON, hand.reason, styles.wrapped)
        sheet.write_string(at, _NEXT, hand.next_step, styles.wrapped)
    end = row + 2 + len(summary.hands)
    if summary.hands_more:
        sheet.write_string(end, _FIRST, f"… and {plural(summary.hands_more, 'SIM')} in smaller groups.", styles.quiet)
    return end + 2


def _sentences(sheet: Worksheet, styles: Styles, title: str, sentences: tuple[str, ...], row: int) -> int:
    _section(sheet, styles, row, title)
    for at, sentence in enumerate(sentences, start=row + 1):
        sheet.set_row(at, _height(sentence, 2 * _LINE_CHARACTERS + 30))
        sheet.merge_range(at, _FIRST, at, _NEXT, sentence, styles.words)
    return row + len(sentences) + 2


def _facts(sheet: Worksheet, styles: Styles, summary: Summary, row: int) -> int:
    _section(sheet, styles, row, "This run")
    for at, (name, value) in enumerate(summary.facts, start=row + 1):
        sheet.write_string(at, _FIRST, name, styles.name)
        sheet.merge_range(at, _SIMS, at, _NEXT, value, styles.words)
    return row + len(summary.facts) + 2


def _meanings(sheet: Worksheet, styles: Styles, summary: Summary, row: int) -> int:
    """What the outcomes and parts that occur mean."""
    _section(sheet, styles, row, "What the words mean")
    for at, count in enumerate(summary.counts, start=row + 1):
        sheet.write_string(at, _FIRST, WORDS[count.outcome].label, styles.label[count.outcome])
        sheet.merge_range(at, _SIMS, at, _NEXT, WORDS[count.outcome].means, styles.words)
    first = row + 1 + len(summary.counts)
    for at, part in enumerate(summary.parts, start=first):
        sheet.write_string(at, _FIRST, f"Part “{part}”", styles.name)
        sheet.merge_range(at, _SIMS, at, _NEXT, PARTS[part], styles.words)
    return first + len(summary.parts) + 1


def _links(sheet: Worksheet, styles: Styles, titles: list[str], row: int) -> None:
    _section(sheet, styles, row, "More in this workbook")
    for at, title in enumerate(titles, start=row + 1):
        sheet.write_url(at, _FIRST, f"internal:'{title}'!A1", styles.link, title)


def _section(sheet: Worksheet, styles: Styles, row: int, title: str) -> None:
    sheet.set_row(row, 24)
    for at in range(_FIRST, _NEXT + 1):
        sheet.write_blank(row, at, None, styles.section)
    sheet.write_string(row, _FIRST, title, styles.section)


def _height(text: str, characters: int = _LINE_CHARACTERS) -> float:
    """Points that a text needs in a column of words."""
    return wrapped_height(text, characters)
