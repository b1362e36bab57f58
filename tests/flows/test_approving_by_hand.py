"""`simferry approve`: somebody types the number of SIMs, or nothing is approved."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Exit
from domain.plan import sealed, utc_text
from flows.cli import main
from journal.run_folder import RunFolder
from tests.journal.journal_samples import planned, steps


class Terminal(io.StringIO):
    """A person who types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run that was planned just now, in the home of the commands."""
    made, plan = planned(tmp_path / "runs")
    made.save_plan(sealed(replace(plan, made_at=utc_text(datetime.now(UTC)))), steps())
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path / "runs"))
    return made


def test_where_nobody_is_there_to_ask_nothing_is_approved(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n"))
    assert main(["approve", folder.name]) == Exit.USAGE
    assert "Nobody is here to approve" in capsys.readouterr().err
    assert not folder.approval.exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("3", Exit.OK), ("4", Exit.REFUSED), ("", Exit.USAGE), ("yes", Exit.USAGE), ("-3", Exit.USAGE), ("٣", Exit.USAGE)],
)
def test_the_number_that_is_typed_approves_or_does_not(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, typed: str, code: Exit
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\n"))
    assert main(["approve", folder.name]) == code
    assert folder.approval.exists() is (code == Exit.OK)
