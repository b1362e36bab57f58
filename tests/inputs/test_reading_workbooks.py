"""Workbooks are read as openpyxl reads them, cell by cell and row by row, whichever library wrote them."""

from __future__ import annotations

import datetime as dt
import io
import math
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell as BookCell

from domain.lists import Kind, Role
from inputs.choose import Asked
from inputs.package import Package
from inputs.parts import read_book
from inputs.read import extras, read_list
from inputs.xlsx_cells import Meanings
from inputs.xlsx_exact import exact_cells, wide
from inputs.xlsx_quick import quick_columns
from inputs.xlsx_text import shared_texts

ICCID = "89883030000080139311"

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a spreadsheet's dates have no time zone
Value = str | int | float | bool | dt.datetime | None
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="_\ufffe\uffff"), max_size=12)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
    st.integers(1, 10**9).map(lambda seconds: EPOCH + dt.timedelta(seconds=seconds)),
    TEXTS.filter(lambda text: not text.startswith("=")),
    st.sampled_from(["#N/A", "#REF!", "=A1&B1", "=1+1", " 8988 3030 ", ICCID, "a & b <c> \"d\" 'e'", "x\ny"]),
)
GRIDS = st.dictionaries(st.tuples(st.integers(1, 40), st.integers(1, 4)), VALUES, max_size=25)


def kinds_by_openpyxl(content: bytes) -> dict[tuple[int, int], tuple[Kind, str | None]]:
    """What openpyxl says each cell of the first sheet is: kind and text, by row and column from 1."""
    formulas = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    found = {}
    for row in values.iter_rows():
        for cell in row:
            assert isinstance(cell, BookCell)
            said = _said(cell, formulas.cell(cell.row, cell.column).value)
            if said is not None:
                found[cell.row, cell.column] = said
    return found


def _said(cell: BookCell, formula: object) -> tuple[Kind, str | None] | None:
    value = cell.value
    if value is None:
        return (Kind.FORMULA, formula) if isinstance(formula, str) and formula.startswith("=") else None
    if isinstance(value, bool):
        return Kind.BOOL, str(value).upper()
    if cell.data_type == "e":
        return Kind.ERROR, str(value)
    if cell.is_date:
        return Kind.DATE, None
    if isinstance(value, int | float):
        return Kind.NUMBER, repr(value)
    return (Kind.TEXT, str(value)) if str(value).strip() else None


def read_whole(path: Path, *, exactly: bool) -> dict[tuple[int, int], tuple[Kind, str]]:
    """What we say each cell of the first sheet is, by one of the two readers."""
    package = Package(path, path.name)
    book = read_book(package)
    meanings = Meanings(shared_texts(package, book.strings_part), book.date_styles, book.from_1904, path.name)
    wanted = range(6)
    part = book.sheets[0].part
    if exactly:
        parts = [meanings.settle(cells) for cells in exact_cells(package.pieces(part), package.broken)]
        frame = wide(parts, wanted)
    else:
        frame = pl.concat(list(quick_columns(package, part, meanings, wanted)))
    package.close()
    return {
        (line["row"], at + 1): (Kind(line[f"kind_{at}"]), line[f"text_{at}"])
        for line in frame.iter_rows(named=True)
        for at in wanted
        if line[f"kind_{at}"] != Kind.EMPTY
    }


def agree(
    ours: dict[tuple[int, int], tuple[Kind, str]], theirs: dict[tuple[int, int], tuple[Kind, str | None]]
) -> None:
    assert {place: kind for place, (kind, _) in ours.items()} == {place: kind for place, (kind, _) in theirs.items()}
    for place, (kind, text) in theirs.items():
        mine = ours[place][1]
        if kind is Kind.NUMBER and text is not None:
            assert math.isclose(float(mine), float(text), rel_tol=1e-15), place
        elif text is not None:
            assert mine == text, place


@pytest.fixture(scope="module")
def book_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books") / "book.xlsx"


@given(grid=GRIDS)
@settings(max_examples=30, deadline=None)
def test_cells_that_openpyxl_wrote_are_what_openpyxl_says(book_path: Path, grid: dict[tuple[int, int], Value]) -> None:
    book = openpyxl.Workbook()
    for (row, column), value in grid.items():
        book.worksheets[0].cell(row, column, value)
    book.save(book_path)
    check_both(book_path)


@given(grid=GRIDS, constant_memory=st.booleans())
@settings(max_examples=30, deadline=None)
def test_cells_that_xlsxwriter_wrote_are_what_openpyxl_says(
    book_path: Path,
    grid: dict[tuple[int, int], Value],
    constant_memory: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    with xlsxwriter.Workbook(book_path, {"constant_memory": constant_memory, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for (row, column), value in sorted(grid.items()):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(row - 1, column - 1, value, date)
            elif value is not None:
                sheet.write(row - 1, column - 1, value)
    check_both(book_path)


def check_both(path: Path) -> None:
    theirs = kinds_by_openpyxl(path.read_bytes())
    agree(read_whole(path, exactly=True), theirs)
    if theirs:
        agree(read_whole(path, exactly=False), theirs)


@given(rows=st.lists(st.integers(1, 3000), min_size=1, max_size=30, unique=True))
@settings(max_examples=30, deadline=None)
def test_row_numbers_are_those_of_the_sheet(book_path: Path, rows: list[int]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].cell(row, 3, ICCID)
    book.save(book_path)
    assert read_list(book_path).rows["row"].to_list() == sorted(rows)


def test_quick_and_exact_readers_agree_over_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "ICCID", "Count"])
        for row in range(1, 700):
            sheet.write_row(row, 0, [f"a <&> {row}", f"{89883030000000000000 + row}" if row % 7 else "", row])
            if row % 11 == 0:
                sheet.write_formula(row, 1, "=A1", value="")
    exact = read_whole(path, exactly=True)
    monkeypatch.setattr(Package.pieces, "__defaults__", (997, 10**9))
    assert read_whole(path, exactly=False) == exact
    assert len({row for row, _ in exact}) == 700


def test_all_columns_come_back_as_text_in_order(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Fleet of Acme"],
        [],
        ["Name", "ICCID", "Name", None],
        ["a", ICCID, True, 1.5],
        ["b", None, None, None],
    ):
        book.worksheets[0].append(row)
    path = tmp_path / "fleet.xlsx"
    book.save(path)
    sheet = read_list(path)
    assert (sheet.header_row, sheet.roles[Role.SIM].letter, sheet.form, sheet.sheet) == (3, "B", "xlsx", "Sheet")
    found = extras(sheet)
    assert found.columns == ["row", "Name", "ICCID", "Name (C)", "D"]
    assert found.rows() == [(4, "a", ICCID, "TRUE", "1.5"), (5, "b", None, None, None)]


def test_a_hidden_sheet_is_read_only_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["ICCID"])
    book.worksheets[0].append([ICCID])
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(["ICCID"])
    path = tmp_path / "fleet.xlsx"
    book.save(path)
    assert read_list(path).sheet == "Sheet"
    assert read_list(path, Asked(sheet="old")).rows.is_empty()


def test_a_report_of_ours_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "returned.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.set_custom_property("simferry_run", "2026-11-acme")
        book.add_worksheet().write_column(0, 0, ["ICCID", ICCID])
    assert read_list(path).from_report
    path = tmp_path / "returned.csv"
    path.write_text(f"ICCID,simferry outcome\n{ICCID},confirmed\n")
    assert read_list(path).from_report
