"""Rows of one run taken out of a database, and the database then rid of what deleted rows leave in it.

It is the one exception to "records are only ever added", made by a person who names the run: the triggers that refuse
to change a record are taken off and put back within the transaction that deletes, so that nobody else finds them off.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, inspect, text

from domain.errors import RefusedToRun
from journal.database import connect, outside, viewing, within

TABLES = ("claims", "journal", "holders")  # each has a column run_id
_NAMED = ("claims", "journal")  # and those a column run
_GUARDS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables").bindparams(
    bindparam("tables", expanding=True)
)


def erase_rows(url: str | None, file: Path, run_id: str) -> int:
    """Take every row of the run out of the database at `url`, or out of the SQLite file; how many there were.

    An SQLite file holds none of their bytes afterwards, nor those of rows deleted earlier; PostgreSQL frees them for
    reuse, and its log and backups may have them for longer. Repeating it is harmless. Raises `RefusedToRun`, cause
    "journal", where that cannot be done, also since another process is reading.
    """
    if url is None and not file.exists():
        return 0
    engine = connect(url, file)
    try:
        rows = _delete(engine, run_id)
        _scrub(engine)
    finally:
        engine.dispose()
    return rows


def runs_named(url: str | None, file: Path, name: str) -> dict[str, str]:
    """Identities of the runs that have rows there under that name, or as that identity, and the name of each."""
    if url is None and not file.exists():
        return {}
    engine = connect(url, file)
    try:
        found: dict[str, str] = {}
        with viewing(engine) as connection:
            for table in _there(connection, _NAMED):
                query = text(f"SELECT DISTINCT run_id, run FROM {table} WHERE run = :name OR run_id = :name")  # noqa: S608 - constants
                found |= {str(run_id): str(run) for run_id, run in connection.execute(query, {"name": name})}
        return found
    finally:
        engine.dispose()


def _there(connection: Connection, tables: tuple[str, ...]) -> list[str]:
    """Those of the tables that the database has."""
    known = set(inspect(connection).get_table_names())
    return [table for table in tables if table in known]


def _delete(engine: Engine, run_id: str) -> int:
    is_sqlite = engine.dialect.name == "sqlite"
    rows = 0
    with within(engine) as connection:
        tables = _there(connection, TABLES)
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        guards = connection.execute(_GUARDS, {"tables": tables}).all() if is_sqlite else []
        for name, _ in guards:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        for table in tables:
            if not is_sqlite:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            deleted = connection.execute(text(f"DELETE FROM {table} WHERE run_id = :run_id"), {"run_id": run_id})  # noqa: S608 - constants
            rows += deleted.rowcount
            if not is_sqlite:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for _, made in guards:
            connection.exec_driver_sql(made)
    return rows


def _scrub(engine: Engine) -> None:
    """Let go of the bytes of deleted rows: SQLite's free pages and log, PostgreSQL's dead rows."""
    with outside(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
            for table in _there(connection, TABLES):
                connection.exec_driver_sql(f"VACUUM {table}")
            return
        connection.exec_driver_sql("VACUUM")
        (busy,) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalars()
    if busy:
        raise RefusedToRun(
            f"{engine.url.render_as_string()} is being read by another process, and so its log still has bytes of what "
            "was deleted. Run the same command again when that process has ended.",
            "journal",
        )
