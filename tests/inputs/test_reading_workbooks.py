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

from domain.lists import ROWS, Kind, Role
from inputs.choose import Asked
from inputs.package import Package
from inputs.parts import is_date, read_book
from inputs.read import extras, read_list
from inputs.xlsx_cells import Meanings
from inputs.xlsx_exact import exact_cells, wide
from inputs.xlsx_quick import quick_columns
from inputs.xlsx_text import shared_texts
from tests.inputs.sheet_xml import BOOK, shared, workbook, worksheet

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


ODD_ROWS = {
    "prefixed": '<x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c></x:row>',
    "without references": '<row r="2"><c t="s"><v>0</v></c></row>',
    "without row numbers": '<row/><row><c t="s"><v>0</v></c></row>',
    "type before reference": '<row r="2"><c t="s" r="A2"><v>0</v></c></row>',
    "single quotes": "<row r='2'><c r='A2' t='s'><v>0</v></c></row>",
    "single quotes inside": '<row r="2"><c r="A2" t=\'s\'><v>0</v></c></row>',
    "spaced out": '<row r="2" >\n <c r="A2" t="s" >\n  <v>0</v>\n </c>\n</row>',
    "rich inline": (
        '<row r="2"><c r="A2" t="inlineStr"><is><r><t>8988303000</t></r><r><t>0080139311</t></r></is></c></row>'
    ),
    "character data": '<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[89883030000080139311]]></t></is></c></row>',
    "a comment": (
        '<!-- <row r="9"><c r="A9" t="s"><v>0</v></c></row> --><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    ),
    "references": '<row r="2"><c r="A2" t="inlineStr"><is><t>&#56;9883030000080139&#x33;11</t></is></c></row>',
    "a formula": '<row r="2"><c r="A2" t="str"><f>T(&quot;x&quot;)</f><v>89883030000080139311</v></c></row>',
    "an extension": '<row r="2"><c r="A2" t="s"><v>0</v><extLst><ext/></extLst></c></row>',
    "metadata": '<row r="2"><c r="A2" s="0" t="s" cm="1"><v>0</v></c></row>',
    "a stray far cell": '<row r="2"><c r="A2" t="s"><v>0</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>',
}


@pytest.mark.parametrize("name", ODD_ROWS)
def test_any_xml_that_says_the_same_is_read_the_same(tmp_path: Path, name: str) -> None:
    sheet = worksheet('<row r="1"/>' + ODD_ROWS[name] if "<row/>" not in ODD_ROWS[name] else ODD_ROWS[name])
    if name == "prefixed":
        sheet = (
            '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<x:sheetData>{ODD_ROWS[name]}</x:sheetData></x:worksheet>"
        )
    rows = read_list(workbook(tmp_path / "odd.xlsx", sheet, shared(f"<si><t>{ICCID}</t></si>"))).rows
    assert rows.select("row", "sim", "sim_kind").rows() == [(2, ICCID, "text")]
    assert rows.schema == ROWS


def test_a_cell_lies_where_it_says_and_not_in_the_row_around_it(tmp_path: Path) -> None:
    sheet = worksheet(f'<row r="1"><c r="A7" t="inlineStr"><is><t>{ICCID}</t></is></c></row>')
    rows = read_list(workbook(tmp_path / "moved.xlsx", sheet)).rows
    assert rows.select("row", "sim").rows() == [(7, ICCID)]


ODD_TEXTS = {
    "rich": "<si><r><rPr><b/></rPr><t>898830300000</t></r><r><t>80139311</t></r></si>",
    "with phonetic hints": f'<si><t>{ICCID}</t><rPh sb="0" eb="1"><t>nonsense</t></rPh></si>',
    "with its spaces kept": f'<si><t xml:space="preserve">{ICCID}</t></si>',
    "indented": f"\n  <si>\n    <t>{ICCID}</t>\n  </si>\n",
    "character data": f"<si><t><![CDATA[{ICCID}]]></t></si>",
    "spelled out": "<si><t>8988303000008013931_x0031_</t></si>",
}


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_shared_texts_are_read_however_they_are_written(tmp_path: Path, name: str) -> None:
    strings = shared("<si><t>ICCID</t></si>", ODD_TEXTS[name], "<si><t/></si>")
    sheet = worksheet(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c></row>'
    )
    rows = read_list(workbook(tmp_path / "texts.xlsx", sheet, strings)).rows
    assert rows.select("row", "sim").rows() == [(2, ICCID)]


def test_a_workbook_in_utf_16_is_read(tmp_path: Path) -> None:
    sheet = worksheet(f'<row r="4"><c r="B4" t="inlineStr"><is><t>{ICCID}</t></is></c></row>')
    content = sheet.replace("UTF-8", "UTF-16").encode("utf-16")
    rows = read_list(workbook(tmp_path / "wide.xlsx", content)).rows
    assert rows.select("row", "sim").rows() == [(4, ICCID)]


def test_a_damaged_number_keeps_the_text_of_the_file(tmp_path: Path) -> None:
    sheet = worksheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>ICCID</t></is></c></row>'
        '<row r="2"><c r="A2"><v>8.988303000008014E+18</v></c></row>'
        '<row r="3"><c r="A3"><v>89883030000080139311</v></c></row>'
        '<row r="4"><c r="A4"><v>8988303000008013931.0</v></c></row>'
    )
    rows = read_list(workbook(tmp_path / "damaged.xlsx", sheet)).rows
    assert rows["sim"].to_list() == ["8.988303000008014E+18", ICCID, "8988303000008013931.0"]
    assert set(rows["sim_kind"]) == {"number"}


