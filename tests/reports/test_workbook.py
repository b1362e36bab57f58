"""`report.xlsx`: every cell is what it should be, and none is a formula."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.batches import BATCHES
from domain.outcomes import OUTCOMES, Outcome
from reports.headings import Look
from reports.palette import COLOURS
from reports.rowxml import CELL_CHARACTERS_MAX
from reports.run_report import RunReport
from reports.summary import summarise
from reports.tables import shown, tables
from reports.words import WORDS
from reports.workbook import write_workbook
from tests.reports.report_samples import Made, outcomes_of, run_report
from tests.reports.soracom_samples import soracom_report
from tests.reports.supersim_samples import supersim_report

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


def written(report: RunReport, folder: Path, rows_max: int = 1_048_576) -> Workbook:
    return openpyxl.load_workbook(write_workbook(report, summarise(report), folder / "report.xlsx", rows_max))


@pytest.mark.parametrize("sample", [run_report, supersim_report, soracom_report])
def test_every_cell_of_every_table_is_read_back_equal(sample: Made, tmp_path: Path) -> None:
    report = sample(tmp_path)
    book = written(report, tmp_path)
    assert book.sheetnames == ["Summary", *(table.title for table in tables(report))]
    for table in tables(report):
        sheet = book[table.title]
        top = len(table.notes)
        rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
        assert [row[0] for row in rows[:top]] == list(table.notes)
        assert rows[top] == tuple(heading.heading for heading in table.headings)
        assert rows[top + 1 :] == (shown(table).rows() or [(table.empty, *[None] * (len(table.headings) - 1))])
        assert sheet.freeze_panes
        if table.lines.height:
            assert sheet.auto_filter.ref == sheet.dimensions.replace("A1", f"A{top + 1}")


def test_a_sheet_for_usage_is_there_where_something_was_saved(made: Made, tmp_path: Path) -> None:
    assert written(made(), tmp_path).sheetnames == [
        *("Summary", "Rejected", "Refused", "Outcomes", "SIM settings", "Batches", "Run settings")
    ]
    assert "Usage" in written(supersim_report(tmp_path), tmp_path).sheetnames


def test_identifiers_are_text_cells_and_outcomes_have_their_colour(made: Made, tmp_path: Path) -> None:
    report = made()
    sheet = written(report, tmp_path)["Outcomes"]
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for name in ("ICCID", "As in the list", "Provider's id"):
            cell = row[names.index(name)]
            assert cell.value is None or (cell.data_type, cell.number_format) == ("s", "@")
        outcome = row[names.index("Outcome")]
        colours = next(COLOURS[o] for o, words in WORDS.items() if words.label == outcome.value)
        assert outcome.fill.fgColor.rgb == "FF" + colours.fill[1:]
        assert outcome.font.color.rgb == "FF" + colours.ink[1:]


def test_tables_go_on_in_a_next_sheet_at_the_row_limit(made: Made, tmp_path: Path) -> None:
    report = made()
    book = written(report, tmp_path, rows_max=25)
    assert book.sheetnames[3:6] == ["Outcomes", "Outcomes 2", "Outcomes 3"]
    lines = [[cell.value for cell in row] for title in book.sheetnames[3:6] for row in book[title].iter_rows(min_row=2)]
    assert [line[0] for line in lines] == report.outcomes["row"].to_list()
    assert [book[title].max_row for title in book.sheetnames[3:6]] == [25, 25, 19]


def test_a_run_of_an_empty_list_has_a_report_as_well(made: Made, tmp_path: Path) -> None:
    report = made(pl.DataFrame(schema=OUTCOMES), batches=pl.DataFrame(schema=BATCHES))
    book = written(report, tmp_path)
    assert book["Outcomes"]["A2"].value == "The list names no SIM."
    assert book["Batches"]["A2"].value == "Nothing was sent."


TEXT = st.one_of(
    st.text(max_size=30),
    st.tuples(
        st.sampled_from(["=", "+", "-", "@", "\t", "\r", '="', "'", "_x0041_", "&amp;"]), st.text(max_size=9)
    ).map("".join),
    st.text(alphabet="\x00\x01\x08\x0b\x1f\x7f\ufffe\uffff<>&\"'\n\t=_x0D", max_size=20),
)
COLUMNS = (
    *("code", "reason", "next_step", "iccid", "imsi", "sim_id", "raw", "status_before", "device_name", "device_id"),
    *("part", "group", "group_to", "group_now"),
)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_text_in_any_column_becomes_a_formula_or_breaks_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("law")
    lines = outcomes_of().head(3)
    drawn = [
        pl.Series(name, data.draw(st.lists(st.one_of(st.none(), TEXT), min_size=3, max_size=3)), pl.String)
        for name in COLUMNS
    ]
    report = run_report(folder, lines.with_columns(drawn), settings=(("=x", "=1+1"),))
    book = written(report, folder)
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    sheet = book["Outcomes"]
    for name, heading in (("raw", "As in the list"), ("device_name", "Device before")):
        cells = {str(column[0].value): column[1:] for column in sheet.iter_cols()}.get(heading, ())
        assert [unescaped(str(cell.value or "")) for cell in cells] in (
            [pictured(t or "") for t in report.outcomes[name]],
            [],
        )
        assert bool(cells) == any(report.outcomes[name].fill_null(""))


def pictured(text: str) -> str:
    """What should be read where we wrote `text`: see rowxml.escaped."""
    return "".join(
        chr(0x2400 + ord(c)) if ord(c) < 0x20 and c not in "\t\n" else "\ufffd" if c in "\ufffe\uffff" else c
        for c in text
    )


def unescaped(text: str) -> str:
    """What Excel shows of it; openpyxl leaves the escapes of inline texts as they are."""
    return re.sub(r"_x005F_(x[0-9A-Fa-f]{4}_)", r"_\1", text)


def test_a_text_longer_than_a_cell_is_cut_and_says_so(made: Made, tmp_path: Path) -> None:
    lines = outcomes_of().head(1).with_columns(raw=pl.lit("😀" * 40_000))
    sheet = written(made(lines), tmp_path)["Outcomes"]
    value = next(column[1].value for column in sheet.iter_cols() if column[0].value == "As in the list")
    assert value == "😀" * CELL_CHARACTERS_MAX + "…"
    assert len(str(value).encode("utf-16-le")) // 2 <= 32_767


def test_the_chart_is_native_and_takes_its_numbers_from_the_sheet(made: Made, tmp_path: Path) -> None:
    report = made()
    written(report, tmp_path)
    with zipfile.ZipFile(tmp_path / "report.xlsx") as package:
        chart = package.read("xl/charts/chart1.xml").decode()
        assert "<c:f>Summary!$C$8:$C$19</c:f>" in chart
        assert "simferry_run" in package.read("docProps/custom.xml").decode()
    for outcome in Outcome:
        assert COLOURS[outcome].bar[1:] in chart


def test_the_pattern_row_shows_every_look(made: Made, tmp_path: Path) -> None:
    sheet = written(made(), tmp_path)["Batches"]
    assert [sheet[f"{column}2"].number_format for column in "ADJ"] == ["0", "@", "0.00"]
    reports = (made(), supersim_report(tmp_path), soracom_report(tmp_path))
    assert {h.look for report in reports for table in tables(report) for h in table.headings} == set(Look)


def test_words_that_need_several_lines_have_the_height_for_them(made: Made, tmp_path: Path) -> None:
    reasons = pl.Series(["short", "word " * 40, "one\ntwo", None])
    report = made(outcomes_of().head(4).with_columns(reason=reasons, next_step=pl.lit("Nothing to do.")))
    sheet = written(report, tmp_path)["Outcomes"]
    heights = [sheet.row_dimensions[row].height for row in range(2, 6)]
    assert heights[0] is heights[3] is None
    assert heights[1] > 4 * 14
    assert heights[1] > heights[2] > 2 * 14
    reason = next(column[1] for column in sheet.iter_cols() if column[0].value == "Reason")
    assert reason.alignment.wrap_text
