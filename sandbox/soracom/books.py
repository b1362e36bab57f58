"""The tables of Soracom's books."""

from __future__ import annotations

FILE = "soracom.sqlite"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE operator (
    id INTEGER PRIMARY KEY, operator TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    coverage TEXT NOT NULL, payment TEXT NOT NULL, created_s REAL NOT NULL);
CREATE TABLE credential (
    way TEXT NOT NULL, name TEXT NOT NULL, secret TEXT NOT NULL, user TEXT NOT NULL, operator_id INTEGER NOT NULL
    REFERENCES operator, PRIMARY KEY (way, name)) WITHOUT ROWID;
CREATE TABLE sim_group (
    id INTEGER PRIMARY KEY, group_id TEXT NOT NULL UNIQUE, operator_id INTEGER NOT NULL REFERENCES operator,
    name TEXT, created_ms INTEGER NOT NULL);
CREATE TABLE sim (
    id INTEGER PRIMARY KEY, sim_id TEXT NOT NULL, operator_id INTEGER NOT NULL, status TEXT NOT NULL,
    type TEXT NOT NULL, module_type TEXT NOT NULL, profile_iccid TEXT NOT NULL, imsi TEXT NOT NULL,
    msisdn TEXT NOT NULL, subscription TEXT NOT NULL, serial TEXT, further INTEGER NOT NULL, group_id INTEGER,
    tags TEXT NOT NULL, imei_lock TEXT, expiry_ms INTEGER, expiry_action TEXT, speed_class TEXT NOT NULL,
    protected INTEGER NOT NULL, imei TEXT, online INTEGER NOT NULL, created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL, token_id INTEGER, moves INTEGER NOT NULL DEFAULT 0);
CREATE TABLE further (
    sim_id INTEGER NOT NULL, place INTEGER NOT NULL, iccid TEXT NOT NULL, imsi TEXT NOT NULL, msisdn TEXT NOT NULL,
    subscription TEXT NOT NULL, status TEXT NOT NULL, is_primary INTEGER NOT NULL, PRIMARY KEY (sim_id, place))
    WITHOUT ROWID;
CREATE TABLE token (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, source_id INTEGER NOT NULL, target_id INTEGER NOT NULL,
    sims INTEGER NOT NULL, issued_s REAL NOT NULL, expires_s REAL, state TEXT NOT NULL, ended_s REAL,
    request INTEGER NOT NULL);
CREATE TABLE token_sim (
    token_id INTEGER NOT NULL, sim_id INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (token_id, sim_id))
    WITHOUT ROWID;
CREATE TABLE email (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, operator_id INTEGER NOT NULL, address TEXT NOT NULL,
    subject TEXT NOT NULL, body TEXT NOT NULL, token_id INTEGER);
CREATE TABLE handler (
    id INTEGER PRIMARY KEY, handler_id TEXT NOT NULL UNIQUE, operator_id INTEGER NOT NULL, name TEXT NOT NULL,
    status TEXT NOT NULL, target TEXT NOT NULL, group_id INTEGER, sim_id INTEGER);
CREATE TABLE mapping (
    id INTEGER PRIMARY KEY, operator_id INTEGER NOT NULL, sim_id INTEGER NOT NULL, ip TEXT NOT NULL,
    port INTEGER NOT NULL, inner_port INTEGER NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL);
CREATE TABLE history (
    number INTEGER PRIMARY KEY, sim_id INTEGER NOT NULL, at_s INTEGER NOT NULL, status TEXT NOT NULL,
    group_id INTEGER, speed_class TEXT NOT NULL);
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, sim_id INTEGER NOT NULL, change TEXT NOT NULL,
    was TEXT, became TEXT, request INTEGER NOT NULL);
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
INDEXES = """
CREATE UNIQUE INDEX sim_by_sim_id ON sim (sim_id);
CREATE UNIQUE INDEX sim_by_imsi ON sim (imsi);
CREATE INDEX sim_by_operator ON sim (operator_id, id);
CREATE INDEX sim_by_status ON sim (operator_id, status, id);
CREATE INDEX sim_by_token ON sim (token_id) WHERE token_id IS NOT NULL;
CREATE UNIQUE INDEX further_by_imsi ON further (imsi);
CREATE INDEX token_by_time ON token (expires_s) WHERE state = 'open';
CREATE INDEX token_by_target ON token (target_id, id) WHERE state = 'open';
CREATE INDEX handler_by_operator ON handler (operator_id, id);
CREATE INDEX handler_by_sim ON handler (sim_id) WHERE sim_id IS NOT NULL;
CREATE INDEX mapping_by_operator ON mapping (operator_id, id);
CREATE INDEX mapping_by_sim ON mapping (sim_id);
CREATE INDEX history_by_sim ON history (sim_id, number);
"""
