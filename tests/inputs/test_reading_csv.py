"""CSV in every form that people send: encodings, separators, line ends, quotes, and row numbers that stay right."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.errors import ListError
from domain.lists import ROWS, Role
from inputs.choose import Asked
from inputs.csv_file import CsvFile
from inputs.csv_records import records
from inputs.csv_text import decode, first_records, sample
from inputs.read import extras, read_list

ICCIDS = [f"{89883030000080139311 + step * 10}" for step in range(5)]
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
LINE_ENDS = ("\n", "\r\n", "\r")

NAMES = st.text(st.sampled_from("abcXYZ äöüéñ€ ,;|'\"=-12"), max_size=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists") / "fleet [1].csv"


@given(
    names=st.lists(NAMES, min_size=1, max_size=5),
    separator=st.sampled_from(SEPARATORS),
    encoding=st.sampled_from(ENCODINGS),
    line_end=st.sampled_from(LINE_ENDS),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
@example(names=[";,a,", ";,a"], separator=";", encoding="utf-8", line_end="\n", quoting=csv.QUOTE_MINIMAL)
@settings(max_examples=150, deadline=None)
def test_what_was_written_is_read_back(
    path: Path, names: list[str], separator: str, encoding: str, line_end: str, quoting: int
) -> None:
    content = io.StringIO()
    writer = csv.writer(content, delimiter=separator, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type] # the stubs want a literal
    writer.writerow(["Größe", "ICCID", "Name"])
    writer.writerows([f"é{at}", ICCIDS[at], name] for at, name in enumerate(names))
    path.write_bytes(content.getvalue().encode(encoding))
    sheet = read_list(path)
    assert sheet.rows["sim"].to_list() == ICCIDS[: len(names)]
    assert sheet.rows["row"].to_list() == list(range(2, len(names) + 2))
    assert sheet.rows.schema == ROWS
    assert [column.heading for column in sheet.columns] == ["Größe", "ICCID", "Name"]
    found = extras(sheet)
    assert found["Größe"].to_list() == [f"é{at}" for at in range(len(names))]


@given(
    fields=st.lists(
        st.lists(st.text(st.sampled_from('ab"\n,=' + "'"), max_size=5), min_size=3, max_size=3), min_size=1, max_size=6
    )
)
@example(fields=[["", '"', '"a""']])
@example(fields=[["", '""=', '"""']])
@settings(max_examples=300, deadline=None)
def test_quotes_mean_what_they_mean_to_a_spreadsheet(fields: list[list[str]]) -> None:
    content = "x,y,z\n" + "\n".join(",".join(row) for row in fields)
    text = decode(content.encode(), "fleet.csv", None, ",")
    width = max(len(row) for row in first_records(sample(text.data), ","))
    try:
        expected = dict(records(text, "fleet.csv", width))
    except ListError:
        expected = {}
    try:
        frame = CsvFile(text, "fleet.csv").columns(range(width))
    except ListError:
        assert not expected
        return
    if not expected:
        return
    assert frame["row"].to_list() == list(expected)
    for line in frame.iter_rows(named=True):
        for at, field in enumerate(expected[line["row"]]):
            if "=" not in field and "'" not in field:
                assert (line[f"text_{at}"] or "").strip() == field.strip()


def test_blank_lines_count_and_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text(f"\n\nFleet of Acme\n\nName;ICCID\n\na;{ICCIDS[0]}\n;\n ; \nb;\n\nc;{ICCIDS[1]}\n\n")
    sheet = read_list(path)
    assert sheet.header_row == 5
    assert sheet.rows.select("row", "sim", "sim_kind").rows() == [
        (7, ICCIDS[0], "text"),
        (10, None, "empty"),
        (12, ICCIDS[1], "text"),
    ]


