"""Worksheets as other programs may write them: any XML that says the same is read the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.lists import ROWS
from inputs.choose import Asked
from inputs.parts import is_date
from inputs.read import read_list
from tests.inputs.sheet_xml import BOOK, shared, workbook, worksheet

ICCID = "89883030000080139311"

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
