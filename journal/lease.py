"""Who writes to a run in a database that machines share: one holder, until its sign of life is too old."""

from __future__ import annotations

import secrets

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, text

from domain.errors import RefusedToRun

LEASE_S = 900  # without a record, after which another machine may go on with the run

# The database's own clock: two machines' clocks differ.
_NOW = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS bigint)",
}


def lease_table(tables: MetaData) -> Table:
    """The table of leases, for whoever makes the tables."""
    return Table(
        "leases",
        tables,
        Column("run_id", String(120), primary_key=True),
        Column("token", String(32), nullable=False),
        Column("place", String(400), nullable=False),
        Column("beat", BigInteger, nullable=False),
    )


class Lease:
    """The right to write to one run; renewed within the transaction of each record, so that losing it loses that too.

    `place` is this machine and the run's folder on it: there, the kernel's lock proves that an earlier holder is dead.
    """

    def __init__(self, run_id: str, run: str, place: str) -> None:
        self._mine = {"run_id": run_id, "token": secrets.token_hex(16), "place": place}
        self._run = run
        self._held = False

    def renew(self, connection: Connection) -> None:
        """Take or renew the lease; raises `RefusedToRun`, cause "locked", where another place has it."""
        now = _NOW[connection.engine.dialect.name]
        beat = text(f"UPDATE leases SET beat = {now} WHERE run_id = :run_id AND token = :token")  # noqa: S608 - constants
        if connection.execute(beat, self._mine).rowcount == 1:
            return
        query = text(f"SELECT place, {now} - beat FROM leases WHERE run_id = :run_id")  # noqa: S608 - constants
        other = connection.execute(query, self._mine).first()
        if other is not None:
            place, age_s = str(other[0]), int(other[1])
            if self._held or (place != self._mine["place"] and age_s < LEASE_S):
                raise self._refused(place, age_s)
            connection.execute(text("DELETE FROM leases WHERE run_id = :run_id"), self._mine)
        take = text(f"INSERT INTO leases (run_id, token, place, beat) VALUES (:run_id, :token, :place, {now})")  # noqa: S608 - constants
        connection.execute(take, self._mine)
        self._held = True

    def give_back(self, connection: Connection) -> None:
        """Let another place go on at once."""
        connection.execute(text("DELETE FROM leases WHERE run_id = :run_id AND token = :token"), self._mine)

    @property
    def held(self) -> bool:
        """Whether it was ever taken."""
        return self._held

    def _refused(self, place: str, age_s: int) -> RefusedToRun:
        return RefusedToRun(
            f"{self._run} is being worked on at {place}; its last sign of life was {age_s} s ago. Two processes never "
            f"work on one run: wait for that one, or, where it is dead, until {LEASE_S // 60} minutes have passed.",
            "locked",
        )
