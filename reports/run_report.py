"""What a report is made from: everything known about one run, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from domain.inventory import GROUPS, HISTORY
from domain.lists import Column, Sheet
from domain.orders import Part
from domain.parts import parts_of
from domain.plan import Plan
from domain.settings import COMPARED
from reports.support_request import SupportRequest
from reports.token_lines import TokenLine


@dataclass(frozen=True, slots=True)
class ListFile:
    """The list as it was pinned, and where its table lies; `separator` and `encoding` None are found out (CSV)."""

    path: Path
    name: str  # the analyst's own file name
    form: str  # "csv", "xlsx", "parquet"
    sheet: str  # "" where the format has no sheets
    header_row: int  # 1-based, 0 where there is none
    columns: tuple[Column, ...]
    separator: str | None = None
    encoding: str | None = None


def list_file(sheet: Sheet, pinned: Path) -> ListFile:
    """The facts of a list that was read, at the place where it is pinned."""
    return ListFile(
        pinned, sheet.name, sheet.form, sheet.sheet, sheet.header_row, sheet.columns, sheet.separator, sheet.encoding
    )


@dataclass(frozen=True, slots=True)
class Approved:
    """Who approved the plan, and when (ISO 8601, UTC)."""

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why an execution stopped before its end: the word for `--resume-after`, and a sentence."""

    cause: str
    words: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run after its reconciliation.

    `outcomes` has the schema OUTCOMES (one line per SIM or rejected row, in list order), `findings` FINDINGS,
    `batches` BATCHES of domain/batches.py; `settings` are (name, value) rows; instants are ISO 8601 in UTC.
    `live_statuses` are the provider's words for a SIM that carries traffic. `groups` (GROUPS) are those of the target,
    and as far as known of the source; `history` (HISTORY) is what was saved before SIMs were moved. `shown` is all that
    may be shown of a list with registration codes (`row` and columns of text); None where the list is gone.
    `settings_compared` (COMPARED, its keys the `sim_id` of outcomes) is what SIMs were set to before and are now;
    `tokens` are those of a transfer; `support` what is to be asked of the provider's support, None where it has no such
    way.
    """

    plan: Plan
    list: ListFile
    outcomes: pl.DataFrame
    findings: pl.DataFrame
    batches: pl.DataFrame
    settings: tuple[tuple[str, str], ...]
    live_statuses: tuple[str, ...]
    approved: Approved | None
    reconciled_at: str
    stopped: Stopped | None = None
    groups: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GROUPS))
    history: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HISTORY))
    shown: pl.DataFrame | None = None
    settings_compared: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COMPARED))
    tokens: tuple[TokenLine, ...] = ()
    support: SupportRequest | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that SIMs of this run take on their ways, in their order."""
        planned = {part for way in self.plan.ways for part in parts_of(way)}
        return tuple(part for part in Part if part in planned)

    @property
    def has_parts(self) -> bool:
        """Whether what was sent is of several kinds, so that each has to be named."""
        return len(self.parts) > 1 or str(Part.RESTORE) in self.batches["part"]
