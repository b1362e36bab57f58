"""Soracom's books filled: operators, credentials, groups, SIMs, and what hangs on them."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid

import polars as pl

from sandbox.mix import Mix
from sandbox.soracom.accounts import ALL, EAST, FRESH, USER, Way
from sandbox.soracom.furnishing import group_rows
from sandbox.soracom.population import SECOND_PROFILE, SECOND_SUBSCRIPTION, sims_of
from sandbox.soracom.words import Kind, Status

DAY_S = 86_400
MADE_S = 1_705_309_200  # operators and groups: 2024-01-15, 9:00 UTC
HANDLED_EVERY, MAPPED_EVERY = 40, 60  # SIMs with an event handler, with a port mapping
HANDLED_MAX, MAPPED_MAX = 300, 200
MAPPED_S = 30 * DAY_S  # how long a port mapping lasts


def fill(books: sqlite3.Connection, sims: int, seed: int, mix: Mix, now_s: float) -> None:
    """Fill empty tables; port mappings are told from `now_s`."""
    _operators(books, seed)
    population = sims_of(sims, seed, mix)
    _insert(books, "sim", population.drop("profiled", "other"))
    _further(books, population)
    _history(books, population)
    _under_way(books, population, now_s)
    if mix is not Mix.PLAIN:
        _handlers(books, population)
        _mappings(books, population, now_s)


def _operators(books: sqlite3.Connection, seed: int) -> None:
    secret = hashlib.sha256(f"simferry sandbox soracom {seed}".encode()).hexdigest()
    books.executemany("INSERT INTO meta VALUES (?, ?)", [("token_secret", secret), ("token_generation", "0")])
    for one in ALL:
        books.execute(
            "INSERT INTO operator VALUES (?, ?, ?, ?, ?, ?, ?)",
            (one.id, one.operator, one.name, one.email, one.coverage, one.payment, MADE_S),
        )
        books.executemany(
            "INSERT INTO credential VALUES (?, ?, ?, ?, ?)",
            [
                (Way.PASSWORD, one.email, one.password, "", one.id),
                (Way.AUTH_KEY, one.auth_key_id, one.auth_key, "", one.id),
                (Way.USER, f"{one.operator} {USER}", one.user_password, USER, one.id),
            ],
        )
    books.executemany(
        "INSERT INTO sim_group VALUES (?, ?, ?, ?, ?)",
        [
            (number, _uuid(f"group {number}"), operator_id, name, MADE_S * 1000)
            for number, operator_id, name in group_rows()
        ],
    )


def _further(books: sqlite3.Connection, population: pl.DataFrame) -> None:
    """A second subscription in the profile in use, or a second profile with an IMSI of its own."""
    place = (pl.col("id") - 1).cast(pl.String).str.zfill(9)
    second, other = SECOND_SUBSCRIPTION, SECOND_PROFILE

    def numbered(of_second: str, of_other: str) -> pl.Expr:
        return pl.when("profiled").then(pl.lit(of_other)).otherwise(pl.lit(of_second))

    rows = population.filter(pl.col("further") == 1).select(
        sim_id="id",
        place=pl.lit(1),
        iccid=pl.when("profiled").then("other").otherwise("profile_iccid"),
        imsi=numbered(second.imsi_prefix, other.imsi_prefix) + place,
        msisdn=numbered(second.msisdn_prefix, other.msisdn_prefix) + place,
        subscription=numbered(second.subscription, other.subscription),
        status=pl.lit("ready"),
        is_primary=pl.col("profiled").cast(pl.Int64),
    )
    _insert(books, "further", rows)


def _history(books: sqlite3.Connection, population: pl.DataFrame) -> None:
    """How those that are ready no more came to that."""
    rows = population.filter(pl.col("status") != Status.READY).select(
        sim_id="id",
        at_s=pl.col("created_ms") // 1000 + 30 * DAY_S,
        status="status",
        group_id="group_id",
        speed_class="speed_class",
    )
    _insert(books, "history", rows)


def _under_way(books: sqlite3.Connection, population: pl.DataFrame, now_s: float) -> None:
    """An offer of the east's that stays open, to an operator that cannot accept."""
    ids = population.filter(pl.col("status") == Status.TRANSFERRING)["id"].to_list()
    if not ids:
        return
    token = f"{_uuid('offer')}-{_uuid('offer, more')}"
    offer = (1, token, EAST.id, FRESH.id, len(ids), now_s, "open", 0)
    books.execute(
        "INSERT INTO token (id, token, source_id, target_id, sims, issued_s, state, request)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        offer,
    )
    books.executemany("INSERT INTO token_sim VALUES (1, ?, 'open')", [(one,) for one in ids])
    books.executemany("UPDATE sim SET token_id = 1 WHERE id = ?", [(one,) for one in ids])


def _handlers(books: sqlite3.Connection, population: pl.DataFrame) -> None:
    """One of each operator, one of each group, and some of SIMs, by SIM id and by IMSI."""
    rows: list[tuple[int, str, str, int | None, int | None]] = [
        (one.id, "Monthly charge", "operator", None, None) for one in ALL
    ]
    rows += [(operator_id, f"{name}: quiet", "group", group_id, None) for group_id, operator_id, name in group_rows()]
    handled = population.filter(pl.col("status") != Status.TERMINATED, pl.col("type") != Kind.VIRTUAL)
    handled = handled.gather_every(HANDLED_EVERY).head(HANDLED_MAX)
    for number, (sim_id, operator_id) in enumerate(handled.select("id", "operator_id").iter_rows()):
        target = "imsi" if number % 2 else "sim"
        rows.append((operator_id, f"Traffic alarm {number:03d}", target, None, sim_id))
    books.executemany(
        "INSERT INTO handler (handler_id, operator_id, name, status, target, group_id, sim_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (_uuid(f"handler {number}"), operator_id, name, "inactive" if number % 7 == 6 else "active", *whom)
            for number, (operator_id, name, *whom) in enumerate(rows)
        ],
    )


def _mappings(books: sqlite3.Connection, population: pl.DataFrame, now_s: float) -> None:
    mapped = population.filter(pl.col("status").is_in([Status.READY, Status.ACTIVE]), pl.col("type") != Kind.VIRTUAL)
    mapped = mapped.gather_every(MAPPED_EVERY).head(MAPPED_MAX)
    created_ms = int(now_s * 1000)
    books.executemany(
        "INSERT INTO mapping (operator_id, sim_id, ip, port, inner_port, created_ms, expires_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                operator_id,
                sim_id,
                f"192.0.2.{number % 250 + 1}",
                20_000 + number,
                22,
                created_ms,
                created_ms + MAPPED_S * 1000,
            )
            for number, (operator_id, sim_id) in enumerate(mapped.select("operator_id", "id").iter_rows())
        ],
    )


def _insert(books: sqlite3.Connection, table: str, rows: pl.DataFrame) -> None:
    places = ", ".join("?" * rows.width)
    query = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({places})"  # noqa: S608 - our own names
    books.executemany(query, rows.iter_rows())


def _uuid(what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{what}.simferry.example"))
