"""Lists to register SIMs by: the column of codes is found or asked for, and codes stay apart from rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from domain.errors import ListError, RefusedToRun
from domain.lists import ROWS, Column, Role
from inputs.choose import Asked
from inputs.read import extras, read_list
from inputs.registration import read_codes, read_registration, without_codes
from tests.inputs.test_choosing_columns import ICCIDS, written

SECRETS = ["S3CR3TC0D1", "S3CR3TC0D2", "s3cr3tc0d3", "1234567890", "SECRETCODE"]


def listed(folder: Path, heading: str = "Registration code", *more: list[str]) -> Path:
    return written(folder, ["ICCID", *ICCIDS], [heading, *SECRETS], *more)


@pytest.mark.parametrize("heading", ["Registration code", "reg code", "CODE", "Registrierungscode (SIM)"])
def test_codes_are_found_by_their_heading_and_given_by_row(tmp_path: Path, heading: str) -> None:
    sheet, codes = read_registration(listed(tmp_path, heading))
    assert sheet.roles[Role.CODE] == Column(1, heading, "B")
    assert sheet.rows["sim"].to_list() == ICCIDS
    assert [codes.of(row) for row in sheet.rows["row"]] == SECRETS


def test_the_better_name_of_two_is_taken(tmp_path: Path) -> None:
    sheet, _ = read_registration(listed(tmp_path, "Registration code", ["Code", *"abcde"]))
    assert sheet.roles[Role.CODE].letter == "B"


def test_codes_are_in_neither_the_rows_nor_the_other_columns_nor_a_repr(tmp_path: Path) -> None:
    sheet, codes = read_registration(listed(tmp_path, "Code", ["Name", *"abcde"]))
    assert sheet.rows.schema == ROWS
    assert extras(sheet).columns == ["row", "ICCID", "Name"]
    told = f"{sheet!r} {codes!r} {extras(sheet)}"
    assert not any(secret in told for secret in SECRETS)


def test_a_list_to_move_sims_by_does_not_look_for_codes(tmp_path: Path) -> None:
    sheet = read_list(listed(tmp_path), Asked(code_column="Registration code"))
    assert sheet.roles.keys() == {Role.SIM}


def test_the_column_can_be_asked_for(tmp_path: Path) -> None:
    path = listed(tmp_path, "PIN", ["Code", *"abcde"])
    assert read_registration(path, Asked(code_column="pin"))[1].of(2) == SECRETS[0]
    assert read_registration(path, Asked(code_column="B"))[1].of(2) == SECRETS[0]


@pytest.mark.parametrize(
    ("columns", "asked", "words"),
    [
        (["Ding", "Name"], Asked(), r'no column is headed as registration codes(.|\n)*--code-column "Ding"'),
        (["Reg code", "Reg code"], Asked(), r"several columns are headed as registration codes(.|\n)*--code-column B"),
        (["Ding", "Name"], Asked(code_column="Dong"), r"there is no column “Dong”(.|\n)*--code-column"),
        (["Ding", "Name"], Asked(code_column="ICCID"), r"“ICCID” is that of the SIMs(.|\n)*--code-column \"Ding\""),
        (["Ding", "Name"], Asked(column="Nome"), "there is no column “Nome”"),
    ],
)
def test_a_doubt_is_a_question_that_shows_no_code(tmp_path: Path, columns: list[str], asked: Asked, words: str) -> None:
    path = listed(tmp_path, columns[0], [columns[1], *SECRETS])
    with pytest.raises(ListError, match=words) as refused:
        read_registration(path, asked)
    assert not any(secret in str(refused.value) for secret in SECRETS)
    assert "(not shown)" in str(refused.value)


def test_a_column_headed_as_codes_is_never_shown_whatever_is_in_it(tmp_path: Path) -> None:
    codes = [f"S3CR3T-{at}" for at in range(5)]
    path = written(tmp_path, ["SIM", *"abcde"], ["Card number", *"abcde"], ["Registration code", *codes])
    with pytest.raises(ListError, match="no column looks like SIMs") as refused:
        read_registration(path)
    assert "S3CR3T" not in str(refused.value)
    assert "“Registration code”  (not shown)" in str(refused.value)


def test_a_list_of_iccids_alone_is_told_to_bring_codes(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"Add a column “Registration code”"):
        read_registration(written(tmp_path, ["ICCID", *ICCIDS]))


def test_iccids_under_a_heading_of_codes_are_no_codes(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no column is headed as registration codes"):
        read_registration(written(tmp_path, ["Code", *ICCIDS], ["Name", *"abcde"]))


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_codes_are_read_again_from_the_same_file_by_what_is_kept_of_it(tmp_path: Path, form: str) -> None:
    sheet, codes = read_registration(written_as(tmp_path, form))
    kept = replace(sheet, rows=sheet.rows.clear())
    again = read_codes(kept)
    assert [again.of(row) for row in sheet.rows["row"]] == [codes.of(row) for row in sheet.rows["row"]] == SECRETS
    assert len(again) == len(codes) == 5


def written_as(folder: Path, form: str) -> Path:
    path = folder / f"fleet.{form}"
    match form:
        case "csv":
            lines = ["Fleet", "", "ICCID;Reg code;Note", *(f"{a};{b};ä" for a, b in zip(ICCIDS, SECRETS, strict=True))]
            path.write_bytes("\r\n".join(lines).encode("cp1252"))
        case "xlsx":
            book = openpyxl.Workbook()
            book.worksheets[0].append(["notes"])
            sheet = book.create_sheet("SIMs")
            for row in (
                ["Fleet"],
                [],
                ["ICCID", "x", "Reg code"],
                *([a, 1, b] for a, b in zip(ICCIDS, SECRETS, strict=True)),
            ):
                sheet.append(row)
            book.save(path)
        case _:
            import polars as pl  # noqa: PLC0415 - for this form alone

            pl.DataFrame({"Reg code": SECRETS, "ICCID": ICCIDS}).write_parquet(path)
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_what_may_be_shown_of_a_list_is_all_but_its_codes(tmp_path: Path, form: str) -> None:
    sheet, _ = read_registration(written_as(tmp_path, form))
    shown = without_codes(replace(sheet, rows=sheet.rows.clear()))
    assert shown["row"].to_list() == sheet.rows["row"].to_list()
    assert shown["ICCID"].to_list() == ICCIDS
    assert not {"Reg code", "Code"} & set(shown.columns)
    assert not any(secret in str(shown.rows()) for secret in SECRETS)


def test_a_code_in_the_wrong_column_is_not_shown_either(tmp_path: Path) -> None:
    iccids, codes = [SECRETS[0], *ICCIDS[1:]], [ICCIDS[0], *SECRETS[1:]]
    notes = ["x", f"code {SECRETS[1]}", "Rotterdam1", "y", "z"]
    sheet, _ = read_registration(written(tmp_path, ["ICCID", *iccids], ["Reg code", *codes], ["Note", *notes]))
    shown = without_codes(sheet)
    assert shown["ICCID"].to_list() == ["(not shown: it looks like a registration code)", *ICCIDS[1:]]
    assert shown["Note"].to_list() == ["x", "(not shown)", "Rotterdam1", "y", "z"]


def test_a_file_that_was_changed_since_gives_no_code(tmp_path: Path) -> None:
    sheet, _ = read_registration(listed(tmp_path))
    sheet.path.write_text(sheet.path.read_text().replace(SECRETS[0], SECRETS[1]))
    with pytest.raises(RefusedToRun, match=r"no longer the file that was read") as refused:
        read_codes(sheet)
    assert refused.value.cause == "altered"


def test_a_code_in_a_numeric_cell_is_no_code(tmp_path: Path) -> None:
    path = tmp_path / "numbers.xlsx"
    book = openpyxl.Workbook()
    for row in (["ICCID", "Code"], [ICCIDS[0], 1234567890], [ICCIDS[1], "1234567890"]):
        book.worksheets[0].append(row)
    book.save(path)
    _, codes = read_registration(path)
    assert codes.of(3) == "1234567890"
    with pytest.raises(KeyError):
        codes.of(2)
