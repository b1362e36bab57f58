"""An operator whose commands run in this process, so that all they print, log and leave can be looked through."""

from __future__ import annotations

import io
import json
import logging
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows import cli
from tests.secrets.wiretap import Wiretap


@dataclass
class Operator:
    """One operator's folder, with the home in it; `said` is all that was printed or logged.

    `own` are files where secrets of the operator's own list may lie.
    """

    folder: Path
    accounts: Path
    tap: Wiretap
    said: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    own: set[Path] = field(default_factory=set)

    @property
    def home(self) -> Path:
        return self.folder / "runs"

    def run(self, *arguments: str | Path | int, accounts: Path | None = None) -> tuple[int, str]:
        """Exit code and standard output of a command."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setenv("SIMFERRY_ACCOUNTS", str(accounts or self.accounts))
            try:
                code = cli.main([str(argument) for argument in arguments])
            except SystemExit as ended:
                code = int(ended.code or 0)
        self.said += [out.getvalue(), err.getvalue()]
        self.codes.append(code)
        return code, out.getvalue()

    def planned(self, *arguments: str | Path | int) -> tuple[str, int]:
        """Run and number of SIMs to move of a plan."""
        code, out = self.run(*arguments, "--json")
        assert code in {0, 3}, self.said[-1]
        facts = json.loads(out)
        return str(facts["run"]), int(facts["counts"]["MOVE"])

    def bug_files(self) -> list[Path]:
        return sorted(self.folder.glob("simferry-bug-*"))


@contextmanager
def at_the_desk(folder: Path, accounts: Path, tap: Wiretap) -> Iterator[Operator]:
    """The operator, in a folder of its own; everything that any library logs, at any level, is heard.

    A bug's traceback is written with the locals of every frame, which is more than simferry writes.
    """
    folder.mkdir(parents=True)
    operator = Operator(folder, accounts, tap)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SIMFERRY_HOME", str(operator.home))
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setattr(traceback, "format_exc", _with_locals)
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield operator
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            operator.said.append(stream.getvalue())


def _with_locals() -> str:
    kind, error, trace = sys.exc_info()
    assert kind is not None
    assert error is not None
    return "".join(traceback.TracebackException(kind, error, trace, capture_locals=True).format())
