"""The world a sandbox starts with: workspaces, people, devices and any number of SIMs, the same for the same seed."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import polars as pl

from domain.errors import UsageError
from sandbox import accounts
from sandbox.emnify import books as emnify_books
from sandbox.emnify.words import ADMINISTRATOR, OBSERVER
from sandbox.mix import Mix
from sandbox.population import endpoints, sims_of
from sandbox.supersim import books as supersim_books
from sandbox.supersim import seeding as supersim_seeding
from sandbox.table import PROVIDERS, Name

SIMS_DEFAULT = 2_000
SIMS_MAX = 10_000_000
TRUSTED_UNTIL_S = 4_102_444_800.0  # the year 2100: a seeded device stays trusted

WORKSPACES = (  # id, name, enterprise, brazilian
    (accounts.SOURCE, "Acme Pilot", 1, 0),
    (accounts.TARGET, "Acme Fleet", 1, 0),
    (accounts.OBSERVED, "Someone else", 1, 0),
    (accounts.BRAZIL, "Acme Brasil", 1, 1),
    (accounts.SMALL_OFFICE, "Acme Trial", 0, 0),
    (accounts.OUT_OF_SIGHT, "Stranger", 1, 0),
)


def seed(
    home: Path,
    sims: int = SIMS_DEFAULT,
    seed: int = 1,
    mix: Mix = Mix.REALISTIC,
    *,
    provider: Name = Name.EMNIFY,
    now_s: float | None = None,
) -> Path:
    """The provider's books, made new in `home`; raises `UsageError` where there are some already or `sims` is too many.

    A `PLAIN` mix puts every SIM into the source such that it can move as it is: at emnify suspended and without a
    device, at Super SIM new and without a fleet. `now_s` (default: the machine's clock) is what Super SIM's billing
    periods and usage are told from.
    """
    file = home / PROVIDERS[provider].file
    if file.exists():
        raise UsageError(f"{file} is there already. Choose another --home, or remove that folder.")
    if not 1 <= sims <= SIMS_MAX:
        raise UsageError(f"A sandbox holds 1 to {SIMS_MAX:,} SIMs. Give another --sims.")
    home.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as books:
        books.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        match provider:
            case Name.EMNIFY:
                books.executescript(emnify_books.TABLES)
                books.execute("BEGIN")
                _people(books, seed)
                population = sims_of(sims, seed, mix)
                _insert(books, "sim", population.drop("imei"))
                _insert(books, "endpoint", endpoints(population))
                books.execute("COMMIT")
                books.executescript(emnify_books.INDEXES)
            case Name.SUPERSIM:
                books.executescript(supersim_books.TABLES)
                books.execute("BEGIN")
                supersim_seeding.fill(books, sims, seed, mix, time.time() if now_s is None else now_s)
                books.execute("COMMIT")
                books.executescript(supersim_books.INDEXES)
        books.executescript("ANALYZE;")
    unfinished.rename(file)
    return file


def _people(books: sqlite3.Connection, seed: int) -> None:
    secret = hashlib.sha256(f"simferry sandbox {seed}".encode()).hexdigest()
    books.executemany("INSERT INTO meta VALUES (?, ?)", [("token_secret", secret), ("token_generation", "0")])
    books.executemany("INSERT INTO workspace VALUES (?, ?, ?, ?)", WORKSPACES)
    for person in accounts.PEOPLE:
        books.execute(
            "INSERT INTO account (id, username, password_sha1, mfa_code, home_id) VALUES (?, ?, ?, ?, ?)",
            (person.user_id, person.username, person.password_sha1, person.mfa_code, person.home),
        )
        roles = [(place, ADMINISTRATOR) for place in person.administers]
        roles += [(place, OBSERVER) for place in person.observes]
        books.executemany("INSERT INTO role VALUES (?, ?, ?)", [(person.user_id, *role) for role in roles])
        books.execute("INSERT INTO ticket VALUES (?, 'refresh', ?, NULL, NULL)", (person.refresh_token, person.user_id))
        if person.fingerprint is not None:
            books.execute("INSERT INTO trusted VALUES (?, ?, ?)", (person.user_id, person.fingerprint, TRUSTED_UNTIL_S))
    books.executemany(
        "INSERT INTO ticket VALUES (?, 'application', NULL, ?, NULL)", accounts.APPLICATION_TOKENS.items()
    )


def _insert(books: sqlite3.Connection, table: str, rows: pl.DataFrame) -> None:
    places = ", ".join("?" * rows.width)
    query = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({places})"  # noqa: S608 - our own names
    books.executemany(query, rows.iter_rows())


__all__ = ["SIMS_DEFAULT", "SIMS_MAX", "WORKSPACES", "Mix", "Name", "seed"]
