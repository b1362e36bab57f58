"""What an operator does at each provider, with what goes wrong on the way: lists, faults, bugs and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from domain.events import Event
from journal import records
from providers.wire import Answer, Lost, Request, Wire
from sandbox.accounts import SOURCE
from sandbox.remote import Sent
from sandbox.soracom.truth import Truth as Soracom
from sandbox.supersim.truth import Truth as SuperSim
from sandbox.truth import Truth as Emnify
from sandbox.world import Name
from tests.prefect.prefect_desk import ROOT
from tests.secrets.conftest import Scene

WAIT_S_MAX = 60.0
POLL_S = 0.02
SUSPENDED = 2  # emnify's number for it
QUICK = ("--batch", "3", "--canary", "2", "--settle", "0.3")


@dataclass(frozen=True)
class Way:
    """From where to where, what else a plan is asked for, and which requests change something."""

    source: str
    target: str
    path: str
    more: tuple[str, ...] = ()
    fields: tuple[tuple[str, bool], ...] = ()  # of a rule of faults


WAYS = {
    Name.EMNIFY: Way("pilot", "fleet", "/api/v1/sim/migration/workspace", fields=(("dry_run", False),)),
    Name.SUPERSIM: Way("north", "south", "/v1/Sims/*", ("--no-fleet",)),
    Name.SORACOM: Way("east", "west", "/v1/subscribers/transfer_token/*"),
}


def sims_to_move(scene: Scene) -> list[str]:
    """ICCIDs that can move as they are."""
    home = scene.sandbox.home
    match scene.provider:
        case Name.EMNIFY:
            ours = Emnify(home).where().filter(workspace_id=SOURCE, status=SUSPENDED)
            ours = ours.filter(pl.col("endpoint_id").is_null())
        case Name.SUPERSIM:
            ours = SuperSim(home).where().filter(account_name="north", status="new").filter(pl.col("name").is_null())
        case Name.SORACOM:
            ours = Soracom(home).where().filter(operator_name="east", status="ready", type="uicc")
    return ours["iccid"].to_list()


@dataclass
class Story:
    """One operator's day at one provider; each list takes SIMs that no other has."""

    scene: Scene
    left: list[str]
    number: int = 0

    @property
    def way(self) -> Way:
        return WAYS[self.scene.provider]

    def listed(self, count: int) -> Path:
        """A list of so many SIMs."""
        taken, self.left = self.left[:count], self.left[count:]
        assert len(taken) == count
        self.number += 1
        path = self.scene.operator.folder / f"list-{self.number}.csv"
        path.write_text("\n".join(["ICCID", *taken]) + "\n", encoding="utf-8")
        return path

    def moving(self, count: int, target: str | None = None) -> tuple[str | Path, ...]:
        """A list and the accounts, as `plan` and `migrate` want them."""
        way = self.way
        return (self.listed(count), "--from", way.source, "--to", target or way.target, *way.more, *QUICK)

    def approved(self, count: int, target: str | None = None) -> str:
        """A run of so many SIMs, planned and approved."""
        do = self.scene.operator
        run, sims = do.planned("plan", *self.moving(count, target))
        assert sims == count, do.said[-2:]
        assert do.run("approve", run, "--sims", count)[0] == Exit.OK
        return run

    def carried_out_in_bad_weather(self) -> str:
        """A run whose answers are lost, broken and refused for a while, taken up until it is done, and reported."""
        do, sandbox = self.scene.operator, self.scene.sandbox
        run = self.approved(8)
        rule: dict[str, str | int | bool] = {"method": "POST", "path": self.way.path, **dict(self.way.fields)}
        acts = ("not_json", "throttle", "drop_after", "error_after")
        sandbox.set_faults([rule | {"act": act, "nth": nth} for nth, act in enumerate(acts, 1)])
        code, _ = do.run("execute", run)
        sandbox.set_faults([])
        if code != Exit.OK:
            do.run("execute", run, *(("--resume-after", "canary") if code == Exit.REFUSED else ()))
        do.run("reconcile", run)
        do.run("status")
        do.run("status", run, "--json")
        do.run("where", do.folder.joinpath("list-1.csv").read_text(encoding="utf-8").split()[1])
        return run

    def registered(self) -> None:
        """SIMs registered by codes, one of which is in the wrong column; the codes count as secrets from then on."""
        do = self.scene.operator
        cards = SuperSim(self.scene.sandbox.home).unregistered().head(6).rows(named=True)
        rows = [f"{card['iccid']}{card['check_digit']},{card['code']}" for card in cards[1:]]
        path = do.folder / "cards.csv"
        swapped = f"{cards[0]['code']},{cards[0]['iccid']}"
        path.write_text("\n".join(["ICCID,Registration code", *rows, swapped]) + "\n", encoding="utf-8")
        for card in cards:
            do.tap.heard[card["code"]] = "a registration code"
        run, sims = do.planned("register", path, "--to", "south", *QUICK)
        assert sims == len(rows)
        do.run("approve", run, "--sims", sims)
        assert do.run("execute", run)[0] == Exit.OK
        assert do.run("reconcile", run)[0] == Exit.ROWS
        path.unlink()
        for kept in (do.home / run / "list").iterdir():
            do.own.add(kept)

    def taken_back(self) -> None:
        """SIMs offered to somebody who has no credentials here, and taken back; settings put back once more."""
        do = self.scene.operator
        run = self.approved(3, "far")
        assert do.run("execute", run)[0] == Exit.UNCONFIRMED
        do.run("status", run)
        assert do.run("cancel", run)[0] == Exit.OK
        do.run("reconcile", run)
        do.run("restore", run)

    def failing(self) -> None:
        """Credentials that nobody takes, and a bug in the middle of a run, whose file has the locals of every frame."""
        do = self.scene.operator
        run = self.approved(3)
        with buggy(self.scene.provider):
            assert do.run("execute", run)[0] == Exit.BUG, do.said[-2:]
        assert do.bug_files()
        do.run("execute", run)
        assert do.run("plan", *self.moving(2), accounts=self.scene.wrong)[0] == Exit.PROVIDER

    def worse(self) -> None:
        """Everything in one command, a provider that is down, Ctrl-C, and a process killed in the middle."""
        do = self.scene.operator
        do.run("migrate", *self.moving(3), "--sims", 3)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "sleep", lambda _: None)
            do.run("accounts", "--check", accounts=self.scene.down)
        for number in (signal.SIGINT, signal.SIGKILL):
            run = self.approved(6)
            self.stopped(run, number)
            do.run("execute", run)
            do.run("reconcile", run)

    def stopped(self, run: str, number: signal.Signals) -> None:
        """An execution in a process of its own that gets this signal once it has begun to change something."""
        do, sandbox = self.scene.operator, self.scene.sandbox
        sandbox.forget_requests()
        ours = {"PYTHONPATH": str(ROOT), "TMPDIR": str(do.folder), "SIMFERRY_ACCOUNTS": str(do.accounts)}
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "execute", run],
            cwd=do.folder,
            env=os.environ | ours,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until_s = time.monotonic() + WAIT_S_MAX
        while process.poll() is None and time.monotonic() < until_s:
            if any(self.changes(sent) for sent in sandbox.requests()):
                process.send_signal(number)
                break
            time.sleep(POLL_S)
        do.said += process.communicate(timeout=WAIT_S_MAX)
        do.codes.append(process.returncode)

    def changes(self, sent: Sent) -> bool:
        """Whether it is a request that changes something."""
        return sent.method == "POST" and sent.path.startswith(self.way.path.rstrip("*")) and not sent.dry_run


@contextmanager
def buggy(provider: Name) -> Iterator[None]:
    """A bug where secrets are near: at sending a change, or at writing down a token that has come."""
    send, rows_of = Wire.send, records.rows_of

    def sending(wire: Wire, request: Request) -> Answer | Lost:
        if request.method == "POST" and request.path.startswith(WAYS[provider].path.rstrip("*")):
            raise ZeroDivisionError("a bug of a test")
        return send(wire, request)

    def writing(events: Sequence[Event], *more: object) -> list[records.Row]:
        if any(event.secret for event in events):
            raise ZeroDivisionError("a bug of a test")
        return rows_of(events, *more)  # type: ignore[arg-type] # as it was called

    with pytest.MonkeyPatch.context() as patch:
        if provider == Name.SORACOM:
            patch.setattr(records, "rows_of", writing)
        else:
            patch.setattr(Wire, "send", sending)
        yield
