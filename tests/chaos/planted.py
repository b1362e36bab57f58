"""Books of small worlds, into which a test plants what must never be: a SIM moved, moved twice, or gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from chaos.verdict import Books
from chaos.worlds import WORLDS
from domain.inventory import Side
from domain.outcomes import OUTCOMES, Outcome
from domain.plan import STEPS
from sandbox import accounts
from sandbox.homes import FILES
from sandbox.soracom.accounts import FAR, WEST
from sandbox.supersim.accounts import SOUTH, STRANGER
from sandbox.world import Mix, Name, seed

SIMS = 6
AT = "2026-11-21T10:00:00.000Z"


@dataclass(frozen=True)
class Ledger:
    """How a provider's books name a SIM, its account and a change of it."""

    key: str
    account: str
    change: str
    target: int | str
    elsewhere: int | str


LEDGERS = {
    Name.EMNIFY: Ledger("printf('%019d', iccid)", "workspace_id", "workspace", accounts.TARGET, accounts.BRAZIL),
    Name.SUPERSIM: Ledger("substr(iccid, 1, 19)", "account_id", "account", SOUTH.id, STRANGER.id),
    Name.SORACOM: Ledger("sim_id", "operator_id", "operator", WEST.id, FAR.id),
}


@dataclass(frozen=True)
class Planted:
    """A world of six SIMs in the source, a plan that moves all of them but the last, and what a report says of them."""

    name: Name
    home: Path
    books: Books

    @property
    def keys(self) -> list[str]:
        return self.books.before["key"].sort().to_list()[:SIMS]

    def move(self, key: str, *, elsewhere: bool = False) -> None:
        """Let a SIM change its account in the books."""
        ledger = LEDGERS[self.name]
        account = ledger.elsewhere if elsewhere else ledger.target
        self._do(f"UPDATE sim SET {ledger.account} = ?, moves = moves + 1 WHERE {ledger.key} = ?", account, key)
        self._do(
            "INSERT INTO ledger (at, sim_id, change, was, became, request)"
            f" SELECT ?, id, '{ledger.change}', 'a', 'b', 7 FROM sim WHERE {ledger.key} = ?",
            AT,
            key,
        )

    def turn(self, key: str, *statuses: str, request: int = 7) -> None:
        """Let a request lead a SIM of Super SIM from one status to the next, in the books alone."""
        for was, became in pairwise(statuses):
            self._do(
                "INSERT INTO ledger (at, sim_id, change, was, became, request)"
                " SELECT ?, id, 'status', ?, ?, ? FROM sim WHERE substr(iccid, 1, 19) = ?",
                *(AT, was, became, request, key),
            )

    def remove(self, key: str) -> None:
        """Let a SIM be nobody's, and nowhere."""
        self._do(f"DELETE FROM sim WHERE {LEDGERS[self.name].key} = ?", key)

    @property
    def steps(self) -> pl.DataFrame:
        """STEPS: all move but the last, which is refused."""
        rows = [
            {"line": at, "row": at + 2, "step": "MOVE" if at < SIMS - 1 else "REFUSE", "key": key, "parts": "move"}
            for at, key in enumerate(self.keys)
        ]
        return pl.DataFrame(rows, schema=STEPS)

    def told(self, outcome_of: Callable[[str], Outcome]) -> pl.DataFrame:
        """OUTCOMES that say so, with the sights that the books bear out."""
        now = {row["key"]: row for row in self.books.read().iter_rows(named=True)}
        rows = [self._line(at, key, now.get(key), outcome_of(key)) for at, key in enumerate(self.keys)]
        return pl.DataFrame(rows, schema=OUTCOMES)

    def _line(self, at: int, key: str, seen: dict[str, str] | None, outcome: Outcome) -> dict[str, object]:
        there = seen if seen is not None and seen["side"] != Side.NOWHERE else dict[str, str]()
        sight = {f"{name}_now": there.get(name) for name in ("side", "status", "device", "group")}
        sight["side_now"] = there.get("side", str(Side.NOWHERE))
        said = Outcome.REFUSED if at == SIMS - 1 else outcome
        return {"line": at, "row": at + 2, "outcome": str(said), "iccid": key, "part": "move", **sight}

    def _do(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.home / FILES[self.name])) as books, books:
            assert books.execute(statement, values).rowcount == 1


def planted(name: Name, home: Path) -> Planted:
    """The world, in which nothing has happened yet."""
    seed(home, 30, provider=name, mix=Mix.PLAIN)
    return Planted(name, home, WORLDS[name].opened(home))
