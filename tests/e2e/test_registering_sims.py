"""SIMs registered by the commands that an operator types: all that was lost is found, and no code is anywhere."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.errors import Exit
from sandbox.accounts import write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.accounts import SOUTH
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed
from tests.e2e.ferry import Desk, Ferry

SIMS_PATH = "/v1/Sims"
WRONG = "H3LL0W0RLD"
QUICK = ("--settle", "1", "--batch", "4", "--canary", "3")
WAIT_S_MAX = 60.0


@dataclass(frozen=True)
class Card:
    """What is printed on a card that nobody has registered."""

    iccid: str
    code: str

    @property
    def body(self) -> str:
        return self.iccid[:19]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    home = tmp_path / "provider"
    seed(home, 200, provider=Name.SUPERSIM)
    with running(home) as serving:
        write_accounts(home, serving.base_url)
        yield serving


@pytest.fixture
def ferry(desk: Desk, sandbox: Sandbox, tmp_path: Path) -> Ferry:
    return desk(tmp_path / "desk", sandbox)


@pytest.fixture
def cards(sandbox: Sandbox) -> list[Card]:
    rows = Truth(sandbox.home).unregistered().rows(named=True)
    return [Card(row["iccid"] + row["check_digit"], row["code"]) for row in rows]


def workbook(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    """The rows under headings, below a title."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("New cards", None, None), ("ICCID", "Code", "Note"), *rows):
        sheet.append(row)
    book.save(path)
    return path


def in_south(sandbox: Sandbox) -> set[str]:
    return set(Truth(sandbox.home).where().filter(account=SOUTH.sid)["iccid"])


def texts_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file as it lies there, and what is compressed in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".parquet":
                yield path, pl.read_parquet(path).write_ndjson().encode()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as parts:
                    yield from ((path, parts.read(name)) for name in parts.namelist())


def test_every_row_is_answered_for_and_no_code_is_written_or_said(
    sandbox: Sandbox, ferry: Ferry, cards: list[Card]
) -> None:
    good, odd = cards[:14], cards[14:]
    there = Truth(sandbox.home).where().filter(account=SOUTH.sid).row(0, named=True)
    rows = [(card.iccid, card.code, "") for card in good[1:]]
    rows += [(good[0].iccid, good[0].code, f"on the card: {good[0].code.lower()}")]
    rows += [(odd[0].iccid, WRONG, ""), (there["iccid"], WRONG, ""), (odd[1].code, odd[1].iccid, "swapped")]
    rows += [(odd[2].iccid, odd[2].code[:-1], ""), (good[0].iccid, good[0].code, "twice")]
    listed = workbook(ferry.folder / "cards.xlsx", rows)
    sandbox.set_faults(
        [
            {"method": "POST", "path": SIMS_PATH, "act": "drop_after", "nth": 2},
            {"method": "POST", "path": SIMS_PATH, "act": "drop_before", "nth": 6},
            {"method": "POST", "path": SIMS_PATH, "act": "refuse", "code": 83000, "nth": 8},
            {"method": "POST", "path": SIMS_PATH, "act": "throttle", "nth": 10},
        ]
    )
    made = ferry.run("register", listed, "--to", "kore-south", *QUICK, "--json")
    assert made.code == Exit.ROWS, made.err
    assert made.facts["counts"] == {"MOVE": 15, "LEAVE": 1, "REFUSE": 0, "ASSIST": 0}
    run = str(made.facts["run"])
    assert ferry.run("approve", run, "--sims", 15, "--by", "a test").code == Exit.OK
    executed = ferry.run("execute", run)
    assert (executed.code, executed.out.splitlines()[0][:43]) == (
        Exit.UNCONFIRMED,
        "14 of 15 SIMs registered; 1 declined. Next:",
    )
    assert ferry.run("reconcile", run).code == Exit.UNCONFIRMED
    outcomes = ferry.outcomes(run)
    counted = dict(outcomes.group_by(pl.col("outcome").cast(pl.String)).len().iter_rows())
    assert counted == {"confirmed": 14, "left": 1, "declined": 1, "rejected": 3}
    declined = outcomes.filter(outcome="declined").row(0, named=True)
    assert (declined["iccid"], declined["code"]) == (odd[0].iccid, "83002")
    assert "Check both numbers on the card" in declined["next_step"]
    assert {card.body for card in good} < in_south(sandbox)
    assert not {card.body for card in odd} & in_south(sandbox)
    returned = openpyxl.load_workbook(ferry.runs / run / "returned-cards.xlsx").worksheets[0]
    assert [cell.value for cell in returned[1]][:2] == ["ICCID", "Note"]
    assert ferry.run("where", good[0].iccid).out.count("registered") == 1
    ferry.run("status", run)
    listed.unlink()
    hold_no_code(ferry, ferry.runs / run, [*cards, Card("", WRONG)])


def hold_no_code(ferry: Ferry, run: Path, cards: list[Card]) -> None:
    """Nothing that was printed or lies anywhere holds a code, but for the list in the run's own folder."""
    assert {path.name for path in run.iterdir()} >= {"journal.sqlite", "plan.json", "report.xlsx", "list"}
    assert run.stat().st_mode & 0o077 == 0
    kept = list((run / "list").iterdir())
    assert [(path.name, path.stat().st_mode & 0o077) for path in kept] == [("cards.xlsx", 0)]
    written = [(path, text) for path, text in texts_below(ferry.folder) if path not in kept]
    written.append((Path("screen"), "".join(ferry.said).encode()))
    assert len(written) > 30
    secrets = [code.encode() for card in cards for code in (card.code, f"card: {card.code.lower()}")]
    assert [path for path, text in written if any(secret in text for secret in secrets)] == []


@pytest.mark.skipif(os.environ.get("SIMFERRY_CHAOS") != "1", reason="takes long: with SIMFERRY_CHAOS=1")
def test_killed_in_the_middle_it_goes_on_and_asks_for_nothing_in_doubt(
    sandbox: Sandbox, ferry: Ferry, cards: list[Card]
) -> None:
    listed = ferry.folder / "cards.csv"
    listed.write_text("\n".join(["ICCID;Reg code", *(f"{card.iccid};{card.code}" for card in cards)]), "utf-8")
    made = ferry.run("register", listed, "--to", "south", *QUICK, "--in-flight", 1, "--json")
    run = str(made.facts["run"])
    assert ferry.run("approve", run, "--sims", len(cards)).code == Exit.OK
    sandbox.set_faults([{"method": "POST", "path": SIMS_PATH, "act": "slow", "nth": 9, "seconds": 2.0}])
    dying = ferry.start("execute", run)
    deadline_s = time.monotonic() + WAIT_S_MAX
    while asked(sandbox) < 9 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    os.killpg(dying.pid, signal.SIGKILL)
    dying.communicate()
    ended = ferry.run("execute", run)
    assert (ended.code, ended.out.splitlines()[0][:24]) == (Exit.OK, "24 of 24 SIMs registered")
    assert ferry.run("reconcile", run).code == Exit.OK
    assert set(ferry.outcomes(run)["outcome"]) == {"confirmed"}
    assert Truth(sandbox.home).unregistered().is_empty()
    assert asked(sandbox) == len(cards)


def asked(sandbox: Sandbox) -> int:
    """Registrations that the provider was asked for."""
    return sum(sent.method == "POST" and sent.path == SIMS_PATH for sent in sandbox.requests())
