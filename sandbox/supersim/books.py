"""The tables of Super SIM's books."""

from __future__ import annotations

FILE = "supersim.sqlite"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE account (
    id INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, parent_id INTEGER REFERENCES account,
    inactive_moves INTEGER NOT NULL);
CREATE TABLE credential (
    vendor TEXT NOT NULL, username TEXT PRIMARY KEY, secret TEXT NOT NULL, account_id INTEGER NOT NULL
    REFERENCES account) WITHOUT ROWID;
CREATE TABLE fleet (
    id INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL REFERENCES account,
    unique_name TEXT, data_limit_mb INTEGER NOT NULL, created TEXT NOT NULL, UNIQUE (account_id, unique_name));
CREATE TABLE sim (
    id INTEGER PRIMARY KEY, sid TEXT NOT NULL, iccid TEXT NOT NULL, account_id INTEGER, unique_name TEXT,
    status TEXT NOT NULL, fleet_id INTEGER, created TEXT NOT NULL, updated TEXT NOT NULL, ready_since_s REAL,
    ready_bytes INTEGER NOT NULL DEFAULT 0, registration_code TEXT, moves INTEGER NOT NULL DEFAULT 0);
CREATE TABLE pending (
    sim_id INTEGER PRIMARY KEY REFERENCES sim, request INTEGER NOT NULL, due_s REAL, was_status TEXT NOT NULL,
    status TEXT NOT NULL, fleet_id INTEGER, falls_back INTEGER NOT NULL DEFAULT 0, vendor TEXT NOT NULL,
    asker_id INTEGER NOT NULL REFERENCES account, callback_url TEXT, callback_method TEXT,
    copies INTEGER NOT NULL DEFAULT 1, late_s REAL NOT NULL DEFAULT 0);
CREATE TABLE letter (
    number INTEGER PRIMARY KEY, due_s REAL, sim_id INTEGER NOT NULL, request INTEGER NOT NULL, method TEXT NOT NULL,
    url TEXT NOT NULL, form TEXT NOT NULL, vendor TEXT NOT NULL, signer_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL, sent_at TEXT, status INTEGER);
CREATE TABLE period (
    id INTEGER PRIMARY KEY, sim_id INTEGER NOT NULL, account_id INTEGER NOT NULL, kind TEXT NOT NULL,
    start_s REAL NOT NULL, end_s REAL NOT NULL);
CREATE TABLE usage (
    sim_id INTEGER NOT NULL, account_id INTEGER NOT NULL, fleet_id INTEGER, hour_s INTEGER NOT NULL,
    upload INTEGER NOT NULL, download INTEGER NOT NULL);
CREATE TABLE settings_update (
    id INTEGER PRIMARY KEY, sim_id INTEGER NOT NULL, status TEXT NOT NULL, package TEXT NOT NULL,
    created TEXT NOT NULL, completed TEXT);
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, sim_id INTEGER NOT NULL, change TEXT NOT NULL,
    was TEXT, became TEXT, request INTEGER NOT NULL);
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
INDEXES = """
CREATE UNIQUE INDEX sim_by_sid ON sim (sid);
CREATE UNIQUE INDEX sim_by_iccid ON sim (iccid);
CREATE INDEX sim_by_account ON sim (account_id, id);
CREATE UNIQUE INDEX sim_by_name ON sim (account_id, unique_name) WHERE unique_name IS NOT NULL;
CREATE INDEX sim_ripening ON sim (ready_since_s) WHERE status = 'ready';
CREATE INDEX pending_by_time ON pending (due_s);
CREATE INDEX letter_by_time ON letter (due_s) WHERE due_s IS NOT NULL;
CREATE INDEX period_by_sim ON period (sim_id, start_s);
CREATE INDEX usage_by_sim ON usage (sim_id);
CREATE INDEX usage_by_account ON usage (account_id, hour_s);
CREATE INDEX settings_by_sim ON settings_update (sim_id);
"""
