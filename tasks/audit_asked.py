"""What an audit is asked for, as plain values that a deployment can carry, and what is around it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.audit.months import checked_month, last_day, month_of
from domain.audit.report import AuditReport
from domain.errors import UsageError
from inputs.audit_settings import AuditSettings, read_settings
from journal.audits import MonthFolder, audits_home, every_month, month_folder
from tasks.asked import Surroundings
from tasks.clock import WallClock

SETTINGS_USUAL = Path("audit.toml")
REGISTERS_MAX = 50
ACCOUNTS_MAX = 200


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """Registers as `NAME=FILE` or `FILE`, names of accounts, and how.

    `only` are accounts to be read again, all others stay as this month has them; with `from_snapshots` none is read.
    `leave_out` are accounts or registers that the month has by mistake. `notes` is an audit's workbook in which people
    have written. An account whose provider is not available is read again `retries` times, `retry_s` seconds after.
    """

    registers: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    month: str | None = None
    from_snapshots: bool = False
    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    notes: str | None = None
    settings: str | None = None
    retries: int = 0
    retry_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Desk:
    """An audit under way: where it lies, what it goes by, and its day (UTC): today, else the last of its month."""

    asked: AuditAsked
    around: Surroundings
    home: Path
    folder: MonthFolder
    settings: AuditSettings
    settings_path: Path
    today: date

    @property
    def previous(self) -> MonthFolder | None:
        """The last month before this one that was audited."""
        earlier = [folder for folder in every_month(self.home) if folder.month < self.folder.month]
        return earlier[-1] if earlier else None

    def files(self) -> dict[str, Path]:
        """Registers by name; raises `UsageError` where two have one name."""
        return named_files(self.asked.registers)


@dataclass(frozen=True, slots=True)
class Closed:
    """What an audit came to."""

    report: AuditReport
    folder: Path
    failed: Mapping[str, str]  # accounts that could not be read now, and why


def desk_of(asked: AuditAsked, around: Surroundings) -> Desk:
    """The audit of that month, or of the month that it is; raises `UsageError`."""
    today = WallClock().now().date()
    month = checked_month(asked.month) if asked.month else month_of(today)
    if month > month_of(today):
        raise UsageError(
            f"{month} has not come yet: there is nothing to read. Leave --month out for {month_of(today)}."
        )
    if len(asked.accounts) > ACCOUNTS_MAX:
        raise UsageError(f"An audit is over {ACCOUNTS_MAX} accounts at most. Audit the others by themselves.")
    home = audits_home(os.environ)
    path = Path(asked.settings) if asked.settings else SETTINGS_USUAL
    if asked.settings and not path.exists():
        raise UsageError(f"{path} is not there. Correct --settings, or leave it out.")
    return Desk(asked, around, home, month_folder(home, month), read_settings(path), path, min(today, last_day(month)))


def leave_out(desk: Desk) -> None:
    """Take out of the month what it has by mistake; raises `UsageError`, and takes nothing, for what it has not."""
    names = sorted({parts.name for parts in (*desk.folder.snapshots(), *desk.folder.registers())})
    for name in desk.asked.leave_out:
        if name in desk.asked.accounts or name in desk.asked.only or name in desk.files():
            raise UsageError(f"{name} is to be read and to be left out. Leave one of the two away.")
        if name not in names:
            there = f"It has {', '.join(names)}." if names else "It has none."
            raise UsageError(f"{desk.folder.month} has no account or register {name!r}. {there}")
    for name in desk.asked.leave_out:
        desk.folder.leave_out(name)


def named_files(registers: Sequence[str]) -> dict[str, Path]:
    """Registers by name: as given, else as the file is called; raises `UsageError` where two have one name."""
    if len(registers) > REGISTERS_MAX:
        raise UsageError(f"An audit takes {REGISTERS_MAX} registers at most. Join some of them.")
    found: dict[str, Path] = {}
    for given in registers:
        name, divided, file = given.partition("=")
        path = Path(file if divided and not Path(given).exists() else given)
        name = name if divided and not Path(given).exists() else path.stem
        name = name.strip()
        if not name or any(letter in name for letter in "/\\:") or name.startswith("."):
            raise UsageError(f"{name!r} is no name for a register. Give it one in front of the file:  assets={path}")
        if name in found:
            raise UsageError(f"Two registers are called {name}. Name one of them otherwise:  {name}-2={path}")
        found[name] = path
    return found
