"""emnify's books filled: workspaces, people, SIMs and devices."""

from __future__ import annotations

import hashlib
import sqlite3

import polars as pl

from sandbox import accounts
from sandbox.emnify.words import ADMINISTRATOR, OBSERVER
from sandbox.mix import Mix
from sandbox.population import endpoints, sims_of

TRUSTED_UNTIL_S = 4_102_444_800.0  # the year 2100: a seeded device stays trusted

WORKSPACES = (  # id, name, enterprise, brazilian
    (accounts.SOURCE, "Acme Pilot", 1, 0),
    (accounts.TARGET, "Acme Fleet", 1, 0),
    (accounts.OBSERVED, "Someone else", 1, 0),
    (accounts.BRAZIL, "Acme Brasil", 1, 1),
    (accounts.SMALL_OFFICE, "Acme Trial", 0, 0),
    (accounts.OUT_OF_SIGHT, "Stranger", 1, 0),
)


def fill(books: sqlite3.Connection, sims: int, seed: int, mix: Mix, now_s: float) -> None:  # noqa: ARG001 - no time in it
    """Fill empty tables."""
    _people(books, seed)
    population = sims_of(sims, seed, mix)
    _insert(books, "sim", population.drop("imei"))
    _insert(books, "endpoint", endpoints(population))


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
