"""Short ways to write down a list for the judge, and what it said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from domain.codes import CODES, Codes
from domain.identifiers import check_digit, printed
from domain.lists import ROWS, Column, Kind, ListLimits, Role, Sheet, Verdict
from validation.judge import judge
from validation.registration import judge_registration

FIRST_ROW = 2
BODY = 8_988_303_000_008_013_931  # the pair in emnify's documents: …931 and …9311
LIMITS = ListLimits(rows_max=5_000, range_sims_max=1_000, expanded_sims_max=2_000)
COLUMNS = {Role.SIM: Column(0, "ICCID", "A"), Role.IMSI: Column(1, "IMSI", "B"), Role.END: Column(2, "", "C")}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: texts of its cells, and what they were in the file."""

    sim: str | None = None
    kind: Kind = Kind.TEXT
    imsi: str | None = None
    imsi_kind: Kind = Kind.TEXT
    end: str | None = None
    end_kind: Kind = Kind.TEXT


def iccid(step: int = 0) -> str:
    """19 digits."""
    return str(BODY + step)


def card(step: int = 0) -> str:
    """20 digits."""
    return printed(iccid(step))


def sim_id(step: int = 0) -> str:
    """Soracom's id of a SIM: 19 digits, the last one the check digit of the others."""
    body = str(89_423_100_220_060_400 * 10 + 1 + step)
    return body + check_digit(body)


def sid(step: int = 0) -> str:
    """Super SIM's id of a SIM."""
    return f"HS{0xE0C0FFEE << 96 | step:032x}"


def sheet(*rows: Row | str) -> Sheet:
    asked = [Row(row) if isinstance(row, str) else row for row in rows]
    cells = [
        (
            FIRST_ROW + place,
            row.sim,
            row.kind if row.sim is not None else Kind.EMPTY,
            row.imsi,
            row.imsi_kind if row.imsi is not None else Kind.EMPTY,
            row.end,
            row.end_kind if row.end is not None else Kind.EMPTY,
        )
        for place, row in enumerate(asked)
    ]
    frame = pl.DataFrame(cells, schema=ROWS, orient="row")
    return Sheet(Path("some/fleet.xlsx"), "", "xlsx", "SIMs", 1, tuple(COLUMNS.values()), COLUMNS, frame, "")


def verdict(*rows: Row | str, provider: str | None = "emnify", limits: ListLimits = LIMITS) -> Verdict:
    return judge(sheet(*rows), provider, limits)


def registration(*rows: tuple[Row | str, str | None] | tuple[Row | str, str | None, Kind]) -> Verdict:
    """What is said of rows of a SIM cell (or Row), a code in column D, and the kind of the code's cell."""
    whole = sheet(*(row[0] for row in rows))
    cells = [(FIRST_ROW + place, row[1], _code_kind(row)) for place, row in enumerate(rows)]
    roles = {**whole.roles, Role.CODE: Column(3, "Code", "D")}
    codes = Codes(pl.DataFrame(cells, schema=CODES, orient="row"))
    return judge_registration(replace(whole, roles=roles), codes, "supersim", LIMITS)


def _code_kind(row: tuple[Row | str, str | None] | tuple[Row | str, str | None, Kind]) -> Kind:
    if len(row) == 3:
        return row[2]
    return Kind.EMPTY if row[1] is None else Kind.TEXT


def said(*rows: Row | str, provider: str | None = "emnify") -> list[tuple[str, str]]:
    """(cell, code) of each finding."""
    return verdict(*rows, provider=provider).findings.select("cell", "code").cast(pl.String).rows()


def keys(*rows: Row | str) -> list[str | None]:
    return verdict(*rows).lines["key"].to_list()
