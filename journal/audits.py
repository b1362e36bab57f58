"""Where audits lie: a folder per month, and what is known across months beside them.

audits/notes.parquet           what people have written beside open items
audits/2026-11/snapshots/account=east/   what the account held: part-0000.parquet …, facts.json
               settings/  numbers/       what its SIMs were set to, and further IMSIs of theirs, likewise
audits/2026-11/registers/assets/         what the register said, likewise
               stated/  damage/          what it stated of settings, and its rows that name no SIM
audits/2026-11/breaks.parquet · ledger.parquet · movements.parquet · summary.json
audits/2026-11/audit.xlsx · audit.html · audit.md · fix/
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import polars as pl

from domain.audit.months import MONTH
from domain.errors import RefusedToRun
from journal.files import PRIVATE_FOLDER, make_private, read_frame, write_frame, write_text

AUDITS_VARIABLE = "SIMFERRY_AUDITS"
AUDITS_USUAL = Path("audits")
_ACCOUNT = "account="  # in front of an account's name, as tables that are partitioned have it
_NOTES = "notes.parquet"
_PLAIN = " "  # letters beside those of plain names that a folder may have
_AGAIN = "Run the audit of this month again."

JSON = dict[str, str | int | float | bool | None]


def audits_home(environ: Mapping[str, str]) -> Path:
    """Where audits lie: what SIMFERRY_AUDITS says, else `audits` in the working folder."""
    return Path(environ.get(AUDITS_VARIABLE) or AUDITS_USUAL)


@dataclass(frozen=True, slots=True)
class Parts:
    """A table in pieces, whole or absent: what is written beside it takes its place at the end."""

    path: Path

    def replace(self, frames: Iterable[pl.DataFrame], facts: JSON) -> None:
        """Put these pieces in the place of whatever was there, and `facts` with them."""
        make_private(self.path.parent)
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(mode=PRIVATE_FOLDER)
        for number, frame in enumerate(frames):
            write_frame(beside / f"part-{number:04d}.parquet", frame, "lz4")
        write_text(beside / "facts.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        old = self.path.with_name(f".{self.path.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.path.exists():
            self.path.rename(old)
        beside.rename(self.path)
        shutil.rmtree(old, ignore_errors=True)

    @property
    def is_there(self) -> bool:
        """Whether the table has been written."""
        return (self.path / "facts.json").exists()

    @property
    def name(self) -> str:
        """What the table is about: an account or a register."""
        return unquote(self.path.name.removeprefix(_ACCOUNT))

    @property
    def facts(self) -> JSON:
        """What was kept with the pieces; raises `RefusedToRun` where it is broken."""
        try:
            read = json.loads((self.path / "facts.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RefusedToRun(f"{self.path} is broken or was changed by hand. {_AGAIN}", "altered") from error
        return dict(read)

    def scan(self, schema: pl.Schema) -> pl.LazyFrame:
        """All pieces, to be read as they are needed; none where there are none."""
        files = sorted(self.path.glob("part-*.parquet"))
        return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class MonthFolder:
    """One month's audit."""

    path: Path

    @property
    def month(self) -> str:
        """Like 2026-11."""
        return self.path.name

    def snapshot(self, account: str) -> Parts:
        """What the account held (HELD)."""
        return Parts(self.path / "snapshots" / _folder(account))

    def settings(self, account: str) -> Parts:
        """What its SIMs were set to (SET)."""
        return Parts(self.path / "settings" / _folder(account))

    def numbers(self, account: str) -> Parts:
        """Further IMSIs of its SIMs (sim, imsi)."""
        return Parts(self.path / "numbers" / _folder(account))

    def register(self, name: str) -> Parts:
        """What the register said (BOOKED)."""
        return Parts(self.path / "registers" / quote(name, safe=_PLAIN))

    def stated(self, name: str) -> Parts:
        """What the register stated of settings (STATED)."""
        return Parts(self.path / "stated" / quote(name, safe=_PLAIN))

    def damage(self, name: str) -> Parts:
        """Rows of the register that name no SIM (BREAKS)."""
        return Parts(self.path / "damage" / quote(name, safe=_PLAIN))

    def snapshots(self) -> list[Parts]:
        """Those of all accounts that have one this month, by name."""
        return _parts(self.path / "snapshots")

    def registers(self) -> list[Parts]:
        """Those of all registers that were handed in this month, by name."""
        return _parts(self.path / "registers")

    def leave_out(self, name: str) -> None:
        """Forget what was read of the account, and of the register, of a name that the month has."""
        of_account = (self.settings(name), self.numbers(name), self.snapshot(name))
        for parts in (*of_account, self.stated(name), self.damage(name), self.register(name)):
            shutil.rmtree(parts.path, ignore_errors=True)

    def file(self, name: str) -> Path:
        """A file of the month."""
        return self.path / name

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Keep a table of the month, durably and all at once."""
        make_private(self.path)
        write_frame(self.path / f"{name}.parquet", frame)

    def read(self, name: str, schema: pl.Schema) -> pl.DataFrame:
        """A table of the month; an empty one where it has not been written."""
        path = self.path / f"{name}.parquet"
        return read_frame(path, _AGAIN) if path.exists() else pl.DataFrame(schema=schema)


def read_notes(home: Path, schema: pl.Schema) -> pl.DataFrame:
    """What people have written beside items of any month."""
    path = home / _NOTES
    return read_frame(path, _AGAIN) if path.exists() else pl.DataFrame(schema=schema)


def keep_notes(home: Path, notes: pl.DataFrame) -> None:
    """Keep what people have written, durably and all at once."""
    write_frame(home / _NOTES, notes)


def month_folder(home: Path, month: str) -> MonthFolder:
    """The month's folder, whether or not it is there."""
    return MonthFolder(home / month)


def every_month(home: Path) -> Iterator[MonthFolder]:
    """All months that have been audited, the oldest first."""
    if home.is_dir():
        for path in sorted(home.iterdir()):
            if path.is_dir() and MONTH.fullmatch(path.name):
                yield MonthFolder(path)


def _folder(account: str) -> str:
    return _ACCOUNT + quote(account, safe=_PLAIN)


def _parts(folder: Path) -> list[Parts]:
    return [part for part in map(Parts, sorted(folder.glob("[!.]*"))) if part.is_there]
