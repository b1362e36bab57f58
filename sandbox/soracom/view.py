"""SIMs and their further numbers as reads see them, a page at a time behind the last one's end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

COLUMNS = (
    "id, sim_id, operator_id, status, type, module_type, profile_iccid, imsi, msisdn, subscription, serial, further,"
    " group_id, tags, imei_lock, expiry_ms, expiry_action, speed_class, protected, imei, online, created_ms,"
    " modified_ms, token_id"
)
FURTHER_COLUMNS = "sim_id, place, iccid, imsi, msisdn, subscription, status, is_primary"
VALUES_MAX = 1_000  # that go into one query


class Sim(NamedTuple):
    """One SIM; `imsi` is the primary one of the profile in use, `tags` an object as JSON, `token_id` where it goes."""

    id: int
    sim_id: str
    operator_id: int
    status: str
    type: str
    module_type: str
    profile_iccid: str
    imsi: str
    msisdn: str
    subscription: str
    serial: str | None
    further: int
    group_id: int | None
    tags: str
    imei_lock: str | None
    expiry_ms: int | None
    expiry_action: str | None
    speed_class: str
    protected: int
    imei: str | None
    online: int
    created_ms: int
    modified_ms: int
    token_id: int | None


class Further(NamedTuple):
    """A further IMSI of a SIM, in the profile in use or another; `is_primary` within its own profile."""

    sim_id: int
    place: int
    iccid: str
    imsi: str
    msisdn: str
    subscription: str
    status: str
    is_primary: int


class View:
    """Reads over one connection; live, or a snapshot's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def settle(self, *, kept: bool) -> None:
        """Nothing is remembered between reads."""

    def by_sim_id(self, sim_id: str) -> Sim | None:
        """One SIM wherever it is."""
        return self._one("sim_id = ?", sim_id)

    def by_id(self, number: int) -> Sim:
        """A SIM that is known to be there."""
        found = self._one("id = ?", number)
        assert found is not None
        return found

    def by_imsi(self, imsi: str) -> tuple[Sim, Further | None] | None:
        """The SIM of an IMSI; with the further number that it is, where it is one."""
        if sim := self._one("imsi = ?", imsi):
            return sim, None
        query = f"SELECT {FURTHER_COLUMNS} FROM further WHERE imsi = ?"  # noqa: S608 - a constant
        row = self.connection.execute(query, (imsi,)).fetchone()
        return None if row is None else (self.by_id(row[0]), Further._make(row))

    def by_imsis(self, imsis: Sequence[str]) -> dict[str, Sim]:
        """SIMs by those of these IMSIs that are primary."""
        found: dict[str, Sim] = {}
        for start in range(0, len(imsis), VALUES_MAX):
            some = imsis[start : start + VALUES_MAX]
            query = f"SELECT {COLUMNS} FROM sim WHERE imsi IN ({', '.join('?' * len(some))})"  # noqa: S608 - constants
            found |= {sim.imsi: sim for sim in map(Sim._make, self.connection.execute(query, some))}
        return found

    def of_token(self, token_id: int) -> list[Sim]:
        """The SIMs that are under way by a transfer token."""
        query = f"SELECT {COLUMNS} FROM sim WHERE token_id = ? ORDER BY id"  # noqa: S608 - a constant
        return [Sim._make(row) for row in self.connection.execute(query, (token_id,))]

    def further(self, sim: Sim) -> list[Further]:
        """The SIM's further numbers."""
        if not sim.further:
            return []
        query = f"SELECT {FURTHER_COLUMNS} FROM further WHERE sim_id = ? ORDER BY place"  # noqa: S608 - a constant
        return [Further._make(row) for row in self.connection.execute(query, (sim.id,))]

    def page(self, where: str, values: Sequence[str | int], take: int) -> list[Sim]:
        """Up to `take` SIMs in the order of ids; `where` is built from closed words."""
        query = f"SELECT {COLUMNS} FROM sim WHERE {where} ORDER BY id LIMIT ?"  # noqa: S608 - likewise
        return [Sim._make(row) for row in self.connection.execute(query, (*values, take))]

    def _one(self, where: str, value: str | int) -> Sim | None:
        query = f"SELECT {COLUMNS} FROM sim WHERE {where}"  # noqa: S608 - built from closed words only
        row = self.connection.execute(query, (value,)).fetchone()
        return None if row is None else Sim._make(row)
