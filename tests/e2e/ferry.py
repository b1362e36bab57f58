"""An operator at a desk: `simferry` as a process of its own, with an environment, a home and a Prefect of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import polars as pl

from sandbox.remote import Sandbox
from tests.e2e.berths import Berths
from tests.prefect.prefect_desk import ROOT

COMMAND_S_MAX = 90.0
EXAMPLES = ROOT / "inputs" / "examples"


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, object]:
        """What `--json` printed."""
        parsed = json.loads(self.out)
        assert isinstance(parsed, dict)
        return parsed


@dataclass(frozen=True)
class Ferry:
    """One operator's folder; `said` is everything that any command printed."""

    folder: Path
    environment: dict[str, str]
    berths: Berths
    said: list[str] = field(default_factory=list)

    @property
    def runs(self) -> Path:
        return Path(self.environment["SIMFERRY_HOME"])

    def start(self, *arguments: str | Path | int, **environment: str) -> subprocess.Popen[str]:
        """The command under way, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a command that was started; a bug in it fails the test with its traceback."""
        try:
            out, err = process.communicate(timeout=COMMAND_S_MAX)
        finally:
            if process.poll() is None:  # it took too long, or the test did
                process.kill()
                process.communicate()
        return self._ended(process.returncode, out, err)

    def run(self, *arguments: str | Path | int, **environment: str) -> Ended:
        """The command, ended; as a process that is begun from nothing where it brings settings of Prefect's."""
        if any(name.startswith("PREFECT_") for name in environment):
            return self.end(self.start(*arguments, **environment))
        ended = self.berths.run(tuple(map(str, arguments)), self.environment | environment, COMMAND_S_MAX)
        return self._ended(ended.code, ended.out, ended.err)

    def _ended(self, code: int, out: str, err: str) -> Ended:
        self.said.extend((out, err))
        bugs = "".join(file.read_text(encoding="utf-8") for file in self.folder.glob("simferry-bug-*"))
        assert code != 1, err + bugs
        return Ended(code, out, err)

    def planned(self, *arguments: str | Path | int, source: str = "pilot", target: str = "fleet") -> tuple[str, int]:
        """Run and number of SIMs to move of a plan made from one account to another."""
        made = self.run("plan", *arguments, "--from", source, "--to", target, "--json")
        assert made.code in {0, 3}, made.err
        counts = made.facts["counts"]
        assert isinstance(counts, dict)
        return str(made.facts["run"]), int(counts["MOVE"])

    def outcomes(self, run: str) -> pl.DataFrame:
        """OUTCOMES of the run's last reconciliation."""
        return pl.read_parquet(self.runs / run / "outcomes.parquet")

    @property
    def reached_out_to(self) -> list[str]:
        """Hosts outside of the machine that a command wanted to reach."""
        file = Path(self.environment["GUARD_FILE"])
        return file.read_text(encoding="utf-8").split() if file.exists() else []


Afloat: TypeAlias = Callable[[Path], AbstractContextManager[Sandbox]]  # a folder -> a provider that serves there
Desk: TypeAlias = Callable[[Path, Sandbox], Ferry]
