"""A list as it was read (a sheet), and as it was judged (lines and findings)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl


class Role(StrEnum):
    """What a column of a list is to us."""

    SIM = "sim"  # an ICCID, an IMSI, a provider's own id, a range `start-end`, or the start of a range
    IMSI = "imsi"  # an IMSI beside the ICCID
    END = "end"  # the end of a range whose start is in SIM
    CODE = "code"  # a registration code: a secret, which is not among the rows (domain.codes)


IDENTIFIERS = (Role.SIM, Role.IMSI, Role.END)  # what rows are made of


class Kind(StrEnum):
    """What a cell was in the file, before anybody made text of it."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ERROR = "error"
    FORMULA = "formula"  # a formula without a cached value
    EMPTY = "empty"


KIND_TYPE = pl.Enum(Kind)

# One line per row of the list that is not blank. A role the list does not have is null with kind `empty`.
ROWS = pl.Schema(
    {
        "row": pl.UInt32(),
        "sim": pl.String(),
        "sim_kind": KIND_TYPE,
        "imsi": pl.String(),
        "imsi_kind": KIND_TYPE,
        "end": pl.String(),
        "end_kind": KIND_TYPE,
    }
)

# One line per SIM of an accepted row: a range row stands for all its SIMs.
#   key    what the provider's inventory is matched by (emnify: the 19-digit body); null for a row known by IMSI alone
#   iccid  the ICCID as the list states it, cleaned (digits only); for a range's SIM, the 20-digit ICCID
#   sim_id the provider's own id of the SIM, as the list states it; `key` and `iccid` are null beside it
LINES = pl.Schema(
    {
        "line": pl.UInt32(),
        "row": pl.UInt32(),
        "key": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "in_range": pl.Boolean(),
        "sim_id": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: 0-based index in the sheet, heading ("" where there is none), letter(s) in the sheet."""

    index: int
    heading: str
    letter: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as read: where it came from, how, and its rows as text with the kinds of their cells (schema ROWS)."""

    path: Path
    sha256: str
    form: str  # "csv", "xlsx", "parquet"
    sheet: str  # "" where the format has no sheets
    header_row: int  # 1-based, 0 where there is none
    columns: tuple[Column, ...]
    roles: dict[Role, Column]
    rows: pl.DataFrame
    details: str  # "CSV, semicolon, cp1252" and the like, for people
    from_report: bool = False  # the list is a report of ours that came back
    encoding: str | None = None  # as the operator named it; None: found out
    separator: str | None = None  # likewise

    @property
    def name(self) -> str:
        """File name without folders."""
        return self.path.name


ROWS_MAX = 10_000_000  # rows of one list
RANGE_SIMS_MAX = 100_000  # SIMs one range may stand for
EXPANDED_SIMS_MAX = 1_000_000  # SIMs all ranges of a list may stand for together


@dataclass(frozen=True, slots=True)
class ListLimits:
    """How large a list may be: its rows, the SIMs of one range, and the SIMs of all its ranges together."""

    rows_max: int = ROWS_MAX
    range_sims_max: int = RANGE_SIMS_MAX
    expanded_sims_max: int = EXPANDED_SIMS_MAX


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate said: accepted SIMs (LINES), findings (FINDINGS), and counts that were counted, not subtracted."""

    lines: pl.DataFrame
    findings: pl.DataFrame
    rejected: pl.DataFrame  # row, raw: the rows with at least one error
    rows_read: int
    rows_accepted: int
    rows_rejected: int
