"""Which live run holds which SIM: a SIM is in at most one (the journals stay the truth; this is their index)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, text

from domain.errors import RefusedToRun
from domain.plan import utc_text
from journal.database import connect, prepare, viewing, within
from journal.files import PRIVATE_FOLDER
from journal.run_folder import RunFolder

CLAIMS_FILE = "claims.sqlite"
KEYS_AT_ONCE = 100_000  # per statement
RUNS_SHOWN = 3

_TABLES = MetaData()
_KEY = String(80).with_variant(String(80, collation="C"), "postgresql")  # digits need no language to be compared
Table(
    "claims",
    _TABLES,
    Column("provider", String(40), primary_key=True),
    Column("key", _KEY, primary_key=True),
    Column("run_id", String(120), nullable=False),
    Column("run", String(120), nullable=False),
    Column("by", String(200), nullable=False),
    Column("since", String(40), nullable=False),
)

# One line per SIM that a live run holds; `since` is ISO 8601, UTC.
CLAIMED = pl.Schema({"key": pl.String(), "run": pl.String(), "by": pl.String(), "since": pl.String()})

# A list of keys as one parameter: a statement per 100,000 SIMs instead of one per SIM.
_KEYS = {
    "sqlite": "SELECT value FROM json_each(:keys)",
    "postgresql": "SELECT value FROM json_array_elements_text(CAST(:keys AS json)) AS listed(value)",
}
_TAKEN = (
    "SELECT run, by, min(since), count(*) FROM claims WHERE provider = :provider AND run_id <> :run_id "
    "AND key IN ({keys}) GROUP BY run_id, run, by"
)
_TAKE = (
    "INSERT INTO claims (provider, key, run_id, run, by, since) "
    "SELECT :provider, value, :run_id, :run, :by, :since FROM ({keys}) AS asked WHERE true ON CONFLICT DO NOTHING"
)
# SIMs come back as one list per run and claim, which is ten times as fast as a row per SIM.
_HELD = {
    dialect: f"SELECT {gathered}, run, by, since FROM claims WHERE provider = :provider "  # noqa: S608 - constants
    "GROUP BY run_id, run, by, since"
    for dialect, gathered in {"sqlite": "json_group_array(key)", "postgresql": "CAST(json_agg(key) AS text)"}.items()
}
_FREE = "DELETE FROM claims WHERE provider = :provider AND run_id = :run_id"
_LOCK = {"sqlite": "SELECT 1", "postgresql": "LOCK TABLE claims IN EXCLUSIVE MODE"}


class Claims:
    """The claims of all runs under one home, or in one shared database."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        self._home = home
        self._keys = _KEYS[engine.dialect.name]

    @classmethod
    def open(cls, url: str | None, home: Path) -> Self:
        """The claims of the runs in `home`: kept there, or in the database at `url`."""
        if url is None:
            home.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        engine = connect(url, home / CLAIMS_FILE)
        prepare(engine, _TABLES)
        return cls(engine, home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def claim(self, provider: str, run: str, keys: Iterable[str], by: str, now: datetime) -> None:
        """Hold these SIMs for the run, all or none; repeating it is harmless.

        Raises `RefusedToRun`, cause "held", naming the runs that hold some of them, how many, who and since when.
        """
        parts = list(_parts(keys))
        whose = self._whose(provider, run)
        with within(self._engine) as connection:
            connection.exec_driver_sql(_LOCK[self._engine.dialect.name])
            self._refuse_if_taken(connection, parts, whose)
            for part in parts:
                values = whose | {"run": run, "by": by, "since": utc_text(now), "keys": part}
                connection.execute(text(_TAKE.format(keys=self._keys)), values)

    def release(self, provider: str, run: str, keys: Iterable[str] | None = None) -> None:
        """Let go of these SIMs of the run; None: of all."""
        whose = self._whose(provider, run)
        with within(self._engine) as connection:
            if keys is None:
                connection.execute(text(_FREE), whose)
                return
            for part in _parts(keys):
                connection.execute(text(f"{_FREE} AND key IN ({self._keys})"), whose | {"keys": part})

    def held(self, provider: str) -> pl.DataFrame:
        """SIMs (CLAIMED) that live runs hold at this provider."""
        with viewing(self._engine) as connection:
            groups = connection.execute(text(_HELD[self._engine.dialect.name]), {"provider": provider})
            parts = [_frame(*group) for group in groups]
        return pl.concat(parts) if parts else pl.DataFrame(schema=CLAIMED)

    def _refuse_if_taken(self, connection: Connection, parts: Sequence[str], whose: dict[str, str]) -> None:
        """Raise, naming the other runs, where one holds any of the SIMs."""
        taken: dict[tuple[str, str], tuple[int, str]] = {}
        for part in parts:
            for run, by, since, count in connection.execute(
                text(_TAKEN.format(keys=self._keys)), whose | {"keys": part}
            ):
                sims, first = taken.get((run, by), (0, since))
                taken[run, by] = (sims + count, min(first, since))
        if not taken:
            return
        words = [f"{run} ({sims:,} SIMs, {by}, since {since})" for (run, by), (sims, since) in taken.items()]
        more = f" and {len(words) - RUNS_SHOWN} more" if len(words) > RUNS_SHOWN else ""
        raise RefusedToRun(
            f"{sum(sims for sims, _ in taken.values()):,} SIMs of this plan are in another live run: "
            f"{'; '.join(words[:RUNS_SHOWN])}{more}. Nothing was sent. Finish that run, then make a new plan.",
            "held",
        )

    def _whose(self, provider: str, run: str) -> dict[str, str]:
        return {"provider": provider, "run_id": RunFolder(self._home / run).identity}


def _parts(keys: Iterable[str]) -> Iterator[str]:
    """The keys as JSON lists of bounded length."""
    each = iter(keys)
    while part := list(islice(each, KEYS_AT_ONCE)):
        yield json.dumps(part, separators=(",", ":"))


def _frame(keys: str, run: str, by: str, since: str) -> pl.DataFrame:
    """The SIMs that one run claimed at one time."""
    same = {"run": run, "by": by, "since": since}
    return pl.DataFrame({"key": json.loads(keys)}, schema={"key": pl.String()}).with_columns(
        pl.lit(value).alias(name) for name, value in same.items()
    )
