"""The monthly audit as it is typed: what the sandbox's own books bear out, and nothing sent that can change a SIM."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.audit.kinds import Kind
from sandbox.accounts import write_accounts
from sandbox.examples.books import UNPAID, Mistakes, write_books
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.world import Name, seed
from tests.e2e.ferry import Desk, Ended, Ferry

DEMO_S_MAX = 240.0
SIMS = 200  # of each provider
ACCOUNTS = ("pilot", "fleet", "north", "south", "east", "west")
LOGINS = ("/api/v1/authenticate", "/v1/auth", "/api-services/v1/auth/token")


@dataclass(frozen=True)
class Office:
    """Somebody with books, accounts at three providers, and a first audit of them."""

    folder: Path
    ferry: Ferry
    sandbox: Sandbox
    mistakes: Mistakes
    first: Ended

    def audit(self, *more: str) -> Ended:
        return self.ferry.run("audit", *more, "--settings", self.folder / "audit.toml", "--json")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    for name in Name:
        seed(folder / "provider", SIMS, provider=name)
    mistakes = write_books(folder / "provider", folder)
    (folder / "audit.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    with running(folder / "provider", rate_scale=0) as sandbox:
        write_accounts(folder / "provider", sandbox.base_url)
        ferry = desk(folder / "desk", sandbox)
        ferry = replace(ferry, environment=ferry.environment | {"SIMFERRY_AUDITS": str(folder / "audits")})
        accounts = [word for name in ACCOUNTS for word in ("--account", name)]
        lists = (f"assets={folder}/assets.csv", f"finance={folder}/finance.csv")
        first = ferry.run("audit", *lists, *accounts, "--settings", folder / "audit.toml", "--json")
        yield Office(folder, ferry, sandbox, mistakes, first)


def test_every_mistake_of_the_books_is_found_and_ends_in_exit_code_3(office: Office) -> None:
    breaks = office.first.facts["breaks"]
    assert isinstance(breaks, dict)
    found = {kind: breaks.get(kind, 0) for kind in office.mistakes.by_kind}
    made = {kind: len(sims) for kind, sims in office.mistakes.by_kind.items()}
    made[Kind.NOT_IN_BOOKS] += made[Kind.DAMAGED] + UNPAID  # whose rows nobody can read, or finance does not have
    assert (office.first.code, found) == (3, made)


def test_nothing_is_sent_that_can_change_a_sim(office: Office) -> None:
    changing = [one for one in office.sandbox.requests() if one.method != "GET" and not one.path.startswith(LOGINS)]
    assert changing == []


def test_what_was_read_is_judged_again_without_asking_anybody(office: Office) -> None:
    before = len(office.sandbox.requests())
    again = office.audit("--from-snapshots")
    assert (again.code, again.facts) == (3, office.first.facts)
    assert len(office.sandbox.requests()) == before


def test_an_account_that_fails_stops_no_other_and_is_read_alone_later(office: Office) -> None:
    office.sandbox.set_faults([{"path": "*/v1/Sims*", "act": "error_before"}])
    failed = office.audit(
        "--month", "2026-01", f"assets={office.folder}/assets.csv", "--account", "north", "--account", "pilot"
    )
    office.sandbox.set_faults([])
    assert failed.code == 6
    facts = failed.facts
    assert isinstance(facts["failed"], dict)
    assert list(facts["failed"]) == ["north"]
    whole = office.audit("--month", "2026-01", "--only", "north")
    assert (whole.code, whole.facts["failed"]) == (3, {})


def test_a_register_that_is_no_list_ends_in_words(office: Office) -> None:
    (office.folder / "empty.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    ended = office.audit(f"assets={office.folder}/empty.csv", "--account", "pilot")
    assert ended.code == 2
    assert "empty.csv" in ended.err


def test_three_months_are_as_the_sandboxs_own_books_say(tmp_path: Path, prefect_url: str) -> None:
    ours = ("PREFECT_", "SIMFERRY_", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ran = subprocess.run(
        [sys.executable, "-m", "flows.demo_audit"],
        cwd=tmp_path,
        env=kept | {"PREFECT_API_URL": prefect_url, "PREFECT_HOME": str(tmp_path / "prefect")},
        capture_output=True,
        text=True,
        timeout=DEMO_S_MAX,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
