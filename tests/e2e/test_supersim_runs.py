"""Lists of Super SIMs carried from the north to the south by the commands that an operator types, by both vendors."""

from __future__ import annotations

import base64
import json
import signal
import socket
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import WRITTEN, secrets
from sandbox.supersim.truth import Truth
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ended, Ferry
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_ways import CROWD, Verified, list_ways

FLEETS = ("--fleet-map", EXAMPLES / "fleets.csv", "--deactivate-first")
TOKEN_BEGINS = base64.urlsafe_b64encode(b'{"client":').decode()[:12]  # the start of every access token
PASSWORDS = [base64.b64encode(f"{one.sid}:{one.auth_token}".encode()).decode() for one in WRITTEN]
SECRETS = (*secrets().values(), *PASSWORDS, TOKEN_BEGINS)


@dataclass(frozen=True)
class Carried:
    """A list that has been carried, with what each command said, and where the books disagreed right after."""

    run: Verified
    said: list[Ended]
    disagreements: list[str]


@pytest.fixture(scope="module")
def sandbox(supersim_afloat: Afloat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with supersim_afloat(tmp_path_factory.mktemp("runs")) as serving:
        yield serving


@pytest.fixture(scope="module")
def ferry(desk: Desk, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Ferry:
    return desk(tmp_path_factory.mktemp("desk"), sandbox)


@pytest.fixture(scope="module")
def expected() -> dict[int, dict[str, int]]:
    """What each row of the example comes to where what is in service is deactivated first."""
    written = json.loads((EXAMPLES / "supersim.expected.json").read_text(encoding="utf-8"))
    return {int(row): entry.get("deactivated", entry["ends"]) for row, entry in written["rows"].items()}


@pytest.fixture(scope="module")
def twilio(ferry: Ferry, sandbox: Sandbox, expected: dict[int, dict[str, int]]) -> Carried:
    """The example, by Twilio's credentials and in one go; what was in service is so again."""
    books = Books.opened(Truth(sandbox.home))
    sims = sum(counts.get("confirmed/eligible", 0) for counts in expected.values())
    listed = EXAMPLES / "supersim.xlsx"
    said = ferry.run("migrate", listed, "--from", "north", "--to", "south", *FLEETS, "--reactivate", "--sims", sims)
    (folder,) = ferry.runs.glob("*-supersim")
    run = Verified(books, RunFolder(folder))
    return Carried(run, [said], run.disagreements)


@pytest.fixture(scope="module")
def kore(ferry: Ferry, sandbox: Sandbox, twilio: Carried) -> Carried:
    """Other SIMs, by KORE's credentials and by single commands, with callbacks; what was in service stays off."""
    assert twilio.said  # it comes first
    books = Books.opened(Truth(sandbox.home))
    listed, port = list_ways(sandbox, ferry.folder / "ways.csv"), free_port()
    accounts = ("--accounts", with_callbacks(sandbox, port))
    name, sims = ferry.planned(listed, *FLEETS, *accounts, source="kore-north", target="kore-south")
    receiver = ferry.start("callbacks", "--port", port, *accounts, "--json")
    try:
        said = [
            ferry.run("approve", name, "--sims", sims),
            ferry.run("execute", name, "--json", *accounts),
            ferry.run("reconcile", name, "--json", *accounts),
        ]
    finally:
        receiver.send_signal(signal.SIGINT)
        said.append(ferry.end(receiver))
    run = Verified(books, RunFolder(ferry.runs / name))
    return Carried(run, said, run.disagreements)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def with_callbacks(sandbox: Sandbox, port: int) -> Path:
    """The accounts file, beside the other one, with KORE's accounts telling where callbacks go and who signs them."""
    text = (sandbox.home / "accounts.toml").read_text(encoding="utf-8")
    for account in WRITTEN:
        table = f"[accounts.kore-{account.name}]\n"
        more = f'callback_secret = "file:kore-{account.name}.client_secret"\n'
        text = text.replace(table, f'{table}callback_url = "http://127.0.0.1:{port}/supersim"\n{more}')
    path = sandbox.home / "accounts-with-callbacks.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_row_of_the_example_ends_as_it_should(twilio: Carried, expected: dict[int, dict[str, int]]) -> None:
    ends: dict[int, Counter[str]] = {}
    for row, outcome, code in twilio.run.outcomes.select("row", "outcome", "code").iter_rows():
        ends.setdefault(row, Counter())[f"{outcome}/{code}"] += 1
    assert {row: dict(found) for row, found in ends.items()} == expected
    assert [said.code for said in twilio.said] == [Exit.ROWS]


def test_what_both_reports_say_is_what_the_books_say(twilio: Carried, kore: Carried) -> None:
    assert (twilio.disagreements, kore.disagreements) == ([], [])
    assert kore.run.counted == {"confirmed": sum(CROWD.values())}


def test_each_command_has_its_exit_code_and_tells_machines_what_came_of_it(kore: Carried) -> None:
    _, executed, reconciled, _ = kore.said
    sims = sum(CROWD.values())
    assert [said.code for said in kore.said] == [Exit.OK] * 4
    assert (executed.facts["sims"], executed.facts["arrived"]) == (sims, sims)
    counts = reconciled.facts["outcomes"]
    assert isinstance(counts, dict)
    assert {name: count for name, count in counts.items() if count} == {"confirmed": sims}


def test_every_callback_was_believed(kore: Carried) -> None:
    received = kore.said[-1].facts
    assert (received["refused"], received["unmarked"]) == ({}, 0)
    assert received["received"] == received["woken"] == sum(CROWD[status] for status in ("ready", "active"))


def test_restore_names_what_a_run_has_switched_off_and_nothing_else(twilio: Carried, kore: Carried) -> None:
    live = kore.run.steps.filter(pl.col("status").is_in(["ready", "active"]))
    restored = pl.read_csv(kore.run.folder.path / "restore.csv", infer_schema=False)
    assert sorted(restored["ICCID"]) == sorted(live["iccid"])
    assert pl.read_csv(twilio.run.folder.path / "restore.csv", infer_schema=False).is_empty()


def test_what_stays_behind_was_saved_of_every_sim_that_was_not_new(twilio: Carried, kore: Carried) -> None:
    for carried in (twilio, kore):
        moved = carried.run.steps.filter(pl.col("batch").is_not_null(), pl.col("status") != "new")
        history = carried.run.folder.all_history()
        assert set(history["key"]) == set(moved["key"])
        assert history.filter(pl.col("period").is_not_null())["key"].n_unique() == moved.height


@pytest.mark.usefixtures("twilio", "kore")
def test_no_secret_is_in_anything_that_was_written_or_said(ferry: Ferry, prefect_folder: Path) -> None:
    files = [path for folder in (ferry.folder, prefect_folder) for path in folder.rglob("*") if path.is_file()]
    written = {path: path.read_bytes() for path in files}
    written[Path("screen")] = "".join(ferry.said).encode()
    for path in (path for path in files if path.suffix in {".xlsx", ".parquet"}):
        written[path / "unpacked"] = unpacked(path)
    assert len(written) > 40
    assert any(path.name == "prefect.sqlite" for path in written)
    for secret in SECRETS:
        assert [path for path, content in written.items() if secret.encode() in content] == []


@pytest.mark.usefixtures("twilio", "kore")
def test_nothing_outside_of_this_machine_was_asked_for(ferry: Ferry) -> None:
    assert ferry.reached_out_to == []


def unpacked(path: Path) -> bytes:
    """What is in a file that is compressed."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).cast(pl.String, strict=False).write_csv().encode()
    with zipfile.ZipFile(path) as book:
        return b"".join(book.read(name) for name in book.namelist())
