"""A share of the corpus goes through the other readers: registers, registrations, pairs of groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import ListError
from inputs.choose import Asked
from inputs.group_pairs import read_group_pairs
from inputs.read import extras, read_list
from inputs.registers import RegisterColumns, read_register
from inputs.registration import read_registration
from tests.hostile.cases import Case
from tests.hostile.cell_texts import cell_texts
from tests.hostile.csv_files import csv_files
from tests.hostile.other_files import other_files
from tests.hostile.parquet_files import parquet_files
from tests.hostile.sheets import sheets
from tests.hostile.zips import zips

HEAVY = ("long-", "bomb", "rows.", "too-long", "last-column", "most-columns", "sheet-most")
SHARE = 5  # one file of so many
CASES = tuple(case for kind in (csv_files, cell_texts, zips, sheets, parquet_files, other_files) for case in kind())
SMALL = tuple(case for case in CASES if not case.name.startswith(HEAVY))[::SHARE]


def _register(path: Path) -> object:
    return read_register(path, Asked(column="A"), RegisterColumns(account="B"))


def _registration(path: Path) -> object:
    return read_registration(path, Asked(column="A", code_column="B"))


def _extras(path: Path) -> object:
    return extras(read_list(path))


READERS: tuple[Callable[[Path], object], ...] = (_register, _registration, _extras, read_group_pairs)


@pytest.mark.parametrize("case", SMALL, ids=[repr(case.name) for case in SMALL])
def test_every_reader_gives_a_table_or_a_message(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    case.make(path)
    names = []
    for reader in READERS:
        try:
            reader(path)
        except ListError as error:
            names.append(path.name in str(error))
    assert all(names), "a message names the file"
