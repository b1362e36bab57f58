"""`simferry forget`: what it refuses, what it erases, what it leaves, and that it may be killed anywhere."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, event

from domain.errors import Exit, RefusedToRun
from domain.events import Event, Kind
from domain.outcomes import OUTCOMES, Outcome
from domain.plan import utc_text
from flows.cli import main
from journal.book import Journal
from journal.claims import CLAIMS_FILE, Claims
from journal.files import write_frame
from journal.lock import holding
from journal.run_folder import RunFolder
from journal.search import where
from journal.status import Stage, facts
from journal.wake import FILE, ring
from tasks import forgettable
from tests.journal.journal_samples import KEYS, planned

NOW = datetime.now(UTC)
THEN = utc_text(NOW - timedelta(hours=3))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SIMFERRY_JOURNAL_URL", "SIMFERRY_BY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def run(home: Path) -> RunFolder:
    return carried_out(home)


def carried_out(home: Path, url: str | None = None) -> RunFolder:
    """A run that moved its three SIMs, was reconciled, and has left something in every place that there is."""
    folder, plan = planned(home)
    with Journal.open(url, folder) as journal:
        journal.write(
            Event(Kind.OPENED, THEN, body={"fingerprint": plan.fingerprint}),
            Event(Kind.INTENDED, THEN, 1, 1, "move", KEYS[:3]),
            Event(Kind.ANSWERED, THEN, 1, 1, "move", body={"said": "yes"}),
            Event(Kind.SEEN, THEN, 1, 1, "move", KEYS[:3], body={"stand": "done"}),
            Event(Kind.FINISHED, THEN),
        )
    claimed(home, folder, url)
    reconciled(folder)
    for name in ("report.html", "retry.csv", "restore.csv"):
        (folder.path / name).write_text("\n".join(KEYS), encoding="utf-8")
    write_frame(folder.settings_planned, pl.DataFrame({"key": KEYS}))
    ring(home, f"id{KEYS[0]}")
    return folder


def claimed(home: Path, folder: RunFolder, url: str | None = None) -> None:
    with Claims.open(url, home) as claims:
        claims.claim("emnify", folder.name, KEYS[:3], "ann", NOW)


def reconciled(folder: RunFolder) -> None:
    """Outcomes as of the last record."""
    ends = [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.LEFT]
    told = {"iccid": KEYS, "outcome": ends, "last_at": [THEN, THEN, THEN, None]}
    nothing = {name: [None] * len(KEYS) for name in OUTCOMES.names() if name not in told}
    frame = pl.DataFrame(told | nothing, schema_overrides=OUTCOMES)
    write_frame(folder.outcomes, frame.select(OUTCOMES.names()))


def recorded(folder: RunFolder, *events: Event) -> None:
    with Journal.open(None, folder) as journal:
        journal.write(*events)


def forget(folder: RunFolder, *more: str) -> int:
    return main(["forget", folder.name, "--name", folder.name, *more])


def holding_identifiers(root: Path) -> list[str]:
    """Files below that hold one of the SIMs' numbers, or what all of them begin with."""
    sought = [KEYS[0][:15].encode(), f"26201{KEYS[0][-10:]}".encode()]
    return [
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and any(number in read(path) for number in sought)
    ]


def read(path: Path) -> bytes:
    """The bytes of a file, and what a frame holds when it is unpacked."""
    packed = path.read_bytes()
    if path.suffix == ".parquet":
        packed += pl.read_parquet(path).cast(pl.String, strict=False).write_csv().encode()
    return packed


