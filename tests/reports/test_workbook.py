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
from reports.palette import COLOURS
from reports.rowxml import CELL_CHARACTERS_MAX
from reports.run_report import RunReport
from reports.summary import summarise
from reports.tables import Look, shown, tables
from reports.words import WORDS
from reports.workbook import write_workbook
from tests.reports.report_samples import Made, outcomes_of, run_report

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


def written(report: RunReport, folder: Path, rows_max: int = 1_048_576) -> Workbook:
    return openpyxl.load_workbook(write_workbook(report, summarise(report), folder / "report.xlsx", rows_max))


def test_every_cell_of_every_table_is_read_back_equal(made: Made, tmp_path: Path) -> None:
    report = made()
    book = written(report, tmp_path)
    assert book.sheetnames == ["Summary", "Rejected", "Refused", "Outcomes", "Batches", "Settings"]
    for table in tables(report):
        sheet = book[table.title]
        rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
        assert rows[0] == tuple(heading.heading for heading in table.headings)
        assert rows[1:] == shown(table).rows()
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref == sheet.dimensions


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
COLUMNS = ("code", "reason", "next_step", "iccid", "imsi", "sim_id", "raw", "status_before", "device_name", "device_id")


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
    raw = [cell.value or "" for cell in sheet["H"][1:]]
    assert raw == [pictured(text or "") for text in report.outcomes["raw"]]


def pictured(text: str) -> str:
    """What openpyxl should read where we wrote `text`: see rowxml.escaped."""
    shown_text = "".join(
        chr(0x2400 + ord(c)) if ord(c) < 0x20 and c not in "\t\n" else "\ufffd" if c in "\ufffe\uffff" else c
        for c in text
    )
    return re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", shown_text)


def test_a_text_longer_than_a_cell_is_cut_and_says_so(made: Made, tmp_path: Path) -> None:
    lines = outcomes_of().head(1).with_columns(raw=pl.lit("😀" * 40_000))
    value = written(made(lines), tmp_path)["Outcomes"]["H2"].value
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
    assert {heading.look for table in tables(made()) for heading in table.headings} == set(Look)