def test_trailing_formulas_and_errors_are_not_lost(tmp_path: Path) -> None:
    sheet = worksheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>ICCID</t></is></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>'
        '<row r="3"><c r="A3"><f>B3</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/><v></v></c></row>'
        '<row r="5"><c r="A5" t="str"><f>B5</f><v></v></c></row>'
        '<row r="6"><c r="A6" s="3"/></row>'
        '<row r="7"><c r="A7" s="3"/><c r="B7"><v>1</v></c></row>',
        before='<dimension ref="A1"/>',
    )
    rows = read_list(workbook(tmp_path / "trailing.xlsx", sheet)).rows
    assert rows.select("row", "sim", "sim_kind").rows() == [
        (2, "#N/A", "error"),
        (3, "=B3", "formula"),
        (4, "=", "formula"),
        (7, None, "empty"),
    ]


def test_cells_in_the_farthest_corner_cost_nothing(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>ICCID</t></is></c><c r="XFD1"><v>1</v></c></row>'
        f'<row r="2"><c r="A2" t="inlineStr"><is><t>{ICCID}</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    sheet = read_list(workbook(tmp_path / "corner.xlsx", worksheet(rows)))
    assert len(sheet.columns) == 16_384
    assert sheet.rows.select("row", "sim").rows() == [(2, ICCID), (1_048_576, None)]


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


def test_dates_of_both_epochs_are_written_as_iso_8601(tmp_path: Path) -> None:
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = (
        f'<Relationships><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId3" Type="{office}/styles" Target="styles.xml"/></Relationships>'
    )
    values = ("46346", "0.5", "46346.25", "1", "8.98E+18")
    cells = "".join(f'<row r="{at}"><c r="A{at}" s="1"><v>{value}</v></c></row>' for at, value in enumerate(values, 1))
    parts = {"xl/styles.xml": styles, "xl/_rels/workbook.xml.rels": relations}
    path = workbook(tmp_path / "dates.xlsx", worksheet(cells), **parts)
    rows = read_list(path, Asked(column="A")).rows
    assert rows["sim"].to_list() == ["2026-11-20", "12:00:00", "2026-11-20 06:00:00", "1900-01-01", "8.98E+18"]
    assert rows["sim_kind"].to_list() == ["date"] * 4 + ["number"]
    book = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    path = workbook(tmp_path / "dates.xlsx", worksheet(cells), **parts, **{"xl/workbook.xml": book})
    assert read_list(path, Asked(column="A")).rows["sim"].to_list()[:2] == ["2030-11-21", "12:00:00"]


@pytest.mark.parametrize(
    ("code", "dated"),
    [("yyyy-mm-dd", True), ("[h]:mm", True), ("0.00E+00", False), ('0" days"', False), ("[Red]0", False), ("@", False)],
)
def test_number_formats_of_dates_are_told_from_others(code: str, dated: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_date(code) is dated