def test_a_forgotten_run_leaves_counts_and_no_identifier_in_any_byte(
    run: RunFolder, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = holding_identifiers(home)
    assert {f"{run.name}/plan.parquet", f"{run.name}/retry.csv", CLAIMS_FILE, FILE} <= set(before)
    fingerprint = run.load_plan()[0].fingerprint
    assert forget(run, "--by", "bob", "--json") == Exit.OK
    left = json.loads(capsys.readouterr().out)
    assert holding_identifiers(home) == []
    assert {path.name for path in run.path.iterdir()} == {"run.json", "forgotten.json", "lock"}
    assert left == json.loads(run.forgotten.read_text(encoding="utf-8")) | {"left_open": []}
    assert left["outcomes"] == {"confirmed": 3, "left": 1}
    assert left["planned"]["MOVE"] == 3
    assert (left["run"], left["provider"], left["source"], left["target"]) == (run.name, "emnify", "depot", "fleet")
    assert (left["fingerprint"], left["by"]) == (fingerprint, "bob")
    assert left["erased_at"]
    assert run.forgotten.stat().st_mode & 0o777 == 0o600


def test_the_status_shows_it_as_forgotten_and_where_finds_nothing(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    forget(run, "--by", "bob")
    capsys.readouterr()
    assert main(["status"]) == Exit.OK
    said = capsys.readouterr().out
    assert f"{run.name}  forgotten\n  by bob, " in said
    assert "emnify, depot → fleet: MOVE 3, LEAVE 1" in said
    assert "reconciled: 1 left, 3 confirmed" in said
    assert "next" not in said
    assert main(["status", run.name, "--json"]) == Exit.OK
    (told,) = json.loads(capsys.readouterr().out)["runs"]
    assert (told["stage"], told["forgotten"]["by"]) == ("forgotten", "bob")
    assert main(["where", KEYS[0], "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["places"] == []


@pytest.mark.parametrize("command", ["approve", "execute", "reconcile", "cancel", "restore"])
def test_no_other_command_works_on_what_is_left(
    run: RunFolder, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forget(run)
    assert main([command, run.name, "--json"]) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["cause"] == "forgotten"
    with pytest.raises(RefusedToRun, match="was forgotten"):
        Journal.open(None, run)
    with pytest.raises(RefusedToRun, match="was forgotten"):
        run.load_frame(run.outcomes)


def test_forgetting_twice_says_the_same_and_needs_no_name(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    forget(run, "--by", "bob", "--json")
    first = capsys.readouterr().out
    assert main(["forget", run.name, "--by", "eve", "--json"]) == Exit.OK
    assert capsys.readouterr().out == first


def test_the_whole_name_has_to_be_given(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", run.name, "--name", run.name[:-1]]) == Exit.REFUSED
    assert "nothing was forgotten" in capsys.readouterr().err
    assert main(["forget", run.name]) == Exit.USAGE
    err = capsys.readouterr().err
    assert f"simferry forget {run.name} --name {run.name}" in err
    assert "erased" in err
    assert not run.forgotten.exists()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([Event(Kind.INTENDED, THEN, 2, 1, "move", KEYS[:2])], "2 SIMs are in doubt"),
        (
            [
                Event(Kind.INTENDED, THEN, 2, 1, "move", KEYS[:1]),
                Event(Kind.ANSWERED, THEN, 2, 1, "move", body={"said": "later"}),
            ],
            "1 SIMs are awaited",
        ),
        ([Event(Kind.ANSWERED, THEN, 1, 1, "move", KEYS[:3], {"said": "yes"})], "3 SIMs are said to be done, and not"),
        ([Event(Kind.SETTLED, utc_text(NOW), 1, 1, "move", KEYS[:3], {"stand": "done"})], "was not reconciled since"),
    ],
)
def test_it_is_refused_while_something_is_open_and_says_what(
    run: RunFolder, events: list[Event], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(run, *events)
    assert forget(run) == Exit.REFUSED
    err = capsys.readouterr().err
    assert words in err
    assert "simferry reconcile" in err or "simferry execute" in err
    assert "--even-open" in err
    assert not run.forgotten.exists()
    assert run.load_plan()


def test_a_sim_between_two_parts_of_its_way_is_open(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = planned(home, ways=("deactivate move", "move", "move"))
    recorded(folder, Event(Kind.SETTLED, THEN, 1, 1, "deactivate", KEYS[:1], {"stand": "done"}))
    assert forget(folder) == Exit.REFUSED
    assert "may be offline; go on with:  simferry execute" in capsys.readouterr().err


def test_what_is_open_may_be_given_up_once_nothing_sent_can_come_about(
    run: RunFolder, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(run, Event(Kind.INTENDED, utc_text(datetime.now(UTC)), 2, 1, "move", KEYS[:2]))
    assert forget(run, "--even-open") == Exit.REFUSED
    assert "may still come about" in capsys.readouterr().err
    recorded(run, Event(Kind.RESUMED, THEN, body={"cause": "canary"}))
    claimed(home, run)
    assert forget(run, "--even-open", "--json") == Exit.OK
    left = json.loads(capsys.readouterr().out)
    assert left["left_open"][0].startswith("2 SIMs are in doubt")
    assert holding_identifiers(home) == []
    with Claims.open(None, home) as claims:
        assert claims.held("emnify").is_empty()


def test_what_another_process_holds_is_not_forgotten(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    with holding(run, "ann", NOW):
        assert forget(run) == Exit.REFUSED
    assert "is held by ann" in capsys.readouterr().err
    assert not run.forgotten.exists()


def test_a_plan_that_was_never_carried_out_is_forgotten(home: Path) -> None:
    folder, _ = planned(home)
    assert forget(folder) == Exit.OK
    assert holding_identifiers(home) == []


def test_a_folder_that_may_be_planned_at_this_moment_is_left_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = planned(home)
    folder.plan.unlink()
    assert forget(folder) == Exit.REFUSED
    assert "may be planned at this moment" in capsys.readouterr().err
    old_s = time.time() - 3600
    for path in folder.path.rglob("*"):
        os.utime(path, (old_s, old_s))
    assert forget(folder) == Exit.OK
    assert holding_identifiers(home) == []


def test_a_damaged_run_is_forgotten_only_by_who_says_so(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run.journal.unlink()
    assert forget(run) == Exit.REFUSED
    assert "what is open about it cannot be known" in capsys.readouterr().err
    assert forget(run, "--even-open") == Exit.REFUSED
    assert "may still come about" in capsys.readouterr().err
    monkeypatch.setattr(forgettable, "QUIET_S", -1.0)
    assert forget(run, "--even-open") == Exit.OK
    assert holding_identifiers(run.path.parent) == []


def test_claims_of_a_run_whose_folder_is_lost_are_let_go(
    run: RunFolder, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claimed(home, run)
    run.path.rename(home.parent / "lost")
    assert forget(run) == Exit.REFUSED
    assert "its folder is lost" in capsys.readouterr().err
    assert forget(run, "--even-open") == Exit.OK
    assert holding_identifiers(home) == []
    assert main(["status", run.name]) == Exit.OK
    assert f"{run.name}  forgotten" in capsys.readouterr().out
    with Claims.open(None, home) as claims:
        assert claims.held("emnify").is_empty()


def test_of_a_run_that_nobody_knows_nothing_is_made(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "2020-01-01-nothing", "--even-open"]) == Exit.USAGE
    assert "There is no run" in capsys.readouterr().err
    assert [path.name for path in run.path.parent.iterdir() if path.is_dir()] == [run.name]


def test_a_shared_journal_loses_this_run_alone_and_stays_append_only(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = tmp_path / "shared.sqlite"
    url = f"sqlite:///{shared}"
    folder = carried_out(home, url)
    other, _ = planned(home)
    with Journal.open(url, other) as journal:
        journal.write(Event(Kind.INTENDED, THEN, 1, 1, "move", ("8988303000000999999",)))
    assert forget(folder) == Exit.USAGE
    assert "Set SIMFERRY_JOURNAL_URL" in capsys.readouterr().err
    monkeypatch.setenv("SIMFERRY_JOURNAL_URL", url)
    assert forget(folder) == Exit.OK
    with sqlite3.connect(shared) as database:
        assert database.execute("SELECT run FROM journal").fetchall() == [(other.name,)]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM journal")
    database.close()
    with Journal.open(url, other) as journal:
        assert len(list(journal.events())) == 1


class Died(BaseException):
    """The process is no more; nothing in it catches this."""


@dataclass
class Death:
    """Counts what has an effect on disk or database, and dies at one of them: it and all later ones don't happen."""

    at: int
    so_far: int = 0

    def comes(self) -> bool:
        """Whether an effect is not to happen; raises when it is the one to die at."""
        self.so_far += 1
        if self.so_far == self.at:
            raise Died
        return self.so_far > self.at

    def instead_of(self, do: Callable[..., object]) -> Callable[..., object]:
        return lambda *given, **more: None if self.comes() else do(*given, **more)

    def before_statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("DELETE", "DROP", "CREATE TRIGGER", "VACUUM", "PRAGMA wal_checkpoint")):
            self.comes()

    def before_commit(self, _connection: object) -> None:
        self.comes()


@contextmanager
def dying(at: int) -> Iterator[Death]:
    """A process that dies at its effect of that number; the kernel lets go of its lock."""
    death = Death(at)
    listeners: dict[str, Callable[..., object]] = {
        "before_cursor_execute": death.before_statement,
        "commit": death.before_commit,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in ("unlink", "rmdir", "replace"):
            patch.setattr(Path, name, death.instead_of(getattr(Path, name)))
        for name, listener in listeners.items():
            event.listen(Engine, name, listener)
        try:
            yield death
        except Died:
            pass
        finally:
            for name, listener in listeners.items():
                event.remove(Engine, name, listener)


@pytest.mark.parametrize(("shared", "step"), [("", 1), ("shared.sqlite", 3)], ids=["own journal", "shared journal"])
def test_killed_at_any_effect_it_is_finished_by_the_same_command(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str, step: int
) -> None:
    run = carried_out(home, f"sqlite:///{home}/{shared}" if shared else None)
    for at in itertools.count(1, step):
        copy = tmp_path / f"home-{at}"
        shutil.copytree(home, copy)
        monkeypatch.setenv("SIMFERRY_HOME", str(copy))
        if shared:
            monkeypatch.setenv("SIMFERRY_JOURNAL_URL", f"sqlite:///{copy}/{shared}")
        folder = RunFolder(copy / run.name)
        with dying(at) as death:
            forget(folder)
        if folder.forgotten.exists():
            nothing_runs_from(folder)
        assert forget(folder) == Exit.OK
        assert holding_identifiers(copy) == []
        assert json.loads(folder.forgotten.read_text(encoding="utf-8"))["outcomes"] == {"confirmed": 3, "left": 1}
        if death.so_far < at:
            break
    assert at > 20


def nothing_runs_from(folder: RunFolder) -> None:
    with pytest.raises(RefusedToRun, match="was forgotten"):
        folder.load_plan()
    with pytest.raises(RefusedToRun, match="was forgotten"):
        Journal.open(None, folder)
    assert where(folder.path.parent, None, KEYS[0]) == []
    assert facts(folder, None).stage == Stage.FORGOTTEN
