"""The truth in SQLite: its tables, the one place that changes them, and views that may lag behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.emnify.view import View

FILE = "emnify.sqlite"
BUSY_TIMEOUT_S = 10.0

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE workspace (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, enterprise INTEGER NOT NULL, brazilian INTEGER NOT NULL);
CREATE TABLE account (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, password_sha1 TEXT NOT NULL, mfa_code TEXT,
    home_id INTEGER NOT NULL REFERENCES workspace, failures INTEGER NOT NULL DEFAULT 0,
    locked_until_s REAL NOT NULL DEFAULT 0);
CREATE TABLE role (
    account_id INTEGER NOT NULL REFERENCES account, workspace_id INTEGER NOT NULL REFERENCES workspace,
    name TEXT NOT NULL, PRIMARY KEY (account_id, workspace_id)) WITHOUT ROWID;
CREATE TABLE trusted (
    account_id INTEGER NOT NULL REFERENCES account, fingerprint TEXT NOT NULL, until_s REAL NOT NULL,
    PRIMARY KEY (account_id, fingerprint)) WITHOUT ROWID;
CREATE TABLE ticket (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, account_id INTEGER REFERENCES account,
    workspace_id INTEGER REFERENCES workspace, until_s REAL) WITHOUT ROWID;
CREATE TABLE endpoint (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL, name TEXT NOT NULL, tags TEXT, imei TEXT,
    status INTEGER NOT NULL, sim_id INTEGER);
CREATE TABLE sim (
    id INTEGER PRIMARY KEY, iccid INTEGER NOT NULL, check_digit TEXT NOT NULL, eid TEXT, imsi TEXT NOT NULL,
    msisdn TEXT NOT NULL, workspace_id INTEGER NOT NULL, status INTEGER NOT NULL, endpoint_id INTEGER,
    production_date TEXT NOT NULL, activation_date TEXT, moves INTEGER NOT NULL DEFAULT 0);
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, sim_id INTEGER NOT NULL, change TEXT NOT NULL,
    was TEXT, became TEXT, request INTEGER NOT NULL);
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
INDEXES = """
CREATE UNIQUE INDEX sim_by_iccid ON sim (iccid);
CREATE INDEX sim_by_workspace ON sim (workspace_id, id);
CREATE INDEX endpoint_by_workspace ON endpoint (workspace_id, id);
"""


def connect(file: Path) -> sqlite3.Connection:
    """A connection without implicit transactions, in WAL mode."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


@dataclass(slots=True)
class Lagging:
    """A view of the past, held open by a read transaction of its own."""

    view: View
    until_s: float


class Books:
    """The live connection and, while reads lag, a snapshot beside it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.live = connect(file)
        self.view = View(self.live)
        self._lagging: Lagging | None = None

    @contextmanager
    def change(self, *, keep: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; everything in it is undone on any exception, and where `keep` is false."""
        self.live.execute("BEGIN IMMEDIATE")
        try:
            yield self.live
        except BaseException:
            self.live.execute("ROLLBACK")
            self.view.settle(kept=False)
            raise
        self.live.execute("COMMIT" if keep else "ROLLBACK")
        self.view.settle(kept=keep)

    def hold(self, now_s: float, until_s: float) -> None:
        """Let reads see the state of now until then; a lag that is still on goes on, with its older state."""
        self.reading(now_s)
        if self._lagging is not None:
            self._lagging.until_s = max(until_s, self._lagging.until_s)
            return
        snapshot = connect(self.file)
        snapshot.execute("BEGIN")
        snapshot.execute("SELECT count(*) FROM meta").fetchone()  # a snapshot begins with its first read
        self._lagging = Lagging(View(snapshot), until_s)

    def reading(self, now_s: float) -> View:
        """What reads see now."""
        if self._lagging is not None and self._lagging.until_s <= now_s:
            self._lagging.view.connection.close()
            self._lagging = None
        return self.view if self._lagging is None else self._lagging.view

    def close(self) -> None:
        """Close what is open."""
        if self._lagging is not None:
            self._lagging.view.connection.close()
        self.live.close()
