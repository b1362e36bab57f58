"""One trial: a world of its own, a run in it that is struck again and again, and its reports held against the books."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from chaos.desk import Desk, at_desk
from chaos.dock import Dock, docked
from chaos.hazards import STRIKES, Hazard, Struck, small_disk
from chaos.launcher import Broken, Ended
from chaos.moments import awaited, drawn
from chaos.shared_journal import journal_database
from chaos.sheet import told_otherwise
from chaos.verdict import Books, Verdict
from chaos.worlds import World
from domain.errors import Exit, FerryError
from domain.outcomes import Outcome, totals
from journal.book import Journal
from journal.files import read_frame

STRIKES_PER_TRIAL = {Hazard.KILL: 20, Hazard.SANDBOX: 5, Hazard.DISK: 5, Hazard.JOURNAL: 4}
EXECUTIONS_MAX = 40  # of a trial, those that were struck among them
FINISHING_MAX = 5  # executions that nothing strikes any more
RECONCILED_SHARE = 0.1  # of what is killed; the others are executions
RECONCILED_MAX = 5  # until a reconciliation succeeds; a provider that goes wrong may need some
ENDED_WELL = (Exit.OK, Exit.ROWS, Exit.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Case:
    """What a trial is made of: all that its command line has to say for it to be made again."""

    world: World
    script: Path
    hazard: Hazard
    seed: int
    strikes: int
    journal_server: str | None = None  # a PostgreSQL for the journal; none: it lies in the run's folder

    @property
    def name(self) -> str:
        """The script's."""
        return self.script.stem

    @property
    def again(self) -> str:
        """The command that makes this trial, and no other."""
        which = f"{self.world.provider} --script {self.name} --seed {self.seed} --only {self.hazard}"
        where = " --journal-server URL" if self.journal_server else ""
        return f"python -m chaos {which} --kills {self.strikes} --trials 1{where}"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a trial; `sims` are those to be moved, `reports` how many were held against the books."""

    case: Case
    strikes: int = 0
    executions: int = 0
    sims: int = 0
    lines: int = 0
    reports: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    broken: str = ""
    ends: dict[Outcome, int] = field(default_factory=dict)  # lines of the last report by outcome
    wall_s: float = 0.0
    kept: Path | None = None  # where all of it lies, if it failed

    @property
    def failed(self) -> bool:
        """Whether anything is wrong with it."""
        return bool(self.verdict) or bool(self.broken)


def tried(case: Case, prefect_url: str) -> Result:
    """The trial made, in a folder that stays only where it failed."""
    began_s = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{case.world.provider}-{case.name}-"))
    trial = _Trial(case, folder, random.Random(f"{case.world.provider} {case.name} {case.hazard} {case.seed}"))  # noqa: S311 - to be repeated
    try:
        made = trial.made(prefect_url)
    except (Broken, FerryError, OSError, AssertionError) as trouble:
        made = replace(trial.so_far, broken="".join(traceback.format_exception_only(trouble)).strip())
    made = replace(made, wall_s=time.monotonic() - began_s)
    if made.failed:
        return replace(made, kept=folder)
    shutil.rmtree(folder, ignore_errors=True)
    return made


class _Trial:
    """A trial under way; `so_far` is what came of it."""

    def __init__(self, case: Case, folder: Path, dice: random.Random) -> None:
        self._case = case
        self._folder = folder
        self._dice = dice
        self.so_far = Result(case)

    def made(self, prefect_url: str) -> Result:
        """The whole trial; raises `Broken` where a command does what none may."""
        case, home = self._case, self._folder / "provider"
        case.world.seed(home, self._dice.randrange(10**6))
        listed = self._folder / "list.csv"
        case.world.list_sims(home, listed, self._dice)
        with (
            journal_database(case.journal_server) as journal_url,
            docked(case.world, home, case.script) as dock,
            at_desk(self._folder / "desk", dock.sandbox, prefect_url, journal_url) as desk,
        ):
            case.world.write_accounts(dock.sandbox)
            with small_disk(desk.home) if case.hazard is Hazard.DISK else nullcontext():
                desk.plan(case.world, listed)
                self.so_far = replace(self.so_far, sims=desk.sims)
                books = case.world.opened(home)
                dock.begin_faults()
                self._struck(desk, dock, books)
                self._finished(desk)
                self._reported(desk, dock, books)
                if case.world.settles_by_itself_s and self.so_far.ends.get(Outcome.AWAITING):
                    time.sleep(case.world.settles_by_itself_s)
                    self._finished(desk)
                    self._reported(desk, dock, books)
        return self.so_far

    def _struck(self, desk: Desk, dock: Dock, books: Books) -> None:
        """Execute and strike, until that has been enough or nothing is left to execute; one report on the way."""
        looks_after = self._dice.randint(1, self._case.strikes)
        while self.so_far.strikes < self._case.strikes and desk.executions < EXECUTIONS_MAX:
            dock.sandbox.forget_requests()
            before = self.so_far.strikes
            said, lived = desk.said, self._execution(desk, dock)
            self.so_far = replace(self.so_far, executions=desk.executions)
            if before < looks_after <= self.so_far.strikes:
                self._reported(desk, dock, books)
            if lived and (desk.code == Exit.OK or desk.said == said):
                return  # all have arrived, or nothing is left to do about the others

    def _execution(self, desk: Desk, dock: Dock) -> bool:
        """Whether an execution, struck once or again and again, came to its own end.

        Now and then it is a reconciliation that is killed: it settles doubt and writes, too.
        """
        reconciles = self._case.hazard is Hazard.KILL and self._dice.random() < RECONCILED_SHARE
        strike, running = STRIKES[self._case.hazard], desk.reconcile() if reconciles else desk.execute()
        while self.so_far.strikes < self._case.strikes:
            if not awaited(drawn(self._dice), running, dock.sandbox, self._case.world.is_change):
                break
            struck = strike(running, desk, dock, self._dice)
            self.so_far = replace(self.so_far, strikes=self.so_far.strikes + (struck is not Struck.NOT_YET))
            if struck is Struck.ENDED:
                return False
        if reconciles:
            desk.end(running)
        else:
            desk.ended(running)
        return not reconciles

    def _finished(self, desk: Desk) -> None:
        """Execute until all have arrived, or an execution changes nothing any more."""
        before: Ended | None = None
        for _ in range(FINISHING_MAX):
            ended = desk.ended(desk.execute())
            self.so_far = replace(self.so_far, executions=desk.executions)
            if ended.code == Exit.OK or (before is not None and before.out == ended.out):
                return
            before = ended

    def _reported(self, desk: Desk, dock: Dock, books: Books) -> None:
        """Reconcile once the provider is quiet, and hold the report against the books."""
        dock.wait_until_quiet()
        before = books.read()
        for attempt in range(RECONCILED_MAX):
            ended = desk.end(desk.reconcile())
            if ended.code in ENDED_WELL:
                break
            if attempt == RECONCILED_MAX - 2:
                dock.sandbox.set_faults([])
        else:
            raise Broken(f"reconcile ended with {ended.code}: {ended.err.strip()}")
        folder = desk.run_folder
        _, steps = folder.load_plan()
        outcomes = read_frame(folder.outcomes, "")
        with Journal.open(desk.journal_url, folder) as journal:
            found = books.verdict(steps, outcomes, journal.events(), (before, books.read()))
        more = self._case.world.more_lies(folder, dock.home)
        found += Verdict(lies=(*told_otherwise(folder.report, outcomes), *more))
        self.so_far = replace(
            self.so_far,
            lines=outcomes.height,
            reports=self.so_far.reports + 1,
            verdict=self.so_far.verdict + found,
            ends=_counted(outcomes),
        )


def _counted(outcomes: pl.DataFrame) -> dict[Outcome, int]:
    return {outcome: lines for outcome, lines in totals(outcomes).items() if lines}
