"""The analyst's workbook comes back whole."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from openpyxl.styles import Font, PatternFill

from domain.lists import Column
from reports.annotations import HEADINGS
from reports.returned import NotReturned, return_list
from reports.run_report import ListFile
from tests.reports.report_samples import Made, iccid_of, outcomes_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = (Column(0, "Name", "A"), Column(1, "ICCID", "B"), Column(2, "Note", "C"))


def rich_workbook(path: Path, rows: int, **options: bool) -> ListFile:
    """A workbook with title rows, formats, formulas, a merged cell, a chart, an image, hidden columns, two sheets."""
    with xlsxwriter.Workbook(str(path), options) as book:
        book.add_worksheet("Cover").write_string("A1", "Do not touch")
        sheet = book.add_worksheet("SIMs & more")
        bold = book.add_format({"bold": True, "bg_color": "#FFCC00"})
        sheet.merge_range("A1:C1", "ACME fleet", bold)
        sheet.write_row(2, 0, ["Name", "ICCID", "Note"], bold)
        for at in range(rows):
            sheet.write_string(3 + at, 0, f'<Meter> & "{at}" spans="1:3" ')
            sheet.write_string(3 + at, 1, iccid_of(at + 1))
            sheet.write_formula(3 + at, 2, f"=ROW()+{at}", bold, 4 + 2 * at)
        sheet.set_row(3 + rows + 2, 30)  # an empty row with a height
        sheet.set_column("D:XFD", None, None, {"hidden": True})
        sheet.conditional_format("B4:B20", {"type": "duplicate", "format": bold})
        sheet.data_validation("C4:C9", {"validate": "integer", "criteria": ">", "value": 0})
        sheet.freeze_panes(3, 1)
        sheet.write_comment("A3", "a comment")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='SIMs & more'!$C$4:$C$9"})
        sheet.insert_chart("A30", chart)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", bytes(range(256)))  # macros
    return ListFile(path, path.name, "xlsx", "SIMs & more", 3, COLUMNS)


def outcomes_from_row(first: int) -> pl.DataFrame:
    shift = first - 2
    return outcomes_of().with_columns((pl.col("row") + shift).cast(pl.UInt32))


def run_names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as package:
        return re.findall(r'name="simferry_run"><vt:lpwstr[^>]*>(.*?)<', package.read("docProps/custom.xml").decode())


def cells(sheet: Worksheet) -> dict[str, tuple[object, ...]]:
    return {
        cell.coordinate: (cell.value, cell.data_type, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None or cell.has_style
    }


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}])
def test_every_other_part_is_the_same_byte_for_byte_and_every_cell_stays(
    tmp_path: Path, options: dict[str, bool]
) -> None:
    outcomes = outcomes_from_row(4)
    listed = rich_workbook(tmp_path / "fleet.xlsm", outcomes.height, **options)
    returned = return_list(listed, outcomes, "2026-11-20-fleet", tmp_path)

    assert returned.name == "returned-fleet.xlsm"
    with zipfile.ZipFile(listed.path) as old, zipfile.ZipFile(returned) as new:
        assert new.testzip() is None
        assert set(new.namelist()) == set(old.namelist()) | {"docProps/custom.xml"}
        differing = {name for name in old.namelist() if old.read(name) != new.read(name)}
        assert differing == {"[Content_Types].xml", "_rels/.rels", "xl/styles.xml", "xl/worksheets/sheet2.xml"}
        before, after = (each.read("xl/worksheets/sheet2.xml").decode() for each in (old, new))
    inserted = re.sub(r'<c r="[D-F]\d+" s="\d+" t="inlineStr">.*?</c>', "", after)
    assert _plain(inserted) == _plain(before)

    was, now = openpyxl.load_workbook(listed.path), openpyxl.load_workbook(returned)
    assert run_names(returned) == ["2026-11-20-fleet"]
    assert cells(now["Cover"]) == cells(was["Cover"])
    kept = {at: cell for at, cell in cells(now["SIMs & more"]).items() if at[0] in "ABC"}
    assert kept == {at: cell for at, cell in cells(was["SIMs & more"]).items() if at[0] in "ABC"}
    sheet = now["SIMs & more"]
    assert [sheet.cell(3, at).value for at in (4, 5, 6)] == list(HEADINGS)
    assert sheet["D4"].value == "Confirmed"
    assert [sheet.cell(4 + at, 5).value for at in range(outcomes.height)] == outcomes["reason"].to_list()
    assert not sheet.column_dimensions["D"].hidden
    assert sheet.column_dimensions["G"].hidden


def _plain(xml: str) -> str:
    """Sheet XML without what may change: spans, the dimension, column definitions."""
    without = re.sub(r'<cols>.*?</cols>|<dimension[^>]*>| spans="\d+:\d+"(?=[ />])', "", xml)
    return re.sub(r"<row ([^>]*?)></row>", r"<row \1/>", without)


def test_a_second_report_replaces_the_columns_of_the_first(tmp_path: Path) -> None:
    outcomes = outcomes_from_row(4)
    listed = rich_workbook(tmp_path / "fleet.xlsx", outcomes.height)
    first = return_list(listed, outcomes, "first", tmp_path)
    ours = tuple(Column(3 + at, heading, "DEF"[at]) for at, heading in enumerate(HEADINGS))
    again = ListFile(first, "again.xlsx", "xlsx", listed.sheet, 3, (*COLUMNS, *ours))
    second = return_list(again, outcomes.with_columns(reason=pl.lit("new")), "second", tmp_path)
    book = openpyxl.load_workbook(second)
    sheet = book["SIMs & more"]
    assert sheet.max_column == 6
    assert {sheet.cell(4 + at, 5).value for at in range(outcomes.height)} == {"new"}
    assert run_names(second) == ["second"]


def test_a_range_row_gets_counts_in_words(tmp_path: Path) -> None:
    outcomes = outcomes_of().with_columns(row=pl.lit(4, pl.UInt32)).filter(pl.col("outcome") != "rejected")
    listed = rich_workbook(tmp_path / "fleet.xlsx", 1)
    sheet = openpyxl.load_workbook(return_list(listed, outcomes, "run", tmp_path))["SIMs & more"]
    assert str(sheet["D4"].value).startswith("30 confirmed, 4 left, 3 in doubt, 3 drifted")
    assert str(sheet["E4"].value).count(";") == 3
    assert "seen in the target" not in str(sheet["E4"].value)


def test_a_workbook_from_a_writer_with_prefixes_and_without_references_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "bare.xlsx"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/book.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/one.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')  # fmt: skip  # noqa: E501 - one part, as it is in the file
        package.writestr("_rels/.rels", f'<Relationships xmlns="{pack}/relationships"><Relationship Id="a" Type="{rel}/officeDocument" Target="/book.xml"/></Relationships>')  # fmt: skip  # noqa: E501 - as above
        package.writestr("_rels/book.xml.rels", f'<Relationships xmlns="{pack}/relationships"><Relationship Id="b" Type="{rel}/worksheet" Target="/one.xml"/></Relationships>')  # fmt: skip  # noqa: E501 - as above
        package.writestr("book.xml", f'<x:workbook xmlns:x="{main}" xmlns:r="{rel}"><x:sheets><x:sheet name="A" sheetId="1" r:id="b"/></x:sheets></x:workbook>')  # fmt: skip  # noqa: E501 - as above
        package.writestr("one.xml", f'<x:worksheet xmlns:x="{main}"><x:sheetData>\n  <x:row><x:c t="inlineStr"><x:is><x:t>ICCID</x:t></x:is></x:c></x:row>\n  <x:row><x:c t="inlineStr"><x:is><x:t>{iccid_of(1)}</x:t></x:is></x:c></x:row>\n</x:sheetData></x:worksheet>')  # fmt: skip  # noqa: E501 - as above
    listed = ListFile(path, "bare.xlsx", "xlsx", "A", 1, (Column(0, "ICCID", "A"),))
    sheet = openpyxl.load_workbook(return_list(listed, outcomes_of().head(1), "run", tmp_path))["A"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["ICCID", *HEADINGS],
        [iccid_of(1), "Confirmed", "seen in the target account", "Nothing to do."],
    ]


def test_a_workbook_without_room_is_not_returned_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "full.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ICCID"])
    sheet.append([iccid_of(1)])
    sheet["XFD9"] = "stray"
    book.save(path)
    listed = ListFile(path, "full.xlsx", "xlsx", "Sheet", 1, (Column(0, "ICCID", "A"),))
    with pytest.raises(NotReturned, match=r"column XFD.*report\.xlsx"):
        return_list(listed, outcomes_of().head(1), "run", tmp_path)
    with pytest.raises(NotReturned, match="read from it"):
        return_list(_with_sheet(listed, tmp_path), outcomes_of().head(3), "run", tmp_path)
    assert [each.name for each in tmp_path.iterdir() if "returned" in each.name] == []


def _with_sheet(listed: ListFile, folder: Path) -> ListFile:
    """The same list without its stray cell, and so with fewer rows than there are outcomes."""
    book = openpyxl.load_workbook(listed.path)
    del book["Sheet"]["XFD9"]
    book.save(folder / "small.xlsx")
    return ListFile(folder / "small.xlsx", "small.xlsx", "xlsx", "Sheet", 1, listed.columns)


def test_a_workbook_made_by_openpyxl_keeps_its_fonts(tmp_path: Path, made: Made) -> None:
    path = tmp_path / "own.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ICCID"])
    sheet.append([iccid_of(1)])
    sheet["A2"].font = Font(italic=True, color="FF0000FF")
    sheet["A2"].fill = PatternFill("solid", fgColor="FF00FF00")
    book.save(path)
    listed = ListFile(path, "own.xlsx", "xlsx", "Sheet", 1, (Column(0, "ICCID", "A"),))
    assert made(listed=listed).list is listed
    now = openpyxl.load_workbook(return_list(listed, outcomes_of().head(1), "run", tmp_path))["Sheet"]
    assert now["A2"].font.i
    assert now["A2"].fill.fgColor.rgb == "FF00FF00"
    assert now["B2"].fill.fgColor.rgb == "FFD5F0E4"
    assert now["B2"].number_format == "@"


@pytest.mark.parametrize(("area", "letter"), [("A4:F4", "G"), ("A4:XFD4", "D"), ("A1:F1", "D")])
def test_an_outcome_is_not_hidden_by_a_merged_area(tmp_path: Path, area: str, letter: str) -> None:
    titled = area.startswith("A1")
    outcomes = outcomes_from_row(3 if titled else 2)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [("Name", "ICCID", "Note"), *(("x", iccid_of(at), "y") for at in range(outcomes.height))]:
        sheet.append(row)
    if titled:
        sheet.insert_rows(1)
        sheet["A1"] = "A title"
    sheet.merge_cells(area)
    book.save(tmp_path / "fleet.xlsx")
    listed = ListFile(tmp_path / "fleet.xlsx", "fleet.xlsx", "xlsx", sheet.title, 1 + titled, COLUMNS)
    returned = openpyxl.load_workbook(return_list(listed, outcomes, "2026-11-20-fleet", tmp_path))[sheet.title]
    assert returned[f"{letter}{listed.header_row}"].value == HEADINGS[0]
