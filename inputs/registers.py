"""A register read from a file: the SIMs that books name, as any list, and what they say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from domain.errors import ListError
from domain.lists import Sheet
from inputs.choose import Asked
from inputs.headings import compact
from inputs.read import read_table
from inputs.source import letter, text_of

ACCOUNT, STATUS, PRICE = "account", "status", "price"
SETTING = "setting:"  # in front of a setting's name, where it names a column

# Headings that say what a column holds, where nobody has said it; the first that is there is taken.
USUAL: Mapping[str, tuple[str, ...]] = {
    ACCOUNT: ("account", "sim account", "workspace", "operator", "konto", "compte", "cuenta", "account name"),
    STATUS: ("status", "sim status", "state", "sim state", "zustand", "statut", "estado", "stato"),
    PRICE: ("monthly price", "price per month", "price", "monthly cost", "cost", "monthly fee", "preis", "prix"),
}
COLUMNS_NAMED_MAX = 12  # headings that a message shows


@dataclass(frozen=True, slots=True)
class RegisterColumns:
    """Headings (or letters) of what a register says beside the SIM; None is found out, "" is not looked for."""

    account: str | None = None
    status: str | None = None
    price: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)  # setting (as domain.settings names it) -> heading


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    """The register's SIMs (a Sheet), and what it says of them.

    `told` has `row` and, as text, those of `account`, `status`, `price` and `setting:NAME` that have a column;
    `columns` says which headings these are.
    """

    sheet: Sheet
    told: pl.DataFrame
    columns: RegisterColumns


def read_register(path: Path, asked: Asked, columns: RegisterColumns) -> RegisterSheet:
    """Read a register; raises ListError where it is no list, and where a column that was named is not there."""
    sheet, found = read_table(path, asked, lambda bare: _places(bare, columns).values())
    places = _places(sheet, columns)
    told = found.select("row", *(pl.col(text_of(at)).str.strip_chars().alias(name) for name, at in places.items()))
    return RegisterSheet(sheet, told, _named(sheet, places))


def _places(sheet: Sheet, columns: RegisterColumns) -> dict[str, int]:
    """Which column (0-based) holds what."""
    taken = {column.index for column in sheet.roles.values()}
    places: dict[str, int] = {}
    for name in (ACCOUNT, STATUS, PRICE):
        wish = getattr(columns, name)
        if wish:
            places[name] = _asked_for(sheet, wish, name)
        elif wish is None:
            usual = _usual(sheet, name, taken)
            places |= {} if usual is None else {name: usual}
    return places | {
        f"{SETTING}{setting}": _asked_for(sheet, heading, setting) for setting, heading in columns.settings.items()
    }


def _usual(sheet: Sheet, name: str, taken: set[int]) -> int | None:
    known = [compact(heading) for heading in USUAL[name]]
    named = [
        (known.index(compact(column.heading)), column.index)
        for column in sheet.columns
        if column.index not in taken and compact(column.heading) in known
    ]
    return min(named)[1] if named else None


def _asked_for(sheet: Sheet, wish: str, what: str) -> int:
    """The column of that heading, else of that letter; raises ListError that names the headings there are."""
    named = [column.index for column in sheet.columns if column.heading.strip() == wish.strip()]
    named = named or [column.index for column in sheet.columns if compact(column.heading) == compact(wish)]
    named = named or [column.index for column in sheet.columns if column.letter == wish.strip().upper()]
    if len(named) == 1:
        return named[0]
    there = [f"{column.letter} “{column.heading}”" for column in sheet.columns if column.heading]
    shown = ", ".join(there[:COLUMNS_NAMED_MAX]) + (" …" if len(there) > COLUMNS_NAMED_MAX else "")
    many = "no column" if not named else f"{len(named)} columns"
    where = f", sheet “{sheet.sheet}”" if sheet.sheet else ""
    raise ListError(
        f"{sheet.name}{where}: {many} “{wish}” for {what}; there are {shown or 'no headings'}.\n"
        "Correct the name in the audit's settings, or give the column's letter."
    )


def _named(sheet: Sheet, places: dict[str, int]) -> RegisterColumns:
    headings = {column.index: column.heading or column.letter for column in sheet.columns}
    said = {name: headings.get(at, letter(at)) for name, at in places.items()}
    return RegisterColumns(
        account=said.get(ACCOUNT),
        status=said.get(STATUS),
        price=said.get(PRICE),
        settings={name.removeprefix(SETTING): heading for name, heading in said.items() if name.startswith(SETTING)},
    )
