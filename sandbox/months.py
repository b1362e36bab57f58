"""A month passes: SIMs are activated, suspended, sold, bought, moved, lost and swapped, and what happened is kept.

What happens to which SIM is the same for the same seed. The books may be served meanwhile or not.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import polars as pl

from sandbox.books import BUSY_TIMEOUT_S
from sandbox.emnify.words import Status as Emnify
from sandbox.homes import FILES, Name, books_in
from sandbox.soracom.accounts import EAST, FRESH, WEST
from sandbox.soracom.words import Status as Soracom
from sandbox.supersim.accounts import NORTH, SOUTH, STRANGER
from sandbox.supersim.words import Status as SuperSim

FILE = "happenings.jsonl"
EACH = 3  # SIMs that each thing happens to, at each provider and month


class What(StrEnum):
    """What can happen to a SIM that nobody here has asked for."""

    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    MOVED = "moved"  # from one of our accounts to the other
    SOLD = "sold"  # to strangers: it is in none of our accounts any more
    BOUGHT = "bought"  # from strangers
    LOST = "lost"  # terminated, or gone with whoever has it
    SWAPPED = "swapped"  # two SIMs have each other's IMSI


# One line per SIM that something happened to; `was` and `became` are statuses, accounts or IMSIs.
HAPPENINGS = pl.Schema(
    {
        "month": pl.Int64,
        "provider": pl.String,
        "what": pl.String,
        "iccid": pl.String,
        "account": pl.String,
        "was": pl.String,
        "became": pl.String,
    }
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of HAPPENINGS."""

    month: int
    provider: str
    what: str
    iccid: str
    account: str
    was: str
    became: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """A provider's books as months change them: our two accounts and a stranger's by id, and words for statuses."""

    account: str  # the column
    iccid: str  # an expression
    plain: str  # which SIMs can go elsewhere without more ado
    ours: tuple[tuple[int, str], tuple[int, str]]
    stranger: int
    quiet: str | int  # a status from which SIMs are activated
    active: str | int
    off: str | int
    gone: str | int | None  # a status for good
    has_imsi: bool = True
    on_air: str = "1"  # which SIMs may be activated


_SCENES = {
    Name.EMNIFY: _Scene(
        account="workspace_id",
        iccid="printf('%019d', iccid)",
        plain="endpoint_id IS NULL",
        ours=((4001, "pilot"), (4002, "fleet")),
        stranger=4006,
        quiet=int(Emnify.ISSUED),
        active=int(Emnify.ACTIVATED),
        off=int(Emnify.SUSPENDED),
        gone=int(Emnify.DELETED),
    ),
    Name.SUPERSIM: _Scene(
        account="account_id",
        iccid="iccid",
        plain="fleet_id IS NULL AND unique_name IS NULL",
        ours=((NORTH.id, NORTH.name), (SOUTH.id, SOUTH.name)),
        stranger=STRANGER.id,
        quiet=SuperSim.INACTIVE,
        active=SuperSim.ACTIVE,
        off=SuperSim.INACTIVE,
        gone=None,
        has_imsi=False,
        on_air="fleet_id IS NOT NULL",
    ),
    Name.SORACOM: _Scene(
        account="operator_id",
        iccid="sim_id",
        plain="group_id IS NULL AND token_id IS NULL",
        ours=((EAST.id, EAST.name), (WEST.id, WEST.name)),
        stranger=FRESH.id,
        quiet=Soracom.READY,
        active=Soracom.ACTIVE,
        off=Soracom.SUSPENDED,
        gone=Soracom.TERMINATED,
    ),
}


def pass_month(home: Path, seed: int = 1, each: int = EACH) -> pl.DataFrame:
    """Let a month pass in the books of a home; what happened (HAPPENINGS), which is kept beside them as well."""
    month = int(happenings(home)["month"].max() or 0) + 1  # type: ignore[arg-type] # a number, or nothing
    lines: list[Happening] = []
    for name in books_in(home):
        with closing(sqlite3.connect(home / FILES[name], isolation_level=None, timeout=BUSY_TIMEOUT_S)) as books:
            books.execute("BEGIN IMMEDIATE")
            chance = random.Random(f"{seed}/{month}/{name}")  # noqa: S311 - a story, no secret
            lines += _Month(books, name, _SCENES[name], month, chance, each).pass_by()
            books.execute("COMMIT")
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(line)) + "\n" for line in lines)
    return happenings(home).filter(pl.col("month") == month)


