"""A list of Soracom's SIMs transferred from the east to the west by the commands that an operator types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from journal.files import read_frame
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from sandbox.soracom.truth import Truth
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ended, Ferry
from tests.e2e.soracom_agreement import Books
from tests.e2e.soracom_lists import SPOILT, Listed, list_crowd
from tests.e2e.soracom_settings import settings_disagreements, told_settings
from tests.e2e.soracom_traces import secrets_of, traces

GROUPS = {"Meters": "Meters West"}  # as groups.csv has it
NUMBERS = ("--group-map", EXAMPLES / "groups.csv", "--batch", 20, "--canary", 4, "--sims-per-token", 8)


@dataclass(frozen=True)
class Transferred:
    """A list that was transferred, with what each command said."""

    books: Books
    listed: Listed
    folder: RunFolder
    said: list[Ended]

    @property
    def steps(self) -> pl.DataFrame:
        return read_frame(self.folder.steps, "")

    @property
    def outcomes(self) -> pl.DataFrame:
        return read_frame(self.folder.outcomes, "")


@pytest.fixture(scope="module")
def sandbox(soracom_afloat: Afloat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with soracom_afloat(tmp_path_factory.mktemp("runs")) as serving:
        yield serving


@pytest.fixture(scope="module")
def ferry(desk: Desk, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Ferry:
    return desk(tmp_path_factory.mktemp("desk"), sandbox)


@pytest.fixture(scope="module")
def transferred(ferry: Ferry, sandbox: Sandbox) -> Transferred:
    """The list, with the credentials of both sides."""
    books = Books.opened(Truth(sandbox.home))
    listed = list_crowd(books.truth, ferry.folder / "crowd.csv")
    run, sims = ferry.planned(listed.path, *NUMBERS, source="east", target="west")
    assert sims == listed.moving
    said = [
        ferry.run("approve", run, "--sims", sims),
        ferry.run("execute", run, "--json"),
        ferry.run("reconcile", run, "--json"),
    ]
    return Transferred(books, listed, RunFolder(ferry.runs / run), said)


def test_every_row_ends_as_it_should(transferred: Transferred) -> None:
    rows = transferred.outcomes.select("sim_id", "iccid", "raw", "outcome", "code").iter_rows()
    ends = {
        raw if raw in SPOILT else sim_id or iccid: f"{outcome}/{code}" for sim_id, iccid, raw, outcome, code in rows
    }
    assert ends == transferred.listed.ends
    assert [ended.code for ended in transferred.said] == [Exit.OK, Exit.OK, Exit.ROWS]
    assert transferred.said[1].facts["arrived"] == transferred.listed.moving


def test_what_the_report_says_is_what_the_books_say(transferred: Transferred) -> None:
    listed = transferred.outcomes.filter(pl.col("outcome") != "rejected")
    assert transferred.books.disagreements(transferred.steps, listed) == []
    tokens = transferred.books.truth.tokens().filter(pl.col("request") > 0)
    assert set(tokens["state"]) == {"accepted"}
    assert tokens["sims"].sum() == transferred.listed.moving


def test_what_sims_were_set_to_they_are_set_to_again(transferred: Transferred) -> None:
    told = told_settings(transferred.folder, transferred.outcomes)
    assert settings_disagreements(transferred.books, told, transferred.steps, GROUPS) == []
    moved = told.filter(pl.col("result") != "unseen")
    assert moved["key"].n_unique() == transferred.listed.moving
    assert set(moved["setting"]) >= {"tag:name", "tag:site", "group", "imei_lock", "expiry", "termination_protection"}
    assert Counter(moved["result"])["differs"] == 0
    assert moved.filter(result="lost", setting="group").is_empty()


@pytest.mark.usefixtures("transferred")
def test_no_password_and_no_token_is_in_anything_that_was_written_or_said(
    ferry: Ferry, sandbox: Sandbox, prefect_folder: Path
) -> None:
    assert traces(ferry, prefect_folder, secrets_of(sandbox)) == []


@pytest.mark.usefixtures("transferred")
def test_nothing_outside_of_this_machine_was_asked_for(ferry: Ferry) -> None:
    assert ferry.reached_out_to == []
