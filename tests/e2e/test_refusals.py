"""What refuses to run, with its exit code, before anything has been sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import Exit
from domain.plan import sealed, utc_text
from journal.approval import approve
from journal.files import read_frame, write_frame
from sandbox.accounts import PILOT_ONLY
from tests.e2e.agreement import MIGRATION
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ended
from tests.e2e.planned import Planned, Quay, quay, turn_to

PLANNING = ("plan", EXAMPLES / "fleet.csv", "--from", "pilot", "--to")


@pytest.fixture(scope="module")
def shared(planned: Planned, tmp_path_factory: pytest.TempPathFactory, afloat: Afloat, desk: Desk) -> Iterator[Quay]:
    with quay(planned, tmp_path_factory.mktemp("quay"), afloat, desk) as made:
        yield made


@pytest.fixture
def here(shared: Quay, desk: Desk, tmp_path: Path) -> Iterator[Quay]:
    """An approved run of one's own; whatever is done with it, nothing was asked to be changed."""
    ferry = desk(tmp_path / "desk", shared.sandbox)
    shutil.copytree(shared.ferry.runs, ferry.runs)
    shared.sandbox.forget_requests()
    yield replace(shared, ferry=ferry)
    assert not any(sent.path == MIGRATION and sent.dry_run is False for sent in shared.sandbox.requests())


def refused(ended: Ended, *words: str) -> None:
    assert ended.code == Exit.REFUSED, ended.err
    assert all(word in ended.err for word in words), ended.err


def test_a_plan_that_nobody_approved(here: Quay) -> None:
    here.folder.approval.unlink()
    refused(here.ferry.run("execute", here.run), "not approved", f"simferry approve {here.run}")


def test_another_number_of_sims_than_the_plan_moves(here: Quay) -> None:
    here.folder.approval.unlink()
    refused(here.ferry.run("approve", here.run, "--sims", here.sims - 1), f"moves {here.sims}")
    assert not here.folder.approval.exists()


def test_an_approval_by_nobody(here: Quay) -> None:
    ended = here.ferry.run("approve", here.run)
    assert (ended.code, "--sims" in ended.err) == (Exit.USAGE, True)


@pytest.mark.parametrize("command", ["approve", "execute", "reconcile"])
def test_a_plan_that_was_altered(here: Quay, command: str) -> None:
    text = here.folder.plan.read_text(encoding="utf-8")
    here.folder.plan.write_text(text.replace('"batch_sims": 20', '"batch_sims": 500'), encoding="utf-8")
    more = ["--sims", str(here.sims)] if command == "approve" else []
    refused(here.ferry.run(command, here.run, *more), "plan.json", "altered", "simferry plan")


def test_steps_that_were_altered(here: Quay) -> None:
    steps = read_frame(here.folder.steps, "")
    write_frame(here.folder.steps, steps.with_columns(batch=steps["batch"].fill_null(1)).head(-1))
    refused(here.ferry.run("execute", here.run), "plan.parquet", "altered")


def test_an_approval_of_another_plan(here: Quay) -> None:
    plan, steps = here.folder.load_plan()
    here.folder.save_plan(sealed(replace(plan, consequences=("none",))), steps)
    refused(here.ferry.run("execute", here.run), "not approved")


@pytest.mark.parametrize("command", ["approve", "execute"])
def test_a_plan_of_the_day_before_yesterday(here: Quay, command: str) -> None:
    plan, steps = here.folder.load_plan()
    then = datetime.now(UTC) - timedelta(hours=25)
    old = sealed(replace(plan, made_at=utc_text(then)))
    here.folder.save_plan(old, steps)
    approve(here.folder, old, here.sims, "a test", then)
    more = ["--sims", str(here.sims)] if command == "approve" else []
    refused(here.ferry.run(command, here.run, *more), "25.0 h old", "simferry plan")


def test_accounts_that_are_others_by_now(here: Quay, tmp_path: Path) -> None:
    accounts = changed(here, tmp_path, "workspace = 4002", "workspace = 4004")
    refused(here.ferry.run("execute", here.run, "--accounts", accounts), "another account")


def test_a_login_that_is_not_let_in(here: Quay, tmp_path: Path) -> None:
    accounts = changed(here, tmp_path, "mover@acme.example", PILOT_ONLY.username)
    ended = here.ferry.run("execute", here.run, "--accounts", accounts)
    assert (ended.code, "simferry accounts --check" in ended.err) == (Exit.PROVIDER, True), ended.err
    logins = [sent for sent in here.sandbox.requests() if sent.status == 401]
    assert len(logins) == 1  # three lock the account


def test_a_provider_that_is_down(here: Quay, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # the discard service, which nobody runs
    here.folder.approval.unlink()
    turn_to(here, nowhere)
    plan, _ = here.folder.load_plan()
    approve(here.folder, plan, here.sims, "a test", datetime.now(UTC))
    accounts = changed(here, tmp_path, here.sandbox.base_url, nowhere)
    ended = here.ferry.run("execute", here.run, "--accounts", accounts)
    assert (ended.code, "again" in ended.err) == (Exit.PROVIDER, True), ended.err


def test_a_run_that_there_is_not(here: Quay) -> None:
    ended = here.ferry.run("approve", here.run.replace("fleet", "fleeet"), "--sims", here.sims)
    assert (ended.code, f"Did you mean {here.run}" in ended.err) == (Exit.USAGE, True), ended.err


def test_a_list_that_there_is_not(here: Quay) -> None:
    ended = here.ferry.run("plan", "no-such-list.csv", "--from", "pilot", "--to", "fleet")
    assert (ended.code, "no-such-list.csv" in ended.err) == (Exit.USAGE, True), ended.err


def test_an_account_that_there_is_not(here: Quay) -> None:
    ended = here.ferry.run(*PLANNING, "fleeet")
    assert (ended.code, "Did you mean fleet" in ended.err) == (Exit.USAGE, True), ended.err


def test_a_prefect_server_that_does_not_answer(here: Quay) -> None:
    ended = here.ferry.run("execute", here.run, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert (ended.code, "Nothing was sent" in ended.err) == (Exit.PROVIDER, True), ended.err


def changed(here: Quay, folder: Path, old: str, new: str) -> Path:
    """The accounts file with something else in it, in a folder of its own with the same secrets."""
    mine = folder / "accounts"
    mine.mkdir()
    for name in ("pilot.password", "pilot.fingerprint", "fleet.refresh_token"):
        shutil.copy(here.sandbox.home / name, mine)
    text = (here.sandbox.home / "accounts.toml").read_text(encoding="utf-8")
    assert old in text
    (mine / "accounts.toml").write_text(text.replace(old, new), encoding="utf-8")
    return mine / "accounts.toml"
