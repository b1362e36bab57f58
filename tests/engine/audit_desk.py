"""An audit at a desk of its own: registers as files, accounts as snapshots, and the tasks without the engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from domain.audit.frames import HELD, Account
from domain.audit.terms import Terms
from inputs.audit_settings import read_settings
from journal.audits import month_folder
from tasks import audit_closing, audit_judging, audit_registers
from tasks.asked import Surroundings, here
from tasks.audit_asked import AuditAsked, Closed, Desk
from tasks.audit_buckets import keep
from tasks.audit_notices import doubtful
from tasks.voice import speaking
from tests.domain.audit_samples import side_of


class Silent:
    """A voice that nobody hears."""

    def say(self, text: str) -> None:
        """Nothing."""

    def progress(self, title: str, done: int, of: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Books:
    """A folder with registers and audits."""

    folder: Path

    @property
    def around(self) -> Surroundings:
        return replace(here(), home=self.folder / "runs", accounts=self.folder / "accounts.toml")

    def write(self, name: str, text: str) -> str:
        """A register as a file; how it is named on the command line."""
        path = self.folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        return f"{name}={path}"

    def survey(self, month: str, account: str, sims: Iterable[dict[str, str | int | date | None]]) -> None:
        """What an account held that month."""
        held = side_of([], [sim | {"account": account} for sim in sims]).held.match_to_schema(HELD)
        facts = {"provider": "soracom", "problem": "", "read_at": f"{month}-01T06:00:00Z"}
        keep(month_folder(self.folder / "audits", month).snapshot(account), held, dict(facts))

    def fail(self, month: str, account: str) -> None:
        """An account that could not be read that month."""
        facts = {"provider": "soracom", "problem": "no answer", "read_at": ""}
        keep(month_folder(self.folder / "audits", month).snapshot(account), pl.DataFrame(schema=HELD), dict(facts))

    def desk(self, month: str, *registers: str, notes: Path | None = None) -> Desk:
        asked = AuditAsked(registers, month=month, from_snapshots=True, notes=str(notes) if notes else None)
        home, toml = self.folder / "audits", self.folder / "audit.toml"
        day = date.fromisoformat(f"{month}-28")
        return Desk(asked, self.around, home, month_folder(home, month), read_settings(toml), toml, day)

    def audit(self, month: str, *registers: str, notes: Path | None = None) -> Closed:
        """The month's audit, from its snapshots."""
        with speaking(Silent()):
            return self._audit(self.desk(month, *registers, notes=notes))

    def _audit(self, desk: Desk) -> Closed:
        books = audit_registers.read_all.fn(desk)
        accounts = tuple(
            Account(parts.name, "soracom", int(parts.facts["rows"] or 0), str(parts.facts["problem"] or ""))
            for parts in desk.folder.snapshots()
        )
        terms = Terms(desk.today, books.registers, accounts, desk.settings.rules, desk.settings.statuses)
        found = audit_judging.hold_against.fn(desk, terms, audit_closing.earlier_items(desk))
        notices = (*books.notices, *doubtful(desk, terms, found.holdings))
        return audit_closing.close.fn(desk, terms, found, notices, {})
