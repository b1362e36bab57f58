"""A PostgreSQL database for the journal of each trial: made, taken away, given back, removed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

MAINTENANCE = "postgres"  # the database that every server has


@contextmanager
def journal_database(server: str | None) -> Iterator[str | None]:
    """The URL of a new database at a server, gone after the block; no server: each journal in its run's folder."""
    if server is None:
        yield None
        return
    name = f"chaos_{secrets.token_hex(8)}"
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    _told(url, f"CREATE DATABASE {name}")
    try:
        yield url
    finally:
        _told(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def taken_away(url: str) -> Iterator[None]:
    """Within the block nobody can connect to the database any more, and those that were connected are not."""
    name = make_url(url).database
    gone = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - our own name
    _told(url, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false", gone)
    try:
        yield
    finally:
        _told(url, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def _told(url: str, *statements: str) -> None:
    """Say so to the server of the database."""
    engine = create_engine(make_url(url).set(database=MAINTENANCE), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()
