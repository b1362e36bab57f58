"""SIMs offered to an operator whose credentials nobody here has: accepted and confirmed later, taken back, run out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from journal.files import read_frame
from journal.run_folder import RunFolder
from sandbox.accounts import SECRET_MODE
from sandbox.remote import Sandbox
from sandbox.soracom.accounts import EAST, FAR
from sandbox.soracom.truth import Truth
from tests.e2e.ferry import Afloat, Desk, Ended, Ferry
from tests.e2e.soracom_agreement import Books
from tests.e2e.soracom_lists import list_ready
from tests.e2e.soracom_settings import due_settings, settings_disagreements, told_settings
from tests.e2e.soracom_traces import secrets_of, traces

LIFE_S = 1_200  # of a token: no machine is so busy that three commands take longer
DEADLINE_OFF_S_MAX = 60.0  # of the time when a token ends as we tell it: an answer is written down after its issue
PER_TOKEN = 3
TAKEN_BACK, ACCEPTED = 2, 3  # tokens by their numbers; the first one runs out
NUMBERS = ("--canary", 3, "--batch", 6, "--sims-per-token", PER_TOKEN, "--in-flight", 1, "--settle", 1)


@dataclass(frozen=True)
class Offered:
    """A run that offered three tokens of three SIMs, what each command said, and the reports on the way."""

    books: Books
    folder: RunFolder
    said: dict[str, Ended]
    reports: dict[str, pl.DataFrame]  # OUTCOMES
    disagreements: dict[str, list[str]]

    @property
    def steps(self) -> pl.DataFrame:
        return read_frame(self.folder.steps, "")

    def ends(self, report: str) -> dict[str, int]:
        return dict(self.reports[report]["outcome"].cast(pl.String).value_counts().iter_rows())


@pytest.fixture(scope="module")
def sandbox(soracom_afloat: Afloat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with soracom_afloat(tmp_path_factory.mktemp("offers")) as serving:
        serving.set_switches(transfer_life_s=str(LIFE_S))
        in_table(serving, EAST.name, f"token_life_s = {LIFE_S}")
        yield serving


@pytest.fixture(scope="module")
def ferry(desk: Desk, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Ferry:
    return desk(tmp_path_factory.mktemp("desk"), sandbox)


@pytest.fixture(scope="module")
def offered(ferry: Ferry, sandbox: Sandbox) -> Offered:
    """The story as far as it goes without credentials of the target."""
    books = Books.opened(Truth(sandbox.home), FAR)
    listed = list_ready(books.truth, ferry.folder / "offers.csv", 3 * PER_TOKEN)
    run, sims = ferry.planned(listed, *NUMBERS, source="east", target="far")
    made = Offered(books, RunFolder(ferry.runs / run), {}, {}, {})
    said = made.said
    said["approve"] = ferry.run("approve", run, "--sims", sims)
    said["execute"] = ferry.run("execute", run, "--json")
    said["status"] = ferry.run("status", run)
    assert sandbox.accept_offers(FAR.name, latest=1) == [PER_TOKEN]
    said["cancel"] = ferry.run("cancel", run, "--token", TAKEN_BACK)
    said["status, later"] = ferry.run("status", run)
    sandbox.advance_clock(LIFE_S)
    said["reconcile, blind"] = reported(made, ferry, "blind")
    return made


@pytest.fixture(scope="module")
def seen(offered: Offered, ferry: Ferry, sandbox: Sandbox) -> Offered:
    """The rest of it, with credentials."""
    let_in(sandbox)
    offered.said["reconcile"] = reported(offered, ferry, "seen")
    offered.said["restore"] = ferry.run("restore", offered.folder.name)
    return offered


def reported(made: Offered, ferry: Ferry, name: str) -> Ended:
    """A reconciliation, and where the books disagree with it right then."""
    ended = ferry.run("reconcile", made.folder.name)
    made.reports[name] = read_frame(made.folder.outcomes, "")
    told = told_settings(made.folder, made.reports[name])
    made.disagreements[name] = [
        *made.books.disagreements(made.steps, made.reports[name], blind=name == "blind"),
        *(settings_disagreements(made.books, told, made.steps, {}) if name != "blind" else ()),
    ]
    return ended


def in_table(sandbox: Sandbox, account: str, line: str) -> None:
    """Put a line into an account's table of the accounts file."""
    file, head = sandbox.home / "accounts.toml", f"[accounts.{account}]\n"
    file.write_text(file.read_text(encoding="utf-8").replace(head, f"{head}{line}\n"), encoding="utf-8")


