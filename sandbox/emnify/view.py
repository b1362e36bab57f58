"""SIMs as reads see them: any page of a million at once, found by counts per block of ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

BLOCK_IDS = 1_024  # so a page skips fewer rows than this

COLUMNS = (
    "s.id, s.iccid, s.check_digit, s.eid, s.imsi, s.msisdn, s.workspace_id, s.status, s.production_date, "
    "s.activation_date, e.id, e.name, e.imei"
)
FROM = "sim s LEFT JOIN endpoint e ON e.id = s.endpoint_id"


class Sim(NamedTuple):
    """One SIM with its endpoint; `iccid` is the 19-digit body as a number."""

    id: int
    iccid: int
    check_digit: str
    eid: str | None
    imsi: str
    msisdn: str
    workspace_id: int
    status: int
    production_date: str
    activation_date: str | None
    endpoint_id: int | None
    endpoint_name: str | None
    imei: str | None


class View:
    """Reads over one connection; live, or a snapshot's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._blocks: dict[int, dict[int, int]] = {}  # workspace → block → SIMs in it
        self._version: int | None = None
        self._shifts: list[tuple[int, int, int]] = []  # source, target, SIM: of the transaction under way

    def total(self, workspace_id: int) -> int:
        """SIMs in a workspace."""
        return sum(self._counted().get(workspace_id, {}).values())

    def page(self, workspace_id: int, skip: int, take: int) -> list[Sim]:
        """`take` SIMs of a workspace in the order of their ids, after the first `skip`."""
        start = 0
        for block, count in sorted(self._counted().get(workspace_id, {}).items()):
            if skip < count:
                start = block * BLOCK_IDS
                break
            skip -= count
        where = "s.workspace_id = ? AND s.id >= ? ORDER BY s.id LIMIT ? OFFSET ?"
        return self._select(where, (workspace_id, start, take, skip))

    def filtered(self, where: str, values: Sequence[str | int], order: str, skip: int, take: int) -> list[Sim]:
        """Any other list, by scanning; `where` and `order` are built from closed words."""
        return self._select(f"{where} ORDER BY {order} LIMIT ? OFFSET ?", (*values, take, skip))

    def count(self, where: str, values: Sequence[str | int]) -> int:
        """SIMs that a filter lets through."""
        query = f"SELECT count(*) FROM {FROM} WHERE {where}"  # noqa: S608 - built from closed words only
        return int(self.connection.execute(query, tuple(values)).fetchone()[0])

    def sim(self, sim_id: int) -> Sim | None:
        """One SIM wherever it is."""
        return next(iter(self._select("s.id = ?", (sim_id,))), None)

    def by_ids(self, ids: Iterable[int]) -> list[Sim]:
        """The SIMs among these ids, in the order of ids."""
        return self._among("s.id", ids)

    def by_bodies(self, bodies: Iterable[int]) -> list[Sim]:
        """The SIMs among these ICCID bodies, in the order of bodies."""
        return self._among("s.iccid", bodies)

    def between(self, start: int, end: int) -> list[Sim]:
        """The SIMs whose bodies lie in the range, both ends included."""
        return self._select("s.iccid BETWEEN ? AND ? ORDER BY s.iccid", (start, end))

    def shift(self, source: int, target: int, sim_id: int) -> None:
        """Note that the transaction under way moves a SIM."""
        self._shifts.append((source, target, sim_id))

    def settle(self, *, kept: bool) -> None:
        """Bring the block counts up to date after a transaction, if it was kept."""
        if kept and self._version is not None:
            for source, target, sim_id in self._shifts:
                block = sim_id // BLOCK_IDS
                self._blocks[source][block] -= 1
                joined = self._blocks.setdefault(target, {})
                joined[block] = joined.get(block, 0) + 1
        self._shifts.clear()

    def _among(self, column: str, numbers: Iterable[int]) -> list[Sim]:
        wanted = ",".join(str(int(number)) for number in numbers)
        return self._select(f"{column} IN ({wanted}) ORDER BY {column}", ())

    def _select(self, where: str, values: Sequence[str | int]) -> list[Sim]:
        query = f"SELECT {COLUMNS} FROM {FROM} WHERE {where}"  # noqa: S608 - built from closed words only
        return [Sim._make(row) for row in self.connection.execute(query, tuple(values))]

    def _counted(self) -> dict[int, dict[int, int]]:
        """Block counts; taken anew when another connection has written to the file."""
        version = int(self.connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version:
            self._blocks = {}
            counts = f"SELECT workspace_id, id / {BLOCK_IDS}, count(*) FROM sim GROUP BY 1, 2"  # noqa: S608 - a constant
            for workspace_id, block, count in self.connection.execute(counts):
                self._blocks.setdefault(workspace_id, {})[block] = count
            self._version = version
        return self._blocks
