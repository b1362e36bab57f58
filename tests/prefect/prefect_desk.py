"""Where scripts of these tests run: with an environment of their own, and no way out of the machine."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).parent / "guard"
SCRIPT_S_MAX = 90.0


@dataclass(frozen=True)
class Desk:
    """Where scripts run as an operator's command would: an environment of their own, and no way out of the machine."""

    folder: Path
    environment: dict[str, str]

    def start(self, script: str, **environment: str) -> subprocess.Popen[str]:
        path = self.folder / "script.py"
        path.write_text(textwrap.dedent(script), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, str(path)],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        with self.start(script, **environment) as process:
            try:
                out, err = process.communicate(timeout=SCRIPT_S_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @property
    def tried(self) -> list[str]:
        """Hosts outside of the machine that a process wanted to reach."""
        path = Path(self.environment["GUARD_FILE"])
        return path.read_text(encoding="utf-8").split() if path.exists() else []
