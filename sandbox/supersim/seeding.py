"""Super SIM's books filled: accounts, credentials, fleets, SIMs, and what those on air have used and been billed."""

from __future__ import annotations

import hashlib
import sqlite3

import polars as pl

from sandbox.mix import Mix
from sandbox.supersim.accounts import ALL
from sandbox.supersim.population import FIRST_SIM_ID, fleet_rows, sims_of
from sandbox.supersim.words import PERIOD_S, Status, Vendor

DAY_S, HOUR_S = 86_400, 3_600
FLEETS_MADE = "2024-01-15T09:00:00Z"
USED_DAYS = 3  # days with usage in a SIM's current period
LAPSED_DAYS = 40  # since the last period of some inactive SIMs ended


def fill(books: sqlite3.Connection, sims: int, seed: int, mix: Mix, now_s: float) -> None:
    """Fill empty tables; periods and usage are told from `now_s`, so that some run and some have ended."""
    _accounts(books, seed)
    population = sims_of(sims, seed, mix)
    _insert(books, "sim", population)
    used = population.filter(pl.col("status") != Status.NEW).with_columns(place=pl.col("id") - FIRST_SIM_ID)
    midnight_s = int(now_s) // DAY_S * DAY_S
    used = used.with_columns(
        start_s=pl.when((pl.col("status") == Status.INACTIVE) & (pl.col("place") % 2 == 1))
        .then(midnight_s - LAPSED_DAYS * DAY_S - PERIOD_S)
        .otherwise(midnight_s - (pl.col("place") % 24 + USED_DAYS + 1) * DAY_S)
    )
    _billing(books, used)
    _usage(books, used)
    _settings(books, used)
    _on_air(books, used)


def _accounts(books: sqlite3.Connection, seed: int) -> None:
    secret = hashlib.sha256(f"simferry sandbox super sim {seed}".encode()).hexdigest()
    books.executemany("INSERT INTO meta VALUES (?, ?)", [("token_secret", secret), ("token_generation", "0")])
    ids = {account.name: account.id for account in ALL}
    for account in ALL:
        parent_id = None if account.parent is None else ids[account.parent]
        books.execute(
            "INSERT INTO account VALUES (?, ?, ?, ?, ?)",
            (account.id, account.sid, account.name, parent_id, account.inactive_moves),
        )
        books.executemany(
            "INSERT INTO credential VALUES (?, ?, ?, ?)",
            [
                (Vendor.TWILIO, account.sid, account.auth_token, account.id),
                (Vendor.TWILIO, account.key_sid, account.key_secret, account.id),
                (Vendor.KORE, account.client_id, account.client_secret, account.id),
            ],
        )
    books.executemany("INSERT INTO fleet VALUES (?, ?, ?, ?, ?, ?)", [(*row, FLEETS_MADE) for row in fleet_rows()])


def _billing(books: sqlite3.Connection, used: pl.DataFrame) -> None:
    kind = pl.when(pl.col("status") == Status.READY).then(pl.lit("ready")).otherwise(pl.lit("active"))
    rows = used.select(
        sim_id="id", account_id="account_id", kind=kind, start_s="start_s", end_s=pl.col("start_s") + PERIOD_S
    )
    _insert(books, "period", rows)


def _usage(books: sqlite3.Connection, used: pl.DataFrame) -> None:
    """A few days at the beginning of the current period; what is ready has not used much."""
    amount = pl.when(pl.col("status") == Status.READY).then(10_000).otherwise(400_000 + pl.col("place") % 97 * 30_000)
    for day in range(USED_DAYS):
        rows = used.select(
            sim_id="id",
            account_id="account_id",
            fleet_id="fleet_id",
            hour_s=(pl.col("start_s") + day * DAY_S + pl.col("place") % 24 * HOUR_S).cast(pl.Int64),
            upload=amount // 4,
            download=amount,
        )
        _insert(books, "usage", rows)


def _settings(books: sqlite3.Connection, used: pl.DataFrame) -> None:
    rows = used.filter(pl.col("place") % 3 == 0).select(
        sim_id="id",
        status=pl.when(pl.col("place") % 9 == 0).then(pl.lit("failed")).otherwise(pl.lit("successful")),
        package=pl.lit("base-settings"),
        created="created",
        completed="created",
    )
    _insert(books, "settings_update", rows)


def _on_air(books: sqlite3.Connection, used: pl.DataFrame) -> None:
    """Since when the ready ones are ready, and the updates that never end."""
    ready = used.filter(pl.col("status") == Status.READY)
    books.executemany("UPDATE sim SET ready_since_s = ? WHERE id = ?", ready.select("start_s", "id").iter_rows())
    scheduled = used.filter(pl.col("status") == Status.SCHEDULED)
    books.executemany(
        "INSERT INTO pending (sim_id, request, was_status, status, fleet_id, vendor, asker_id)"
        " VALUES (?, 0, 'inactive', 'active', ?, 'twilio', ?)",
        scheduled.select("id", "fleet_id", "account_id").iter_rows(),
    )


def _insert(books: sqlite3.Connection, table: str, rows: pl.DataFrame) -> None:
    places = ", ".join("?" * rows.width)
    query = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({places})"  # noqa: S608 - our own names
    books.executemany(query, rows.iter_rows())
