"""SIMs as reads see them, a page at a time behind the last one's end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

COLUMNS = "id, sid, iccid, account_id, unique_name, status, fleet_id, created, updated, ready_since_s, ready_bytes"


class Sim(NamedTuple):
    """One SIM; `account_id` is None while it is not registered."""

    id: int
    sid: str
    iccid: str
    account_id: int | None
    unique_name: str | None
    status: str
    fleet_id: int | None
    created: str
    updated: str
    ready_since_s: float | None
    ready_bytes: int


class View:
    """Reads over one connection; live, or a snapshot's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def settle(self, *, kept: bool) -> None:
        """Nothing is remembered between reads."""

    def by_sid(self, sid: str) -> Sim | None:
        """One SIM wherever it is."""
        return self._one("sid = ?", (sid,))

    def by_iccid(self, iccid: str) -> Sim | None:
        """One SIM wherever it is."""
        return self._one("iccid = ?", (iccid,))

    def by_id(self, sim_id: int) -> Sim:
        """A SIM that is known to be there."""
        found = self._one("id = ?", (sim_id,))
        assert found is not None
        return found

    def by_name(self, account_id: int, name: str) -> Sim | None:
        """The account's SIM of that unique name."""
        return self._one("account_id = ? AND unique_name = ?", (account_id, name))

    def page(self, where: str, values: Sequence[str | int], after_id: int, take: int, *, backwards: bool) -> list[Sim]:
        """Up to `take` SIMs behind (or before) an id, in the order of ids; `where` is built from closed words."""
        past, order = ("id < ?", "DESC") if backwards else ("id > ?", "ASC")
        query = f"SELECT {COLUMNS} FROM sim WHERE {where} AND {past} ORDER BY id {order} LIMIT ?"  # noqa: S608 - likewise
        found = [Sim._make(row) for row in self.connection.execute(query, (*values, after_id, take))]
        return found[::-1] if backwards else found

    def _one(self, where: str, values: Sequence[str | int]) -> Sim | None:
        query = f"SELECT {COLUMNS} FROM sim WHERE {where}"  # noqa: S608 - built from closed words only
        row = self.connection.execute(query, tuple(values)).fetchone()
        return None if row is None else Sim._make(row)
