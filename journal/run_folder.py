"""A run's folder: what its files are called, and the plan read back as it was made or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from domain.errors import ListError, RefusedToRun, UsageError
from domain.inventory import HISTORY
from domain.lists import Sheet
from domain.plan import STEPS, Plan, fingerprint, from_json, steps_digest, to_json, utc_text
from domain.settings import SETTINGS
from journal import sheets
from journal.files import PRIVATE_FOLDER, copy, read_frame, read_text, write_frame, write_text

LIST_BYTES_MAX = 4 * 1024**3
_PLAN_AGAIN = "Make a new plan with `simferry plan`."


class _File:
    """A file of the run, under its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, folder: RunFolder, _: type[RunFolder]) -> Path:
        return folder.path / self._name


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder; everything that is known of the run is in it."""

    path: Path

    facts = _File("run.json")
    list_folder = _File("list")
    sheet = _File("sheet.json")
    findings = _File("findings.parquet")
    rejected = _File("rejected.parquet")
    lines = _File("lines.parquet")
    survey_source = _File("survey-source.parquet")
    survey_target = _File("survey-target.parquet")
    plan = _File("plan.json")
    steps = _File("plan.parquet")
    approval = _File("approval.json")
    begun = _File("journal.begun")  # where the first record was written to
    journal = _File("journal.sqlite")
    lock = _File("lock")
    holder = _File("lock.json")
    histories = _File("history")  # one file per batch: what its SIMs leave behind
    settings = _File("settings")  # what SIMs are set to: as planned, per batch before they are touched, and after
    outcomes = _File("outcomes.parquet")
    report = _File("report.xlsx")
    page = _File("report.html")
    forgotten = _File("forgotten.json")  # from the moment at which the run began to be forgotten

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def identity(self) -> str:
        """What tells this run from one of the same name elsewhere, in a database that machines share."""
        try:
            return str(json.loads(self.facts.read_text(encoding="utf-8"))["id"])
        except (OSError, ValueError, KeyError, TypeError):
            return self.name

    def refuse_if_forgotten(self) -> None:
        """Raise `RefusedToRun`, cause "forgotten", where the run is, also where that was interrupted."""
        if self.forgotten.exists():
            raise RefusedToRun(
                f"{self.name} was forgotten: its list, its plan and its journal are gone, or are about to be. "
                f"What is left of it:  simferry status {self.name}",
                "forgotten",
            )

    @property
    def pinned(self) -> Path:
        """The list as it was copied in; raises `RefusedToRun` where it is gone."""
        path = self.load_sheet().path
        if not path.is_file():
            raise self._altered(path)
        return path

    def begin(self, identity: str, now: datetime) -> None:
        """Fill the new folder with what every run has."""
        self.list_folder.mkdir(mode=PRIVATE_FOLDER)
        facts = {"run": self.name, "id": identity, "made_at": utc_text(now)}
        write_text(self.facts, json.dumps(facts, indent=2) + "\n")

    def pin(self, list_path: Path, sha256: str | None = None) -> Path:
        """Copy the list in; raises `RefusedToRun` where it is no longer the file that was read, `ListError` where
        it is too large or cannot be read.
        """  # noqa: D205 - one sentence on two lines
        try:
            if list_path.stat().st_size > LIST_BYTES_MAX:
                raise ListError(f"{list_path.name} is over {LIST_BYTES_MAX // 1024**3} GiB. Split it into several.")
            pinned = self.list_folder / list_path.name
            copied = copy(list_path, pinned)
        except FileNotFoundError as error:
            raise ListError(f"{list_path} is not there any more. Put it back, then plan again.") from error
        if sha256 not in {None, copied}:
            pinned.unlink()
            raise RefusedToRun(f"{list_path.name} was changed while it was being read. Plan again.", "altered")
        return pinned

    def save_sheet(self, sheet: Sheet) -> None:
        """Keep what was found out about the list."""
        write_text(self.sheet, sheets.to_json(sheet))

    def load_sheet(self) -> Sheet:
        """What `save_sheet` kept, without rows; its path is the pinned list."""
        text = read_text(self.sheet, _PLAN_AGAIN)
        try:
            return sheets.from_json(text, self.list_folder)
        except (ValueError, KeyError, TypeError) as error:
            raise self._altered(self.sheet) from error

    def load_frame(self, file: Path) -> pl.DataFrame:
        """A Parquet file of the run; raises `UsageError` where it is not there, `RefusedToRun` where it is broken."""
        self.refuse_if_forgotten()
        return read_frame(file, _PLAN_AGAIN)

    def save_plan(self, plan: Plan, steps: pl.DataFrame) -> None:
        """Keep the plan, its steps first: a plan.json without its steps is never seen.

        Raises `RefusedToRun`, cause "spent", where a plan of this run was already being carried out.
        """
        self.refuse_if_forgotten()
        if self.begun.exists():
            raise RefusedToRun(f"{self.name} has already been executed. {_PLAN_AGAIN}", "spent")
        write_frame(self.steps, steps)
        write_text(self.plan, to_json(plan))

    def load_plan(self) -> tuple[Plan, pl.DataFrame]:
        """The plan and its steps (STEPS) as they were made.

        Raises `UsageError` where there is none yet, `RefusedToRun`, cause "altered", where either was changed since,
        cause "forgotten" where the run is.
        """
        self.refuse_if_forgotten()
        if not self.plan.exists():
            raise UsageError(f"{self.name} has no plan. {_PLAN_AGAIN}")
        text = read_text(self.plan, _PLAN_AGAIN)
        steps = read_frame(self.steps, _PLAN_AGAIN)
        try:
            plan = from_json(text)
        except (ValueError, KeyError, TypeError) as error:
            raise self._altered(self.plan) from error
        if plan.fingerprint != fingerprint(plan) or plan.run != self.name:
            raise self._altered(self.plan)
        if dict(steps.schema) != dict(STEPS) or plan.steps_sha256 != steps_digest(steps):
            raise self._altered(self.steps)
        return plan, steps

    def history(self, batch: int) -> Path:
        """Where the records of a batch's SIMs lie that stay behind in their old account."""
        self.histories.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        return self.histories / f"batch-{batch:05d}.parquet"

    def history_of(self, batch: int) -> pl.DataFrame | None:
        """What was put there (HISTORY); None where nothing was."""
        file = self.histories / f"batch-{batch:05d}.parquet"
        return self.load_frame(file) if file.exists() else None

    def all_history(self) -> pl.DataFrame:
        """The records of all batches (HISTORY)."""
        files = sorted(self.histories.glob("batch-*.parquet")) if self.histories.is_dir() else []
        return pl.concat([pl.DataFrame(schema=HISTORY), *(self.load_frame(file) for file in files)])

    @property
    def settings_planned(self) -> Path:
        """Where lies what SIMs of the plan were set to when it was made (SETTINGS)."""
        return self._in_settings("plan.parquet")

    @property
    def settings_after(self) -> Path:
        """Where lies what they were set to in the target, as last read (SETTINGS)."""
        return self._in_settings("after.parquet")

    def settings_before(self, batch: int) -> Path:
        """Where lies what SIMs of a batch were set to just before they were touched (SETTINGS)."""
        return self._in_settings(f"before-{batch:05d}.parquet")

    def all_settings_before(self) -> pl.DataFrame:
        """The same of all batches (SETTINGS)."""
        files = sorted(self.settings.glob("before-*.parquet")) if self.settings.is_dir() else []
        return pl.concat([pl.DataFrame(schema=SETTINGS), *(self.load_frame(file) for file in files)])

    def _in_settings(self, name: str) -> Path:
        self.settings.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        return self.settings / name

    def _altered(self, file: Path) -> RefusedToRun:
        return RefusedToRun(
            f"{file.name} of {self.name} is not what was written: it was altered since, or is damaged. "
            f"Nothing runs from it. {_PLAN_AGAIN}",
            "altered",
        )
