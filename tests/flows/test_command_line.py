"""The command line where things go wrong around it: closed ends, odd folders, a full disk, and words for machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from flows.cli import main

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "inputs" / "examples" / "fleet.csv"
COMMAND_S_MAX = 60.0


def shell(tail: str, arguments: Sequence[object], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it, with `tail` (redirections) behind it."""
    words = " ".join(f"'{word}'" for word in (sys.executable, "-m", "flows.cli", *arguments))
    return subprocess.run(
        ["bash", "-c", f"{words} {tail}"],
        cwd=ROOT,
        env=os.environ | {"SIMFERRY_HOME": str(folder / "runs"), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )


@pytest.mark.parametrize("tail", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_end_is_no_bug(tail: str, tmp_path: Path) -> None:
    assert shell(tail, ["check", LIST], tmp_path).returncode == Exit.ROWS


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_whoever_stops_reading_does_not_change_the_exit_code(more: list[str], tmp_path: Path) -> None:
    ended = shell("| head -c 0; exit ${PIPESTATUS[0]}", ["check", LIST, *more], tmp_path)
    assert (ended.returncode, ended.stderr) == (Exit.ROWS, "")


def test_letters_that_the_terminal_does_not_have_are_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    assert shell("", ["check", LIST], tmp_path).returncode == Exit.ROWS


def test_a_file_that_cannot_be_written_is_named_and_is_no_bug(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "nowhere" / "findings.csv"
    assert main(["check", str(LIST), "--findings", str(place)]) == Exit.USAGE
    assert str(place) in capsys.readouterr().err


def test_a_full_disk_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(LIST), "--findings", "/dev/full"]) == Exit.USAGE
    assert "Make room" in capsys.readouterr().err


def test_a_long_cell_is_cut_and_not_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("ICCID\n89883030000080139311/89883030000080139329\n89883030000080139311\n", encoding="utf-8")
    assert main(["check", str(listed)]) == Exit.ROWS
    said = capsys.readouterr().out
    assert "A2 " in said
    assert " 89883030000080139311/89… " in said
    assert said.endswith("; 1 SIM\n")


def test_a_findings_file_holds_no_formula(tmp_path: Path) -> None:
    listed, findings = tmp_path / "list.csv", tmp_path / "findings.csv"
    listed.write_text("ICCID\n=cmd|' /C calc'!A0\n8988303000000008013\n", encoding="utf-8")
    assert main(["check", str(listed), "--findings", str(findings)]) == Exit.ROWS
    assert pl.read_csv(findings, infer_schema=False)["raw"][0].startswith("'=")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "no-such-run"], Exit.USAGE),
        (["check", "no-such-list.csv"], Exit.USAGE),
        (["where", "12"], Exit.USAGE),
        (["approve", "no-such-run"], Exit.USAGE),
        (["accounts", "--accounts", "no-such-file"], Exit.USAGE),
    ],
)
def test_a_failure_is_an_object_for_machines_too(
    arguments: list[str],
    code: Exit,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path))
    assert main([*arguments, "--json"]) == code
    heard = capsys.readouterr()
    told = json.loads(heard.out)
    assert (told["exit_code"], told["error"]) == (code, heard.err.rstrip("\n"))


def test_a_wrong_command_line_is_an_object_for_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["approve", "--json"])
    assert json.loads(capsys.readouterr().out)["exit_code"] == Exit.USAGE


@pytest.mark.parametrize(
    ("command", "words"),
    [
        *((name, "run the same command again") for name in ("execute", "cancel", "restore")),
        ("migrate", "simferry status"),
    ],
)
def test_whoever_stops_a_command_is_told_how_to_go_on(
    command: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: object) -> Exit:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"flows.commands.{command}.run", stopped)
    more = ["list.csv", "--from", "a", "--to", "b"] if command == "migrate" else ["a-run"]
    assert main([command, *more]) == Exit.STOPPED  # a second migrate would be a second run
    assert words in capsys.readouterr().err
