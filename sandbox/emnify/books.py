"""The tables of emnify's books."""

from __future__ import annotations

FILE = "emnify.sqlite"

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
