"""Registers read: the SIMs as of any list, and what the books say of each, by headings that are known or named."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import ListError
from inputs.choose import Asked
from inputs.registers import RegisterColumns, read_register

TEXT = "ICCID;Konto;Zustand;Preis;Site\n89883030000100000006;Pilot;aktiv;1,20;north\n89883030000100000014;Fleet;;;\n"
ASKED = Asked()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "assets.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_columns_are_found_by_their_usual_headings(register: Path) -> None:
    read = read_register(register, ASKED, RegisterColumns())
    assert read.told.rows() == [(2, "Pilot", "aktiv", "1,20"), (3, "Fleet", None, None)]
    assert read.columns == RegisterColumns("Konto", "Zustand", "Preis")


def test_columns_that_are_named_go_before_those_that_are_found(register: Path) -> None:
    read = read_register(register, ASKED, RegisterColumns("Site", "", settings={"tag:site": "E"}))
    assert read.told.columns == ["row", "account", "price", "setting:tag:site"]
    assert read.told["account"].to_list() == ["north", None]
    assert read.told["setting:tag:site"].to_list() == ["north", None]


def test_a_column_that_is_not_there_is_asked_back_with_those_that_are(register: Path) -> None:
    with pytest.raises(ListError, match=r"assets\.csv: no column “Where” for account; there are A “ICCID”, B “Konto”"):
        read_register(register, ASKED, RegisterColumns("Where"))


def test_a_heading_that_is_there_twice_is_asked_back(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text("ICCID,Place,place\n89883030000100000006,a,b\n", encoding="utf-8")
    with pytest.raises(ListError, match="2 columns “PLACE” for account"):
        read_register(path, ASKED, RegisterColumns("PLACE"))
    assert read_register(path, ASKED, RegisterColumns("Place")).told["account"].to_list() == ["a"]


def test_a_register_of_sims_alone_is_one(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text("ICCID\n89883030000100000006\n", encoding="utf-8")
    read = read_register(path, ASKED, RegisterColumns())
    assert (read.told.columns, read.columns) == (["row"], RegisterColumns())
