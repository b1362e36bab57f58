"""An operator at a desk: `simferry` as a process with a home of its own and a Prefect that is shared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.worlds import World
from domain.breakers import Cause
from domain.errors import Exit
from domain.plan import Step, sealed
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from tasks.engine import QUIET

ROOT = Path(__file__).parents[1]
COMMAND_S_MAX = 150.0
OURS = ("PREFECT_", "SIMFERRY_", "CI")
SETTLE_S, SETTLE_GAP_S, AWAIT_GAP_S, AWAIT_GAP_S_MAX = 1.5, 0.2, 0.2, 0.5  # scripts are late by less than the first


class Broken(Exception):
    """A command did what none may: it ended in a bug, or not at all."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended; `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str

    @property
    def cause(self) -> str | None:
        """Why a run stopped or was refused, where it was."""
        try:
            facts = json.loads(self.out)
        except ValueError:
            return None
        return facts.get("cause") if isinstance(facts, dict) else None


@dataclass(slots=True)
class Desk:
    """One operator, one run; `cause` is why its last execution stopped, which the next one names."""

    folder: Path
    environment: dict[str, str]
    run: str = ""
    sims: int = 0
    cause: str | None = None
    code: int = Exit.OK  # of the last execution that was waited for
    executions: int = 0

    @property
    def home(self) -> Path:
        """Where runs lie."""
        return Path(self.environment["SIMFERRY_HOME"])

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

    def execute(self) -> subprocess.Popen[str]:
        """`execute` under way, going on after whatever it stopped for."""
        named = ("--resume-after", self.cause) if self.cause in set(Cause) else ()
        self.executions += 1
        return self.start("execute", self.run, "--json", *map(str, named))

    def ended(self, process: subprocess.Popen[str]) -> Ended:
        """An execution waited for, and why it stopped kept in mind; raises as `end` does."""
        ended = self.end(process)
        self.cause, self.code = ended.cause, ended.code
        return ended

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command under way, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a command; raises `Broken` where it is a bug or takes too long."""
        try:
            out, err = process.communicate(timeout=COMMAND_S_MAX)
        except subprocess.TimeoutExpired as late:
            process.kill()
            process.communicate()
            raise Broken(f"a command took over {COMMAND_S_MAX:.0f} s") from late
        if process.returncode == Exit.BUG:
            bugs = [file.read_text(encoding="utf-8") for file in sorted(self.folder.glob("simferry-bug-*"))]
            raise Broken("\n".join(["a bug of simferry", err, *bugs[-1:]]))
        return Ended(process.returncode, out, err)


def at_desk(folder: Path, sandbox: Sandbox, prefect_url: str, **more: str) -> Desk:
    """An operator whose accounts are those of a sandbox, in a folder that is made."""
    for name in ("runs", "prefect"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS) and name not in QUIET}
    own = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": prefect_url,
        "SIMFERRY_HOME": str(folder / "runs"),
        "SIMFERRY_ACCOUNTS": str(sandbox.home / "accounts.toml"),
        "TMPDIR": str(folder),
    }
    return Desk(folder, kept | own | more)
