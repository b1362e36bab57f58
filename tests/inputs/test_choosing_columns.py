"""The column of SIMs is found by what was asked, by headings, by cells, or not at all; never by a guess."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.errors import ListError
from domain.lists import Role
from inputs.choose import Asked
from inputs.headings import meaning
from inputs.read import read_list
from inputs.source import index_of, letter

GOLDEN = Path(__file__).parent / "golden"
ICCIDS = [f"{89883030000080139311 + step * 10}" for step in range(5)]
IMSIS = [f"{901430000000000 + step}" for step in range(5)]


def written(folder: Path, *columns: list[str]) -> Path:
    """A CSV of these columns, each with its heading first."""
    path = folder / "fleet.csv"
    path.write_text("\n".join(",".join(row) for row in zip(*columns, strict=True)) + "\n")
    return path


def test_headings_mean_what_the_golden_table_says() -> None:
    lines = (GOLDEN / "headings.tsv").read_text().splitlines()
    said = [f"{meaning(line.partition(chr(9))[0]) or '-'}" for line in lines]
    assert dict(zip(lines, said, strict=True)) == {line: line.partition("\t")[2] for line in lines}


def test_letters_and_places_are_each_others_reverse() -> None:
    assert [letter(at) for at in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(index_of(letter(at)) == at for at in range(16384))


@pytest.mark.parametrize(
    ("headings", "roles"),
    [
        (("Name", "ICCID"), {"sim": "B"}),
        (("IMSI", "ICC-ID"), {"sim": "B", "imsi": "A"}),
        (("SIM-Nummer", "Bemerkung"), {"sim": "A"}),
        (("von", "bis"), {"sim": "A", "end": "B"}),
        (("First ICCID", "Last ICCID"), {"sim": "A", "end": "B"}),
        (("ICCID", "Ending"), {"sim": "A"}),
        (("ICCID", "ICCID end"), {"sim": "A", "end": "B"}),
        (("iccid", "iccid_with_luhn"), {"sim": "B"}),
        (("simferry key", "Karte"), {"sim": "B"}),
        (("IMEI", "irgendwas"), {"sim": "B"}),
        (("SIM", "ICCID"), {"sim": "B"}),
    ],
)
def test_two_columns_of_iccids_are_told_apart_by_headings(
    tmp_path: Path, headings: tuple[str, str], roles: dict[str, str]
) -> None:
    sheet = read_list(written(tmp_path, [headings[0], *ICCIDS], [headings[1], *ICCIDS]))
    assert {role.value: column.letter for role, column in sheet.roles.items()} == roles
    assert (sheet.header_row, sheet.rows.height) == (1, 5)


def test_a_heading_wins_over_what_the_cells_look_like(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["Batch", *ICCIDS], ["ICCID", "n/a", "n/a", "n/a", "?", "?"]))
    assert sheet.roles[Role.SIM].letter == "B"


def test_a_weak_heading_yields_to_what_the_cells_look_like(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["SIM", "one", "two", "three", "four", "five"], ["Nr.", *ICCIDS]))
    assert (sheet.roles[Role.SIM].letter, sheet.header_row) == ("B", 1)


def test_dates_from_and_to_are_no_range(tmp_path: Path) -> None:
    days = ["2026-11-20"] * 5
    sheet = read_list(written(tmp_path, ["ICCID", *ICCIDS], ["from", *days], ["to", *days]))
    assert sheet.roles.keys() == {Role.SIM}


def test_imsis_alone_are_a_list_too(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["Name", "a", "b", "c", "d", "e"], ["IMSI", *IMSIS]))
    assert sheet.roles.keys() == {Role.SIM}
    assert sheet.rows["sim"].to_list() == IMSIS


def test_iccids_of_any_name_go_before_imsis(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["IMSI", *IMSIS], ["Ding", *ICCIDS]))
    assert {role.value: column.letter for role, column in sheet.roles.items()} == {"sim": "B", "imsi": "A"}


@pytest.mark.parametrize(
    "columns",
    [
        (["ICCID", *ICCIDS], ["ICCID", *ICCIDS], ["IMSI", *IMSIS]),
        (["ICCID", *ICCIDS], ["Range start", *ICCIDS], ["Range end", *ICCIDS]),
        (["old", *ICCIDS], ["new", *ICCIDS]),
    ],
)
def test_two_columns_of_equal_right_are_a_question(tmp_path: Path, columns: tuple[list[str], ...]) -> None:
    with pytest.raises(ListError, match="several columns look like SIMs"):
        read_list(written(tmp_path, *columns))


def test_an_unknown_heading_is_found_by_its_cells_and_is_no_row(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["Was", "x", "y", "z", "v", "w"], ["Ding", *ICCIDS]))
    assert (sheet.header_row, sheet.roles[Role.SIM].heading, sheet.rows.height) == (1, "Ding", 5)


def test_no_row_of_a_headerless_list_is_taken_for_its_heading(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["a", "b", "c", "d", "e"], ["89883030000080139", *ICCIDS[:4]]))
    assert (sheet.header_row, sheet.rows.height) == (0, 5)


def test_damaged_numbers_are_recognised_as_what_they_were(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for iccid in ICCIDS:
        book.worksheets[0].append(["device", float(iccid)])
    path = tmp_path / "damaged.xlsx"
    book.save(path)
    sheet = read_list(path)
    assert sheet.roles[Role.SIM].letter == "B"
    assert set(sheet.rows["sim_kind"]) == {"number"}


def test_an_empty_twin_of_the_column_is_passed_over(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["ICCID", "", "", "", "", ""], ["ICCID", *ICCIDS]))
    assert sheet.roles[Role.SIM].letter == "B"


def test_a_column_can_be_asked_for_by_heading_or_letter(tmp_path: Path) -> None:
    path = written(tmp_path, ["Old card", *ICCIDS], ["New card", *reversed(ICCIDS)])
    assert read_list(path, Asked(column="new CARD")).rows["sim"].to_list() == ICCIDS[::-1]
    assert read_list(path, Asked(column="a")).rows["sim"].to_list() == ICCIDS
    both = read_list(path, Asked(column="A", end_column="B")).rows
    assert both["end"].to_list() == ICCIDS[::-1]
    assert read_list(path, Asked(imsi_column="A", column="B")).roles[Role.IMSI].heading == "Old card"


def test_a_letter_is_a_column_and_not_a_cell_that_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, ["Old card", *ICCIDS], ["New card", *ICCIDS], ["Name", *"abcde"])
    sheet = read_list(path, Asked(column="B"))
    assert (sheet.roles[Role.SIM].heading, sheet.rows.height) == ("New card", 5)


def test_sids_are_found_by_heading_or_by_their_looks_after_iccids_and_before_other_numbers(tmp_path: Path) -> None:
    sids = [f"HS{0xABCDEF << 100 | at:032x}" for at in range(5)]
    msisdns = [f"4917012345678{at:02}" for at in range(5)]
    for heading in ("sid", "SIM sid", "Sim Sid", "Ding"):
        sheet = read_list(written(tmp_path, ["Nummer", *msisdns], [heading, *sids]))
        assert (sheet.roles[Role.SIM].heading, sheet.rows["sim"].to_list()) == (heading, sids)
    assert read_list(written(tmp_path, ["sid", *sids], ["Ding", *ICCIDS])).rows["sim"].to_list() == sids
    assert read_list(written(tmp_path, ["Dong", *sids], ["Ding", *ICCIDS])).rows["sim"].to_list() == ICCIDS
    assert read_list(written(tmp_path, ["sid", *sids], ["ICCID", *ICCIDS])).rows["sim"].to_list() == ICCIDS
    mixed = [*sids[:3], *ICCIDS[:2]]
    assert read_list(written(tmp_path, ["Nummer", *msisdns], ["Ding", *mixed])).rows["sim"].to_list() == mixed
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(sids))
    assert (read_list(bare).header_row, read_list(bare).rows.height) == (0, 5)
    both = read_list(written(tmp_path, ["sid", *sids], ["IMSI", *IMSIS]))
    assert {role.value: column.heading for role, column in both.roles.items()} == {"sim": "sid", "imsi": "IMSI"}


def test_two_columns_of_sids_are_a_question(tmp_path: Path) -> None:
    sids = [f"HS{at:032x}" for at in range(5)]
    with pytest.raises(ListError, match="several columns look like SIMs"):
        read_list(written(tmp_path, ["old", *sids], ["new", *sids]))


def test_a_range_that_was_asked_for_by_its_start_keeps_its_end(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["from", *ICCIDS], ["to", *ICCIDS]), Asked(column="from"))
    assert sheet.roles.keys() == {Role.SIM, Role.END}


def test_only_a_heading_is_a_list_of_no_rows(tmp_path: Path) -> None:
    sheet = read_list(written(tmp_path, ["Name"], ["ICCID"]))
    assert sheet.rows.is_empty()
    assert sheet.roles[Role.SIM].letter == "B"


def many_sheets(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Notes", "nothing here"])
    for name, count in (("Berlin", 2), ("Köln", 5)):
        sheet = book.create_sheet(name)
        sheet.append([f"Fleet of {name}"])
        sheet.append(["Name", "ICCID"])
        for iccid in ICCIDS[:count]:
            sheet.append(["x", iccid])
    path = folder / "sites.xlsx"
    book.save(path)
    return path


def test_a_sheet_can_be_asked_for_by_name_or_number(tmp_path: Path) -> None:
    path = many_sheets(tmp_path)
    assert read_list(path, Asked(sheet="köln")).rows.height == 5
    assert read_list(path, Asked(sheet="2")).sheet == "Berlin"


def test_the_only_sheet_with_such_a_column_is_taken(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(many_sheets(tmp_path))
    book.remove(book["Berlin"])
    book.save(tmp_path / "one.xlsx")
    assert read_list(tmp_path / "one.xlsx").sheet == "Köln"


def test_questions_to_the_operator_read_as_they_should(tmp_path: Path) -> None:
    asked = [
        (written(tmp_path, ["Old card", *ICCIDS], ["New card", *ICCIDS], ["Name", *"abcde"]), Asked()),
        (tmp_path / "fleet.csv", Asked(column="ICC")),
        (tmp_path / "fleet.csv", Asked(column="Name", sheet="Berlin")),
        (many_sheets(tmp_path), Asked()),
        (tmp_path / "sites.xlsx", Asked(sheet="Bonn")),
        (tmp_path / "sites.xlsx", Asked(sheet="Sheet")),
    ]
    told = [_told(path, wish) for path, wish in asked]
    twins = tmp_path / "twins"
    twins.mkdir()
    told.append(_told(written(twins, ["ICCID", *ICCIDS], ["ICCID", *ICCIDS]), Asked(column="iccid")))
    told.append(_told(written(twins, ["ICCID", *ICCIDS], ["ICCID", *ICCIDS]), Asked()))
    book = openpyxl.load_workbook(tmp_path / "sites.xlsx")
    book.remove(book["Berlin"])
    book["Köln"].delete_cols(2)
    book.save(tmp_path / "none.xlsx")
    told.append(_told(tmp_path / "none.xlsx", Asked()))
    found = "\n\n".join(told) + "\n"
    golden = GOLDEN / "questions.txt"
    assert found == golden.read_text()


def _told(path: Path, asked: Asked) -> str:
    try:
        sheet = read_list(path, asked)
    except ListError as error:
        return str(error)
    return f"{sheet.name}: {sheet.rows.height} rows of column {sheet.roles[Role.SIM].letter}"


def test_parquet_keeps_text_as_text_and_shows_numbers_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    frame = pl.DataFrame({"ICCID": [*ICCIDS, None, None], "n": [1, 2, 3, 4, 5, 6, None]})
    frame.write_parquet(path)
    sheet = read_list(path)
    assert sheet.rows.select("row", "sim").rows() == [*enumerate(ICCIDS, 1), (6, None)]
    assert (sheet.form, sheet.header_row, sheet.details) == ("parquet", 0, "Parquet")
    damaged = frame.select(pl.col("ICCID").cast(pl.Float64), "n")
    damaged.write_parquet(path)
    rows = read_list(path).rows
    assert rows["sim_kind"].to_list() == ["number"] * 5 + ["empty"]
    assert rows["sim"][0] == "8.988303000008014e+19"


@pytest.mark.parametrize("heading", ["Start ICCID", "von"])
def test_ranges_without_an_end_are_asked_about_and_not_taken_for_single_sims(tmp_path: Path, heading: str) -> None:
    path = written(tmp_path, [heading, *ICCIDS], ["Quantity", *("10" for _ in ICCIDS)])
    with pytest.raises(ListError, match=r"no column is headed as their end(.|\n)*--column A"):
        read_list(path)
    assert read_list(path, Asked(column="A")).rows["sim"].to_list() == ICCIDS
    assert read_list(path, Asked(end_column="B")).roles.keys() == {Role.SIM, Role.END}


def test_ranges_in_one_cell_need_no_second_column(tmp_path: Path) -> None:
    ranges = [f"{ICCIDS[0]} - {ICCIDS[3]}"]
    assert read_list(written(tmp_path, ["ICCID from", *ranges], ["Name", "x"])).rows["sim"].to_list() == ranges


def test_a_sheet_of_counts_beside_the_list_raises_no_question(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Customer", "SIMs"], ["Acme", 5], ["Total", 5]):
        book.worksheets[0].append(row)
    listed = book.create_sheet("List")
    for text in ("ICCID", *ICCIDS):
        listed.append([text])
    path = tmp_path / "fleet.xlsx"
    book.save(path)
    assert read_list(path).sheet == "List"
    for text in ("ICCID", *ICCIDS):
        book.worksheets[0].append([None, text])
    book.save(path)
    with pytest.raises(ListError, match="several sheets have a column of SIMs"):
        read_list(path)


def test_text_that_a_parquet_file_keeps_as_bytes_is_text_and_other_bytes_are_no_identifier(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    packed = bytes.fromhex(ICCIDS[1])  # digits in half-bytes, in whichever order
    pl.DataFrame({"ICCID": [ICCIDS[0].encode(), packed, None], "n": [1, 2, 3]}).write_parquet(path)
    rows = read_list(path).rows
    assert rows["sim"].to_list() == [ICCIDS[0], f"0x{ICCIDS[1]}", None]
    assert rows["sim_kind"].to_list() == ["text", "text", "empty"]


def test_an_export_of_soracom_is_read_by_its_sim_ids_and_primary_imsis(tmp_path: Path) -> None:
    others = [
        ["operatorId", *["OP0000000001"] * 5],
        ["name", *["pump"] * 5],
        ["imeiLock", *IMSIS],
        ["status", *"abcde"],
    ]
    sheet = read_list(written(tmp_path, *others, ["simId", *ICCIDS], ["primaryImsi", *IMSIS]))
    assert {str(role): column.letter for role, column in sheet.roles.items()} == {"sim": "E", "imsi": "F"}
