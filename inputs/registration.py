"""A list of SIMs to register: read like any other, its codes apart from its rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from domain.codes import CODES, Codes, hidden_codes
from domain.errors import RefusedToRun
from domain.lists import IDENTIFIERS, Role, Sheet
from inputs.choose import Asked, Purpose
from inputs.opened import opened
from inputs.read import NOTHING_ASKED, digest_of, extras, read_table
from inputs.source import kind_of, text_of


def read_registration(path: Path, asked: Asked = NOTHING_ASKED) -> tuple[Sheet, Codes]:
    """The list and, of the same rows, its registration codes; raises ListError as `read_list` does.

    The column of codes is `asked.code_column`, else the one whose heading says so; it is a role of the sheet, whose
    `rows` are without it.
    """
    sheet, found = read_table(path, replace(asked, purpose=Purpose.REGISTER))
    return sheet, _codes(sheet, found)


def read_codes(sheet: Sheet) -> Codes:
    """The codes of a list that was read before: `sheet` is what `read_registration` gave, kept without rows or not.

    Raises RefusedToRun, cause "altered", where the file is not the one that was read, ListError where it is broken.
    """
    if digest_of(sheet.path) != sheet.sha256:
        raise RefusedToRun(
            f"{sheet.name} is no longer the file that was read, so no code is taken from it. Make a new plan.",
            "altered",
        )
    with opened(sheet.path, _asked(sheet)) as tables:
        source = next(each for each in tables.sources if each.sheet == sheet.sheet)
        found = source.columns([sheet.roles[Role.CODE].index])
    return _codes(sheet, found.filter(pl.col("row") > sheet.header_row))


def without_codes(sheet: Sheet) -> pl.DataFrame:
    """All columns but that of the codes, as `extras` gives them, and no code in any of their cells.

    Hidden is a cell that holds the code of its row, and, where identifiers stand, one that looks like a code. Raises as
    `read_codes` does.
    """
    columns = [column for column in sheet.columns if column != sheet.roles[Role.CODE]]
    found = read_codes(sheet).hidden_in(extras(sheet, _asked(sheet)))
    identifiers = [sheet.roles[role] for role in IDENTIFIERS if role in sheet.roles]
    names = [name for column, name in zip(columns, found.columns[1:], strict=True) if column in identifiers]
    return found.with_columns(hidden_codes(pl.col(name)).alias(name) for name in names)


def _asked(sheet: Sheet) -> Asked:
    """How the list was read before."""
    return Asked(sheet=sheet.sheet or None, encoding=sheet.encoding, separator=sheet.separator)


def _codes(sheet: Sheet, found: pl.DataFrame) -> Codes:
    at = sheet.roles[Role.CODE].index
    return Codes(
        found.select("row", pl.col(text_of(at)).alias("code"), pl.col(kind_of(at)).alias("code_kind")).cast(CODES)
    )
