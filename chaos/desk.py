"""An operator at a desk: `simferry` as processes with a home of their own and a Prefect that is shared."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.launcher import Broken, Ended, Launcher, Running, launcher
from chaos.worlds import World
from domain.breakers import Cause
from domain.errors import Exit
from domain.plan import Step, sealed
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from tasks.engine import QUIET

COMMAND_S_MAX = 400.0  # of a machine that is busy with other things too
OURS = ("PREFECT_", "SIMFERRY_", "CI")
SETTLE_S, SETTLE_GAP_S, AWAIT_GAP_S, AWAIT_GAP_S_MAX = 1.5, 0.2, 0.2, 0.5  # scripts are late by less than the first


@dataclass(slots=True)
class Desk:
    """One operator, one run; `cause` is why its last execution stopped, which the next one names."""

    folder: Path
    launcher: Launcher
    journal_url: str | None = None
    run: str = ""
    sims: int = 0
    cause: str | None = None
    code: int = Exit.OK  # of the last execution that came to its own end
    said: str = ""  # by it
    executions: int = 0

    @property
    def home(self) -> Path:
        """Where runs lie."""
        return self.folder / "runs"

    @property
    def run_folder(self) -> RunFolder:
        """The folder of the run."""
        return RunFolder(self.home / self.run)

    def plan(self, world: World, listed: Path) -> None:
        """Plan and approve a list, under short times; raises `Broken`."""
        words = ("plan", str(listed), "--from", world.source, "--to", world.target, *world.planned)
        made = self.end(self.start(*words, "--settle", str(SETTLE_S), "--json"))
        if made.code not in {Exit.OK, Exit.ROWS}:
            raise Broken(f"plan ended with {made.code}: {made.err.strip()}")
        self.run = str(json.loads(made.out)["run"])
        plan, steps = self.run_folder.load_plan()
        limits = replace(
            plan.limits, settle_gap_s=SETTLE_GAP_S, await_gap_s=AWAIT_GAP_S, await_gap_s_max=AWAIT_GAP_S_MAX
        )
        self.run_folder.save_plan(sealed(replace(plan, limits=limits)), steps)
        self.sims = int(plan.counts[Step.MOVE])
        given = self.end(self.start("approve", self.run, "--sims", str(self.sims), "--by", "chaos"))
        if given.code != Exit.OK:
            raise Broken(f"approve ended with {given.code}: {given.err.strip()}")

    def execute(self) -> Running:
        """`execute` under way, going on after whatever it stopped for."""
        named = ("--resume-after", self.cause) if self.cause in set(Cause) else ()
        self.executions += 1
        return self.start("execute", self.run, "--json", *map(str, named))

    def reconcile(self) -> Running:
        """`reconcile` under way."""
        return self.start("reconcile", self.run, "--json")

    def ended(self, running: Running) -> Ended:
        """An execution waited for, and why it stopped kept in mind; raises as `end` does."""
        ended = self.end(running)
        self.cause, self.code, self.said = ended.cause, ended.code, ended.out
        return ended

    def start(self, *words: str) -> Running:
        """A command under way."""
        return self.launcher.start(words)

    def end(self, running: Running) -> Ended:
        """Wait for a command; raises `Broken` where it is a bug or takes too long."""
        ended = running.end(COMMAND_S_MAX)
        if ended.code == Exit.BUG:
            bugs = [file.read_text(encoding="utf-8") for file in sorted(self.folder.glob("simferry-bug-*"))]
            raise Broken("\n".join(["a bug of simferry", ended.err, *bugs[-1:]]))
        return ended


@contextmanager
def at_desk(folder: Path, sandbox: Sandbox, prefect_url: str, journal_url: str | None) -> Iterator[Desk]:
    """An operator whose accounts are those of a sandbox, in a folder that is made."""
    for name in ("runs", "prefect"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS) and name not in QUIET}
    own = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": prefect_url,
        "PREFECT_LOGGING_TO_API_ENABLED": "false",  # as with a server of a command's own: nobody reads it
        "SIMFERRY_HOME": str(folder / "runs"),
        "SIMFERRY_ACCOUNTS": str(sandbox.home / "accounts.toml"),
        "TMPDIR": str(folder),
    }
    shared = {} if journal_url is None else {"SIMFERRY_JOURNAL_URL": journal_url}
    with launcher(folder, kept | own | shared) as starts:
        yield Desk(folder, starts, journal_url)