def let_in(sandbox: Sandbox) -> None:
    """Give the target of the offers a way in."""
    secret = sandbox.home / "far.password"
    secret.touch(mode=SECRET_MODE)
    secret.write_text(FAR.password, encoding="utf-8")
    in_table(sandbox, FAR.name, f'password = "file:{secret.name}"')


def test_status_counts_down_and_forgets_what_was_taken_back(offered: Offered) -> None:
    before, later = (waiting(offered.said[name].out) for name in ("status", "status, later"))
    assert (list(before), list(later)) == ([1, 2, 3], [1, 3])
    ends = offered.books.truth.tokens().filter(pl.col("request") > 0)["expires_s"].to_list()
    for number, (until, left_min) in before.items():
        assert abs((until - datetime.fromtimestamp(ends[number - 1], UTC)).total_seconds()) < DEADLINE_OFF_S_MAX
        assert 0 < left_min <= LIFE_S / 60
    for number, (until, left_min) in later.items():
        assert until == before[number][0]
        assert 0 < left_min <= before[number][1]


def waiting(out: str) -> dict[int, tuple[datetime, int]]:
    """The tokens that wait, by their numbers: until when, and how many minutes that is."""
    line = r"token (\d+), batch \d+: 3 SIMs wait, until ([-0-9]+ [:0-9]+) UTC \((\d+) min left\)"
    return {
        int(number): (datetime.fromisoformat(until).replace(tzinfo=UTC), int(left_min))
        for number, until, left_min in re.findall(line, out)
    }


def test_every_token_ended_in_its_own_way(offered: Offered) -> None:
    tokens = offered.books.truth.tokens().filter(pl.col("request") > 0)
    assert tokens["state"].to_list() == ["expired", "cancelled", "accepted"]
    assert offered.books.truth.emails()["operator"].to_list() == [FAR.operator] * 3


def test_each_command_has_its_exit_code(seen: Offered) -> None:
    waits = {"execute", "reconcile, blind", "reconcile"}
    codes = {name: ended.code for name, ended in seen.said.items()}
    assert codes == {name: Exit.UNCONFIRMED if name in waits else Exit.OK for name in codes}
    assert seen.said["execute"].facts["arrived"] == 0


def test_what_was_accepted_is_awaited_until_it_can_be_seen(seen: Offered) -> None:
    rest = {"cancelled": PER_TOKEN, "not_done": PER_TOKEN}
    assert seen.ends("blind") == {"awaiting": PER_TOKEN, **rest}
    assert seen.ends("seen") == {"confirmed": PER_TOKEN, **rest}


def test_no_report_on_the_way_says_what_the_books_do_not(seen: Offered) -> None:
    assert seen.disagreements == {"blind": [], "seen": []}


def test_restore_sets_what_was_accepted_as_it_was(seen: Offered) -> None:
    there = seen.reports["seen"].filter(outcome="confirmed")["sim_id"]
    reported = told_settings(seen.folder, seen.reports["seen"]).filter(pl.col("key").is_in(there.implode()))
    assert "differs" in set(reported["result"])
    restored = due_settings(seen.books, there, {})
    assert set(restored["result"]) <= {"same", "lost"}
    assert set(restored.filter(result="lost")["setting"]) <= {"group"}


def test_what_came_back_is_in_the_list_for_another_plan(seen: Offered) -> None:
    retry = pl.read_csv(seen.folder.path / "retry.csv", infer_schema=False)
    back = seen.reports["seen"].filter(pl.col("outcome") != "confirmed")
    assert sorted(retry["SIM"]) == sorted(back["iccid"])


@pytest.mark.usefixtures("seen")
def test_no_password_and_no_token_of_an_offer_is_in_anything_that_was_written_or_said(
    ferry: Ferry, sandbox: Sandbox, prefect_folder: Path
) -> None:
    assert traces(ferry, prefect_folder, secrets_of(sandbox)) == []
