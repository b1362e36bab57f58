"""Who works on a run in a database that machines share: one holder, for as long as there are signs of life from it."""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import BigInteger, Column, Connection, MetaData, Row, String, Table, text

from domain.errors import RefusedToRun
from domain.plan import utc_text
from journal.run_folder import RunFolder

Seen: TypeAlias = Row[tuple[str, str, str, str, int, int, int]]  # token, who, place, ground; seconds: since, beat, age

LEASE_S = 900  # without a sign of life, after which another machine may go on with the run
BEAT_S = 60.0  # between two signs of life
SURE_S = 600.0  # after a sign of life, for which a holder need not ask: well before anybody else may have the run

# The database's own clock: two machines' clocks differ.
_NOW = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS bigint)",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a run, and where: `place` is this machine and the run's folder on it, which no copy of it shares."""

    who: str
    place: str
    ground: str


def holder_of(folder: RunFolder, who: str) -> Holder:
    """This machine's; where a folder was copied to a machine that calls itself the same, the ground is another."""
    place = f"{socket.gethostname()}:{folder.path.resolve()}"
    try:
        kept = folder.path.stat()
    except OSError:
        return Holder(who, place, "")
    return Holder(who, place, f"{kept.st_ino}:{_born_ns(folder)}")


def lease_table(tables: MetaData) -> Table:
    """The table of holders, for whoever makes the tables."""
    return Table(
        "holders",
        tables,
        Column("run_id", String(120), primary_key=True),
        Column("token", String(32), nullable=False),
        Column("who", String(200), nullable=False),
        Column("place", String(400), nullable=False),
        Column("ground", String(60), nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("beat", BigInteger, nullable=False),
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of this machine, in seconds, by a clock that is set and by one that only runs on."""

    set_s: float
    run_s: float

    @classmethod
    def now(cls) -> Moment:
        """The present one; where there is such a clock, time that the machine slept through counts."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return cls(time.time(), time.monotonic() if boot is None else time.clock_gettime(boot))

    def to(self, later: Moment) -> float:
        """Seconds to a later one, by whichever clock says more: a machine that was suspended may not know of it."""
        return max(later.set_s - self.set_s, later.run_s - self.run_s)


class Lease:
    """The right to work on one run; renewed within the transaction of each record, so that losing it loses that too.

    At the same place, the kernel's lock on the folder proves that an earlier holder is dead.
    """

    def __init__(self, run_id: str, run: str, holder: Holder) -> None:
        self._mine = {
            "run_id": run_id,
            "token": secrets.token_hex(16),
            "who": holder.who,
            "place": holder.place,
            "ground": holder.ground,
        }
        self._run = run
        self._held = False
        self._sure_from: Moment | None = None

    def renew(self, connection: Connection) -> Moment:
        """Take or renew the lease; the instant for `beaten` once that is committed.

        Raises `RefusedToRun`, cause "locked", where another place has it.
        """
        asked_at = Moment.now()
        now = _NOW[connection.engine.dialect.name]
        beat = text(f"UPDATE holders SET beat = {now} WHERE run_id = :run_id AND token = :token")  # noqa: S608 - constants
        if connection.execute(beat, self._mine).rowcount == 1:
            return asked_at
        if self._held:
            raise self._lost(self._seen(connection, now))
        while not self._taken(connection, now):
            self._make_way(connection, now)
        self._held = True
        return asked_at

    def beaten(self, asked_at: Moment | None) -> None:
        """Count from that instant on: the database has the sign of life that was given then. None: it has none."""
        self._sure_from = asked_at

    def give_back(self, connection: Connection) -> None:
        """Let another place go on at once."""
        connection.execute(text("DELETE FROM holders WHERE run_id = :run_id AND token = :token"), self._mine)

    @property
    def held(self) -> bool:
        """Whether it was ever taken."""
        return self._held

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have the run yet, so that the database need not be asked."""
        return self._sure_from is not None and 0 <= self._sure_from.to(Moment.now()) < SURE_S

    def _taken(self, connection: Connection, now: str) -> bool:
        """Take what nobody has; of several that want it at once, the database lets one."""
        take = text(
            "INSERT INTO holders (run_id, token, who, place, ground, since, beat) "  # noqa: S608 - constants
            f"VALUES (:run_id, :token, :who, :place, :ground, {now}, {now}) ON CONFLICT (run_id) DO NOTHING"
        )
        return connection.execute(take, self._mine).rowcount == 1

    def _make_way(self, connection: Connection, now: str) -> None:
        """Remove a dead holder, and not the one who did so first or the one who just came to life."""
        other = self._seen(connection, now)
        if other is None:
            return
        here = (other.place, other.ground) == (self._mine["place"], self._mine["ground"])
        if not here and int(other.age) < LEASE_S:
            raise self._refused(f"{self._run} is being worked on by {_told(other)}.")
        drop = text("DELETE FROM holders WHERE run_id = :run_id AND token = :theirs AND beat = :beat")
        connection.execute(drop, self._mine | {"theirs": other.token, "beat": other.beat})

    def _seen(self, connection: Connection, now: str) -> Seen | None:
        """Who has it, read now."""
        query = text(
            f"SELECT token, who, place, ground, since, beat, {now} - beat AS age FROM holders WHERE run_id = :run_id"  # noqa: S608 - constants
        )
        return connection.execute(query, self._mine).first()

    def _lost(self, other: Seen | None) -> RefusedToRun:
        now = "It has ended since" if other is None else f"It is being worked on by {_told(other)}"
        return self._refused(f"Another machine took {self._run} over from here, where no sign of life had come. {now}.")

    def _refused(self, why: str) -> RefusedToRun:
        return RefusedToRun(
            f"{why} Nothing more is sent from here. Two processes never work on one run: wait for that one, or, "
            f"where it is dead, until {LEASE_S // 60} minutes have passed.",
            "locked",
        )


def _told(other: Seen) -> str:
    """A holder in words."""
    since = utc_text(datetime.fromtimestamp(int(other.since), UTC))
    return f"{other.who} at {other.place}, since {since}; its last sign of life was {other.age} s ago"


def _born_ns(folder: RunFolder) -> int:
    """When the run's own file came to lie on this disk, which a copy cannot have in common with it."""
    try:
        return folder.facts.stat().st_ctime_ns
    except OSError:
        return 0
