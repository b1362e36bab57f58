"""Whatever is wrong with a file, the operator gets a message that names it and ends in the next step."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ListError
from inputs import csv_file, detect, package, parquet_file, parts, xlsx_exact, xlsx_text
from inputs.read import read_list
from tests.inputs.sheet_xml import BOOK, BOOK_RELATIONS, MAIN, shared, workbook, worksheet

ICCID = "89883030000080139311"
ROWS = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{ICCID}</t></is></c></row>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def good_workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for at in range(200):
            sheet.write_row(at, 0, [f"name {at}", f"{int(ICCID) + at}", at])
    return content.getvalue()


def good_parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame({"ICCID": [ICCID] * 50}).write_parquet(content)
    return content.getvalue()


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def encrypted_entry() -> bytes:
    """A zip whose entries say that they are encrypted."""
    content = bytearray(zipped(**{"xl/workbook.xml": BOOK}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b" \r\n\n ", "is empty"),
    "mark.csv": (b"\xef\xbb\xbf", "it has no cells"),
    "separators.csv": (b";;;\n;;;\n", "no column looks like SIMs"),
    "words.csv": (b"Name,City\na,b\n", "no column looks like SIMs"),
    "noise.csv": (bytes(range(1, 256)) * 40, "not a CSV"),
    "nul.csv": (b"ICCID\n1\0\n", "NUL byte"),
    "half.csv": ("ICCID\n1\n".encode("utf-16")[:-1], "not text in utf-16-le"),
    "page.xls": (b"<html><table><tr><td>ICCID</td></tr></table></html>", "web page"),
    "page.csv": (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<p>", "web page"),
    "answer.json": (b'\n[{"iccid": "8988"}]', "this is JSON"),
    "lines.txt": (b'{"iccid": "8988"}\n', "this is JSON"),
    "old.xml": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "web page"),
    "old.xls": (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "old format"),
    "old.xlsx": (OLE + b"\0" * 600, "old format"),
    "locked.xlsx": (OLE + b"\0" * 2_000_000 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "list.pdf": (b"%PDF-1.7\n", "a PDF"),
    "list.csv.gz": (b"\x1f\x8b\x08\0", "gzip"),
    "some.zip": (zipped(**{"readme.txt": "hello"}), "zip archive, and not a workbook"),
    "calc.ods": (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
    "cut.xlsx": (good_workbook()[:-200], "damaged"),
    "half.xlsx": (good_workbook()[:2000], "damaged"),
    "head.xlsx": (b"PK\x03\x04", "damaged"),
    "noise.xlsx": (b"\x01\0\x02\xff" * 200, "no .xlsx file"),
    "locked-zip.xlsx": (encrypted_entry(), "damaged"),
    "cut.parquet": (good_parquet()[:-20], "damaged"),
    "head.parquet": (b"PAR1", "damaged"),
    "noise.parquet": (b"PAR1" + b"\xff" * 100 + b"\xff\xff\0\0PAR1", "damaged"),
}


def cell(text: str) -> str:
    return worksheet(f'<row r="1">{text}</row>')


BINARY = '<Relationships><Relationship Id="r" Type="a/officeDocument" Target="xl/workbook.bin"/></Relationships>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'

# The sheet, the shared texts, the other parts, and what is told.
BOOKS: dict[str, tuple[str | bytes, str, dict[str, str], str]] = {
    "sheet missing": (
        worksheet(ROWS),
        "",
        {"xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace("sheet1", "sheet9")},
        "missing",
    ),
    "no sheets": (worksheet(ROWS), "", {"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'}, "no worksheet"),
    "book of garbage": (worksheet(ROWS), "", {"xl/workbook.xml": "<workbook"}, "damaged"),
    "styles of garbage": (worksheet(ROWS), "", {"_rels/.rels": "<a><b></a>"}, "damaged"),
    "sheet of garbage": (b"\0\x01garbage", "", {}, "damaged"),
    "sheet cut in a row": (worksheet(ROWS)[:-60], "", {}, "damaged"),
    "sheet cut behind a row": (worksheet(ROWS).partition("</sheetData>")[0], "", {}, "damaged"),
    "texts cut": (worksheet(ROWS), shared("<si><t>x</t></si>")[:-9], {}, "damaged"),
    "texts cut at the end": (worksheet(ROWS), shared("<si><t>x</t></si>")[:-6], {}, "damaged"),
    "no such text": (cell('<c r="A1" t="s"><v>7</v></c>'), "", {}, "damaged"),
    "no such text either": (cell('<c r="A1" t="s"><v>-1</v></c>'), "", {}, "damaged"),
    "a row twice": (worksheet(ROWS * 2), "", {}, "a row is there twice"),
    "a row too far": (worksheet('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "", {}, "there is no row"),
    "a column too far": (cell('<c r="XFE1"><v>1</v></c>'), "", {}, "outside of the sheet"),
    "a reference of another kind": (cell('<c r="R1C1"><v>1</v></c>'), "", {}, "there is no cell R1C1"),
    "laughs": (f'{LAUGHS}<worksheet xmlns="{MAIN}">&b;</worksheet>', "", {}, "document type"),
    "an empty sheet": (worksheet(""), "", {}, "it has no cells"),
    "a binary workbook": (worksheet(ROWS), "", {"_rels/.rels": BINARY}, "binary workbook"),
}


def told(path: Path) -> str:
    with pytest.raises(ListError) as caught:
        read_list(path)
    words = str(caught.value)
    assert words.startswith(path.name), "the message names the file"
    assert "\n" in words or "Give a list" in words, "the message ends in the next step"
    return words


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_told_in_words(tmp_path: Path, name: str) -> None:
    content, expected = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert expected in told(tmp_path / name)


@pytest.mark.parametrize("name", BOOKS)
def test_a_broken_workbook_is_told_in_words(tmp_path: Path, name: str) -> None:
    sheet, strings, parts_of_it, expected = BOOKS[name]
    assert expected in told(workbook(tmp_path / "book.xlsx", sheet, strings, **parts_of_it))


def test_a_missing_file_and_a_folder_are_told_in_words(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(ListError, match=r"\n(Check|Name) "):
            read_list(path)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoilt") / "list.any"


GOOD = {"workbook": good_workbook(), "parquet": good_parquet(), "csv": f'ICCID;Name\n{ICCID};"x"\n'.encode() * 20}


@given(form=st.sampled_from(sorted(GOOD)), at=st.integers(0, 10**6), noise=st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_spoilt_bytes_give_a_list_or_a_message_and_never_a_traceback(
    spoilt: Path, form: str, at: int, noise: bytes
) -> None:
    content = bytearray(GOOD[form])
    place = at % len(content)
    content[place : place + len(noise)] = noise
    spoilt.write_bytes(content)
    try:
        sheet = read_list(spoilt)
    except ListError:
        return
    assert sheet.rows.height <= 200


@given(form=st.sampled_from(sorted(GOOD)), share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_short_gives_a_list_or_a_message(spoilt: Path, form: str, share: float) -> None:
    spoilt.write_bytes(GOOD[form][: int(len(GOOD[form]) * share)])
    try:
        read_list(spoilt)
    except ListError:
        return


def test_a_wrong_name_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_bytes(good_workbook())
    (tmp_path / "fleet.xlsx").write_text(f"ICCID\n{ICCID}\n")
    (tmp_path / "fleet.xlsm").write_bytes(good_parquet())
    assert read_list(tmp_path / "fleet.csv").details == "Excel workbook, though named .csv"
    assert read_list(tmp_path / "fleet.xlsx").details == "CSV, comma, UTF-8, though named .xlsx"
    assert read_list(tmp_path / "fleet.xlsm").form == "parquet"


def test_a_bomb_is_counted_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package.Package.pieces, "__defaults__", (1000, 50_000))
    path = workbook(tmp_path / "bomb.xlsx", worksheet(ROWS + " " * 1_000_000))
    assert path.stat().st_size < 10_000
    assert "unpacks to more than 50,000 bytes" in told(path)


def test_sizes_that_a_zip_states_are_not_believed(tmp_path: Path) -> None:
    content = bytearray(workbook(tmp_path / "lies.xlsx", worksheet(ROWS)).read_bytes())
    at = content.index(b"xl/worksheets/sheet1.xml", content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", content, at + 24, 10)
    (tmp_path / "lies.xlsx").write_bytes(content)
    assert "damaged" in told(tmp_path / "lies.xlsx")


def test_a_row_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_text, "ROW_BYTES_MAX", 10_000)
    monkeypatch.setattr(package.Package.pieces, "__defaults__", (1000, 10**9))
    rows = ROWS + f'<row r="2"><c r="B2" t="str"><v>{"x" * 50_000}</v></c></row>'
    assert "one row or text is longer than 10,000 bytes" in told(workbook(tmp_path / "long.xlsx", worksheet(rows)))


LIMITS = (
    (detect, "FILE_BYTES_MAX", "csv", "bytes are more than"),
    (csv_file, "COLUMNS_MAX", "csv", "columns are more than"),
    (csv_file, "ROWS_MAX", "csv", "rows are more than"),
    (parquet_file, "ROWS_MAX", "parquet", "are more than"),
    (package, "ZIP_ENTRIES_MAX", "workbook", "entries inside are more than"),
    (package, "SMALL_PART_BYTES_MAX", "workbook", "unpacks to more than"),
    (parts, "SHEETS_MAX", "workbook", "sheets are more than"),
    (xlsx_text, "STRINGS_MAX", "workbook", "different texts are more than"),
    (xlsx_exact, "ROWS_MAX_EXCEL", "workbook", "there is no row"),
    (xlsx_exact, "COLUMNS_MAX", "workbook", "outside of the sheet"),
)


@pytest.mark.parametrize(("module", "limit", "form", "expected"), LIMITS, ids=[each[1] for each in LIMITS])
def test_each_limit_is_kept_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str, form: str, expected: str
) -> None:
    path = tmp_path / "fleet.any"
    path.write_bytes(GOOD[form])
    assert read_list(path).rows.height > 0
    monkeypatch.setattr(module, limit, 0)
    assert expected in told(path)