def test_a_line_end_inside_quotes_starts_no_row(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text(f'ICCID,Note\n{ICCIDS[0]},"first\nsecond, or so\nthird"\n{ICCIDS[1]},\n')
    assert read_list(path).rows.select("row", "sim").rows() == [(2, ICCIDS[0]), (3, ICCIDS[1])]


@pytest.mark.parametrize(
    "content",
    [
        'ICCID,Note\n{0},"open\n{1},x\n{2},y\n',
        'ICCID,Note\n{0},"open\n{1},x\n{2},"y"\n{3},z\n',
        'ICCID,Note\n{0},x\n"{1},x\n{2},y\n{3},z"\n',
    ],
)
def test_a_quote_that_would_swallow_rows_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "open.csv"
    path.write_text(content.format(*ICCIDS))
    with pytest.raises(ListError, match=r"open.csv: row [23] opens a quotation mark"):
        read_list(path)


def test_a_quote_in_the_middle_of_a_field_is_a_character(tmp_path: Path) -> None:
    path = tmp_path / "inches.csv"
    path.write_text(f'ICCID,Note\n{ICCIDS[0]},5" screen\n{ICCIDS[1]},"7" screen\n{ICCIDS[2]},"9"" screen"\n')
    sheet = read_list(path)
    assert sheet.rows["sim"].to_list() == ICCIDS[:3]
    assert extras(sheet)["Note"].to_list() == ['5" screen', "7 screen", '9" screen']


def test_protected_digits_are_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "protected.csv"
    path.write_text(f'ICCID,Name\n="{ICCIDS[0]}",a\n"=""{ICCIDS[1]}""",b\n\'{ICCIDS[2]},c\n{ICCIDS[3]},d\n')
    assert read_list(path).rows["sim"].to_list() == ICCIDS[:4]


def test_text_that_looks_like_a_number_stays_the_text_it_is(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("ICCID\n8.98830E+18\n008988\n 8988 3030 \n")
    sheet = read_list(path)
    assert sheet.rows["sim"].to_list() == ["8.98830E+18", "008988", " 8988 3030 "]
    assert set(sheet.rows["sim_kind"]) == {"text"}


def test_the_separator_that_the_file_states_is_used(tmp_path: Path) -> None:
    path = tmp_path / "stated.csv"
    path.write_text(f"sep=;\nICCID;Price\n{ICCIDS[0]};1,50\n")
    sheet = read_list(path)
    assert sheet.details == "CSV, semicolon, UTF-8"
    assert sheet.rows.select("row", "sim").rows() == [(3, ICCIDS[0])]


def test_decimal_commas_do_not_make_a_comma_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("".join(f"{iccid};1,50;x\n" for iccid in ICCIDS))
    assert read_list(path).rows["sim"].to_list() == ICCIDS


@pytest.mark.parametrize("above", ["", "ICCID\n", "IMSI\n", "Acme, Berlin\nICCID\n"])
def test_decimal_commas_of_a_single_column_separate_nothing(tmp_path: Path, above: str) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(above + f"8,98830E+19\n8,98830E+19\n{ICCIDS[0]}\n")
    assert read_list(path).rows["sim"].to_list() == ["8,98830E+19", "8,98830E+19", ICCIDS[0]]


def test_a_tab_before_each_number_of_a_single_column_separates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text("ICCID\n" + "".join(f"\t{iccid}\n" for iccid in ICCIDS))
    assert [text.strip() for text in read_list(path).rows["sim"]] == ICCIDS


def test_ragged_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(f"Name,ICCID\na\nb,{ICCIDS[0]},more,and more\n,{ICCIDS[1]}\n")
    assert read_list(path).rows.select("row", "sim").rows() == [(2, None), (3, ICCIDS[0]), (4, ICCIDS[1])]


def test_a_headerless_single_column_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "bare.txt"
    path.write_text("\n".join(ICCIDS))
    sheet = read_list(path)
    assert (sheet.header_row, sheet.rows["sim"].to_list()) == (0, ICCIDS)
    assert sheet.rows["row"].to_list() == [1, 2, 3, 4, 5]
    assert sheet.roles[Role.SIM].heading == ""


def test_mixed_line_ends_are_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(f"ICCID\r\n{ICCIDS[0]}\r{ICCIDS[1]}\n{ICCIDS[2]}".encode())
    assert read_list(path).rows["sim"].to_list() == ICCIDS[:3]


def test_a_nul_byte_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    path.write_bytes(f"ICCID\n{ICCIDS[0]}\n89\0\n".encode())
    with pytest.raises(ListError, match=r"nul.csv: line 3 holds a NUL byte"):
        read_list(path)


def test_an_encoding_that_was_asked_for_is_used(tmp_path: Path) -> None:
    path = tmp_path / "koi.csv"
    path.write_bytes(f"номер карты;имя\n{ICCIDS[0]};Иван\n".encode("koi8-r"))
    sheet = read_list(path, Asked(encoding="koi8-r"))
    assert sheet.details == "CSV, semicolon, koi8-r"
    assert extras(sheet, Asked(encoding="koi8-r"))["имя"].to_list() == ["Иван"]
    with pytest.raises(ListError, match="no encoding “nonsense”"):
        read_list(path, Asked(encoding="nonsense"))


def test_rows_without_their_identifier_are_kept_if_anything_else_is_there(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("Name,ICCID\n" + "".join(f"n{at},{ICCIDS[0] if at % 3 else ''}\n,\n" for at in range(300)))
    rows = read_list(path).rows
    assert rows["row"].to_list() == list(range(2, 602, 2))
    assert rows.filter(pl.col("sim_kind") == "empty").height == 100