def happenings(home: Path) -> pl.DataFrame:
    """All that has happened beside the API (HAPPENINGS), the oldest first."""
    file = home / FILE
    if not file.exists():
        return pl.DataFrame(schema=HAPPENINGS)
    return pl.DataFrame([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()], HAPPENINGS)


@dataclass(slots=True)
class _Month:
    """One month at one provider; nothing happens to a SIM twice in it."""

    books: sqlite3.Connection
    name: Name
    scene: _Scene
    month: int
    chance: random.Random
    each: int

    def pass_by(self) -> Iterator[Happening]:
        taken: set[int] = set()
        scene, ((here, home), (there, _)) = self.scene, self.scene.ours
        yield from self._status(What.ACTIVATED, scene.quiet, scene.active, taken, scene.on_air)
        yield from self._status(What.SUSPENDED, scene.active, scene.off, taken)
        if scene.gone is not None:
            yield from self._status(What.LOST, scene.off, scene.gone, taken)
        yield from self._account(What.MOVED, here, there, taken)
        yield from self._account(What.SOLD, here, scene.stranger, taken)
        yield from self._account(What.BOUGHT, scene.stranger, here, taken)
        if scene.has_imsi:
            yield from self._swap(home, here, taken)

    def _status(
        self, what: What, was: str | int, became: str | int, taken: set[int], which: str = "1"
    ) -> Iterator[Happening]:
        here, home = self.scene.ours[0]
        for sim, iccid, _ in self._some(here, f"status = ? AND {which}", (was,), taken):
            self.books.execute("UPDATE sim SET status = ? WHERE id = ?", (became, sim))
            yield self._told(what, sim, iccid, home, "status", str(was), str(became))

    def _account(self, what: What, source: int, target: int, taken: set[int]) -> Iterator[Happening]:
        names = dict(self.scene.ours)
        gone = -1 if self.scene.gone is None else self.scene.gone
        where = f"{self.scene.plain} AND status IN (?, ?, 'new') AND status <> ?"
        for sim, iccid, _ in self._some(source, where, (self.scene.quiet, self.scene.off, gone), taken):
            self.books.execute(f"UPDATE sim SET {self.scene.account} = ? WHERE id = ?", (target, sim))  # noqa: S608 - closed words
            was, became = names.get(source, "stranger"), names.get(target, "stranger")
            yield self._told(what, sim, iccid, names.get(source, names.get(target, "")), "account", was, became)

    def _swap(self, home: str, here: int, taken: set[int]) -> Iterator[Happening]:
        pair = list(self._some(here, "1", (), taken))[:2]
        if len(pair) == 2:
            (one, first, ours), (other, second, theirs) = pair
            self.books.execute("UPDATE sim SET imsi = ? WHERE id = ?", (f"-{ours}", one))
            self.books.execute("UPDATE sim SET imsi = ? WHERE id = ?", (ours, other))
            self.books.execute("UPDATE sim SET imsi = ? WHERE id = ?", (theirs, one))
            yield self._told(What.SWAPPED, one, first, home, "imsi", ours, theirs)
            yield self._told(What.SWAPPED, other, second, home, "imsi", theirs, ours)

    def _some(
        self, account: int, where: str, values: tuple[str | int, ...], taken: set[int]
    ) -> Iterator[tuple[int, str, str]]:
        imsi = "imsi" if self.scene.has_imsi else "''"
        query = f"SELECT id, {self.scene.iccid}, {imsi} FROM sim WHERE {self.scene.account} = ? AND {where} ORDER BY id"  # noqa: S608 - closed words
        found = [row for row in self.books.execute(query, (account, *values)) if row[0] not in taken]
        for sim, iccid, number in self.chance.sample(found, min(self.each, len(found))):
            taken.add(int(sim))
            yield int(sim), str(iccid), str(number)

    def _told(self, what: What, sim: int, iccid: str, account: str, change: str, was: str, became: str) -> Happening:
        """The happening, and a line of the provider's own ledger; no request has asked for it."""
        at = datetime.now(UTC).isoformat()
        self.books.execute(
            "INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, ?, ?, ?, 0)",
            (at, sim, change, was, became),
        )
        return Happening(self.month, str(self.name), str(what), iccid, account, was, became)
