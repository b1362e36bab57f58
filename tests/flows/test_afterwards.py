"""`simferry cancel` and `simferry restore`: what is typed, what is told, and how they end."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Exit
from domain.plan import sealed, utc_text
from domain.tokens import Cancelled, Ended
from flows.arguments import parser
from flows.cli import main
from flows.commands import cancel, restore
from journal.approval import approve
from journal.run_folder import RunFolder
from tasks.restoring_run import Restored
from tests.journal.journal_samples import planned


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path / "runs"))
    return planned(tmp_path / "runs")[0].name


def asked(*words: str) -> argparse.Namespace:
    return parser().parse_args(words)


def said(*ended: Cancelled) -> str:
    return " ".join("\n".join(cancel.told(ended, "east")).split())


def test_one_token_or_all_open_ones_are_taken_back() -> None:
    assert asked("cancel", "a-run").token is None
    assert asked("cancel", "a-run", "--token", "3").token == 3
    with pytest.raises(SystemExit):
        asked("cancel", "a-run", "--token", "0")


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (
            Cancelled(3, Ended.CANCELLED, 500, 500, 0),
            "Token 3: taken back. All of its 500 SIMs are ready in east again.",
        ),
        (Cancelled(3, Ended.CANCELLED, 1, 1, 0), "Token 3: taken back. Its one SIM is ready in east again."),
        (
            Cancelled(1, Ended.ACCEPTED, 20, 0, 20),
            "and what is accepted cannot be taken back. All of its 20 SIMs are gone from east.",
        ),
        (
            Cancelled(2, Ended.RAN_OUT, 5, 4, 0),
            "take back. Of its 5 SIMs 4 are ready in east again, 1 is transferring still, or in another status.",
        ),
        (
            Cancelled(2, Ended.UNSURE, 5, 0, 0, "HTTP 500"),
            "All of its 5 SIMs are transferring still, or in another status. The provider said: HTTP 500",
        ),
    ],
)
def test_what_became_of_a_token_is_told(ended: Cancelled, words: str) -> None:
    assert words in said(ended)


def test_many_tokens_that_ended_alike_are_told_in_one_line() -> None:
    many = [Cancelled(number, Ended.CANCELLED, 1, 1, 0) for number in range(1, 501)]
    assert said(*many, Cancelled(501, Ended.ACCEPTED, 1, 0, 1)) == (
        "Tokens 1, 2, 3, 4, 5, 6, 7, 8 and 492 more: taken back. All of their 500 SIMs are ready in east again. Token "
        "501: accepted before, and what is accepted cannot be taken back. Its one SIM is gone from east."
    )


@pytest.mark.parametrize("how", Ended)
def test_every_end_of_a_token_has_words(how: Ended) -> None:
    assert said(Cancelled(1, how, 2, 1, 1)).startswith("Token 1: ")


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ((), Exit.OK),
        ((Cancelled(1, Ended.CANCELLED, 5, 5, 0), Cancelled(2, Ended.RAN_OUT, 5, 5, 0)), Exit.OK),
        ((Cancelled(1, Ended.CANCELLED, 5, 5, 0), Cancelled(2, Ended.ACCEPTED, 5, 0, 5)), Exit.UNCONFIRMED),
        ((Cancelled(1, Ended.UNSURE, 5, 4, 0),), Exit.UNCONFIRMED),
    ],
)
def test_a_cancellation_ends_well_where_every_sim_is_the_sources_again(
    ended: tuple[Cancelled, ...], code: Exit, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cancel.tell(asked("cancel", run), ended) == code
    assert f"simferry reconcile {run}" in capsys.readouterr().out
    assert cancel.tell(asked("cancel", run, "--json"), ended) == code
    told = json.loads(capsys.readouterr().out)
    assert (told["run"], [token["ended"] for token in told["tokens"]]) == (run, [each.ended for each in ended])


@pytest.mark.parametrize(
    ("done", "code", "words"),
    [
        (Restored(30, 30, 0), Exit.OK, "30 of 30 SIMs in fleet are set as they are wanted."),
        (Restored(1, 1, 10), Exit.OK, "10 SIMs of the run are not there."),
        (Restored(30, 29, 0), Exit.UNCONFIRMED, "29 of 30 SIMs in fleet"),
    ],
)
def test_a_restoration_ends_well_where_every_sim_that_is_there_is_as_wanted(
    done: Restored, code: Exit, words: str, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.tell(asked("restore", run), done) == code
    told = capsys.readouterr().out
    assert words in told
    assert f"simferry reconcile {run}" in told


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("cancel", "nothing has been offered yet, so there is nothing to take back"),
        ("restore", "nothing has been moved by it yet, so there is nothing to put back"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_waits_for_the_engine(
    command: str, words: str, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "no-such-run"]) == Exit.USAGE
    assert main([command, run]) == Exit.REFUSED
    said = capsys.readouterr().err
    assert f"{run} has not been executed: {words}" in said
    assert "approve" not in said


def test_what_support_moved_is_put_back_without_an_execution_once_that_is_approved(
    tmp_path: Path, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = RunFolder(tmp_path / "runs" / run)
    plan, steps = folder.load_plan()
    assisted = sealed(replace(plan, counts={**plan.counts, "ASSIST": 12}, made_at=utc_text(datetime.now(UTC))))
    folder.save_plan(assisted, steps)
    assert main(["restore", run]) == Exit.REFUSED
    said = capsys.readouterr().err
    assert "nothing has been moved by it yet. What support has transferred is put back once" in said
    approve(folder, assisted, 3, "ann", datetime.now(UTC))
    assert main(["restore", run]) == Exit.USAGE
    assert "accounts.toml" in capsys.readouterr().err


def test_where_nothing_moves_the_next_step_is_a_look_and_plans_that_count_no_assisted_sims_hold(
    tmp_path: Path, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = RunFolder(tmp_path / "runs" / run)
    plan, steps = folder.load_plan()
    counts = {step: sims for step, sims in plan.counts.items() if step != "ASSIST"} | {"MOVE": 0}
    folder.save_plan(sealed(replace(plan, counts=counts)), steps)
    assert main(["approve", run, "--sims", "0"]) == Exit.OK
    assert f"0 SIMs. Next:  simferry reconcile {run}" in capsys.readouterr().out
    assert main(["restore", run]) == Exit.REFUSED
    assert "so there is nothing to put back" in capsys.readouterr().err
