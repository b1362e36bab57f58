"""Fleets by a table of two columns: what is read from it, and what is said where it is not clear."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from domain.errors import ListError
from inputs.csv_text import SEPARATORS
from inputs.group_pairs import FILE_BYTES_MAX, PAIRS_MAX, GroupPair, read_group_pairs

Row = tuple[object, ...]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "fleets.csv"
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, **sheets: tuple[Row, ...]) -> Path:
    book, path = Workbook(), folder / "fleets.xlsx"
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(path)
    return path


@pytest.mark.parametrize(
    "heading",
    [
        "from,to",
        " From , TO ",
        "old;new",
        "Source\tTarget",
        "old fleet|New Fleet (sid)",
        "source group id,target group",
    ],
)
def test_headings_are_known_in_their_ways(tmp_path: Path, heading: str) -> None:
    separator = next(each for each in "\t;|," if each in heading)
    path = written(tmp_path, f"{heading}\nWest{separator}East\n")
    assert read_group_pairs(path) == (GroupPair(2, "West", "East"),)


def test_an_empty_cell_is_no_fleet_and_a_row_without_any_is_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, "from,to,remark\nWest,,\n,East,\n,,to be done\n\nNorth\n")
    assert read_group_pairs(path) == (GroupPair(2, "West", ""), GroupPair(3, "", "East"), GroupPair(6, "North", ""))


def test_columns_may_stand_anywhere_below_a_title(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, Notes=(("from us",),), Map=(("Fleets of June",), ("to", "why", "from"), ("B", "x", " A "))
    )
    assert read_group_pairs(path) == (GroupPair(3, "A", "B"),)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_names_are_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "from;to\nZürich, Süd;Genève\n", encoding)
    assert read_group_pairs(path) == (GroupPair(2, "Zürich, Süd", "Genève"),)


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20).map(str.strip)
NAMES = NAMES.filter(lambda name: not name.startswith(("=", "'")))  # how spreadsheets protect a text


@given(
    st.dictionaries(NAMES, NAMES, min_size=1, max_size=40),
    st.sampled_from(sorted(SEPARATORS)),
)
@settings(deadline=None)
def test_every_name_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, pairs: dict[str, str], separator: str
) -> None:
    said = {source: target for source, target in pairs.items() if source or target}
    if not said:
        return
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([("from", "to"), *said.items()])
    read = read_group_pairs(written(tmp_path_factory.mktemp("pairs"), text.getvalue()))
    assert {pair.source: pair.target for pair in read} == said


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (2024, r"cell B3: a number \(2024\) stands"),
        (dt.date(2026, 6, 1), "cell B3: a date"),
        (True, "cell B3: a truth value"),
        ("=A1+1", "cell B3: a formula without a value"),
    ],
)
def test_what_is_no_text_is_refused_with_its_cell(tmp_path: Path, cell: object, words: str) -> None:
    path = workbook(tmp_path, Map=(("from", "to"), ("West", "East"), ("North", cell)))
    with pytest.raises(ListError, match=rf"fleets.xlsx, sheet “Map”, {words}(.|\n)*as text"):
        read_group_pairs(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from,to\nWest,A\nEast,B\nWest,C\n", "rows 2 and 4 both say what becomes of “West”"),
        ("from,to\n,A\nEast,B\n,A\n", "rows 2 and 4 both say what becomes of no fleet"),
        ("from,to\n", "no fleet is named below"),
        ("from,to,old\nWest,A,B\n", "A1 “from” and C1 “old” say the same"),
        ("from,new,to\nWest,A,B\n", "B1 “new” and C1 “to” say the same"),
        ("fleet,to\nWest,A\n", "no row has both headings(.|\n)*Head two columns"),
        ("West,A\n", "no row has both headings"),
        ("", "the file is empty"),
        ("from,to\n" + "West,A\n" * (PAIRS_MAX + 1), r"10,001 rows are more than the 10,000"),
    ],
)
def test_what_is_not_clear_is_asked_back(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ListError, match=words) as raised:
        read_group_pairs(written(tmp_path, text))
    assert "fleets.csv" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from,to\n,A\n,B\n", r"what becomes of no group \(an empty cell\)"),
        ("from,to\n", "no group is named below its headings. Fill in one row per group"),
    ],
)
def test_a_map_speaks_of_what_the_provider_groups_sims_by(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ListError, match=words):
        read_group_pairs(written(tmp_path, text), "group")


def test_two_sheets_with_pairs_are_one_too_many(tmp_path: Path) -> None:
    rows: tuple[Row, ...] = (("from", "to"), ("West", "East"))
    with pytest.raises(ListError, match="sheets “May” and “June” both map fleets"):
        read_group_pairs(workbook(tmp_path, May=rows, June=rows))


def test_a_file_that_is_not_there_or_is_huge_is_named(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"There is no file .*none\.csv"):
        read_group_pairs(tmp_path / "none.csv")
    with pytest.raises(ListError, match="There is no file"):
        read_group_pairs(tmp_path)
    path = written(tmp_path, "from,to\n" + " " * FILE_BYTES_MAX)
    with pytest.raises(ListError, match="bytes are more than"):
        read_group_pairs(path)
