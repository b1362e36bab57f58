"""Where records are kept: an SQLite file of ours, or a database that many runs and machines share."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import DDL, Connection, Engine, MetaData, Table, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from domain.errors import RefusedToRun, UsageError
from journal.files import PRIVATE

WAIT_S_MAX = 30  # for another writer's transaction, and for a database to answer
SETUP_LOCK = 20261120  # PostgreSQL advisory lock under which tables are made; any number of our own does
_VIEWING, _OUTSIDE = "simferry_viewing", "simferry_outside"

# synchronous=FULL: a commit returns when the disk has it. In WAL mode readers never stop the writer.
_SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout={WAIT_S_MAX * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA trusted_schema=OFF",
)
WAL_RETRY_S = 0.05  # SQLite does not wait by itself for another process that is about to change to WAL as well


def connect(url: str | None, file: Path) -> Engine:
    """An engine for the database at `url`, or for the SQLite file, which is made private where it is not there.

    Raises `UsageError` where the URL is none of ours, `RefusedToRun` where the file cannot be made.
    """
    place = _place(url, file)
    try:
        engine = create_engine(place, hide_parameters=True, connect_args=_limits(place))
    except (NoSuchModuleError, ArgumentError) as error:
        raise UsageError(
            f"{place.render_as_string()} is not a database we know. Use a postgresql:// or sqlite:/// URL."
        ) from error
    except ModuleNotFoundError as error:
        raise UsageError(f"This database needs {error.name}. Install it:  pip install {error.name}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle_in)
        event.listen(engine, "begin", _begin)
        with _named(engine):
            os.close(os.open(str(place.database), os.O_CREAT | os.O_RDWR, PRIVATE))
    return engine


def prepare(engine: Engine, tables: MetaData) -> None:
    """Make the tables that are not there yet, with what guards them; two processes may do so at once."""
    with within(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SETUP_LOCK})")
        tables.create_all(connection)


def append_only(table: Table) -> None:
    """Let the database itself refuse to change or delete rows of the table, once it is made."""
    name = table.name
    for deed in ("UPDATE", "DELETE"):
        rule = f"CREATE TRIGGER {name}_no_{deed.lower()} BEFORE {deed} ON {name}"
        _after(table, "sqlite", f"{rule} BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END")
    # REPLACE deletes without a delete trigger; so a row may only be the next one of its run.
    _after(
        table,
        "sqlite",
        f"CREATE TRIGGER {name}_next BEFORE INSERT ON {name} "  # noqa: S608 - the name is a table's of ours
        f"WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM {name} WHERE run_id = NEW.run_id) "
        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END",
    )
    _after(
        table,
        "postgresql",
        f"CREATE OR REPLACE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{name} is append-only'; END $$",
    )
    _after(
        table,
        "postgresql",
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()",
    )


@contextmanager
def within(engine: Engine) -> Iterator[Connection]:
    """One writing transaction; when the block has ended well, the disk has it.

    Raises `RefusedToRun`, cause "journal", for whatever the database could not do.
    """
    with _named(engine), engine.begin() as connection:
        yield connection


@contextmanager
def viewing(engine: Engine) -> Iterator[Connection]:
    """One consistent view, beside which others may write; raises as `within` does."""
    with _named(engine), engine.connect().execution_options(**{_VIEWING: True}) as connection:
        yield connection


@contextmanager
def outside(engine: Engine) -> Iterator[Connection]:
    """No transaction, for what a database does to its own files; raises as `within` does."""
    plain = {_OUTSIDE: True, "isolation_level": "AUTOCOMMIT"}
    with _named(engine), engine.connect().execution_options(**plain) as connection:
        yield connection


@contextmanager
def _named(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        what = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".?")
        raise RefusedToRun(
            f"{engine.url.render_as_string()} cannot be used: {what}. Nothing is sent without it. "
            "Put it right, then run the same command again.",
            "journal",
        ) from error


def _place(url: str | None, file: Path) -> URL:
    if url is None:
        return URL.create("sqlite", database=str(file))
    try:
        return make_url(url)
    except ArgumentError as error:
        raise UsageError("The journal's URL cannot be read. It looks like postgresql://user@host/database.") from error


def _limits(place: URL) -> dict[str, object]:
    """What the driver is told: to wait for nothing without a limit, and durable commits."""
    if place.get_backend_name() != "postgresql":
        return {"check_same_thread": False}
    settings = f"-c synchronous_commit=on -c lock_timeout={WAIT_S_MAX}s -c statement_timeout={WAIT_S_MAX}s"
    return {"connect_timeout": WAIT_S_MAX, "options": settings}


def _settle_in(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Durable settings for each connection; transactions are begun by us, not guessed by the driver."""
    connection.isolation_level = None
    until_s = time.monotonic() + WAIT_S_MAX
    for setting in _SQLITE_SETTINGS:
        while True:
            try:
                connection.execute(setting)
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                    raise
                time.sleep(WAL_RETRY_S)


def _begin(connection: Connection) -> None:
    """A writer takes its place at once, so that it cannot find out at its commit that it came second."""
    options = connection.get_execution_options()
    if not options.get(_OUTSIDE):
        connection.exec_driver_sql("BEGIN" if options.get(_VIEWING) else "BEGIN IMMEDIATE")


def _after(table: Table, dialect: str, statement: str) -> None:
    """Run the statement behind the making of the table."""
    ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its return untyped
    event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
