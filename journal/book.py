"""The journal: records that are only ever added, each durable when `write` returns and chained to the one before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, String, Table, Text, select

from domain.errors import RefusedToRun
from domain.events import Event
from journal import lease as leases
from journal import records
from journal.beats import Beats
from journal.database import append_only, connect, prepare, viewing, within
from journal.files import write_text
from journal.lease import Lease, holder_of, lease_table
from journal.records import Cipher, Row
from journal.run_folder import RunFolder

READ_ROWS = 200  # records fetched at once

_TABLES = MetaData()
_RECORDS = Table(
    "journal",
    _TABLES,
    Column("run_id", String(120), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("run", String(120), nullable=False),
    Column("at", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("part", String(40), nullable=False),
    Column("sims", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("hash", String(64), nullable=False),
)
append_only(_RECORDS)
lease_table(_TABLES)
_OF_ROW = tuple(_RECORDS.c[name] for name in Row.__slots__)


class Journal:
    """One run's records; several threads may write, one process at a time (another one's record ends this one)."""

    def __init__(
        self, engine: Engine, folder: RunFolder, file: Path | None, lease: Lease | None, cipher: Cipher | None
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._run_id = folder.identity
        self._files = () if file is None else (file, Path(f"{file}-wal"))
        self._lease = lease
        self._beats = Beats(self._beat, leases.BEAT_S)
        self._cipher = cipher
        self._turn = Lock()
        self._seq, self._hash = self._end()
        self._inodes = self._on_disk()
        self._broken = False

    @classmethod
    def open(cls, url: str | None, folder: RunFolder, cipher: Cipher | None = None, who: str = "somebody") -> Self:
        """The run's journal: in its folder, or in the database at `url`; made where there is none yet.

        `who` is told to others who want to work on the run meanwhile, in a database that machines share. Raises
        `RefusedToRun`, cause "journal", where the run has begun and its records are not here.
        """
        folder.refuse_if_forgotten()
        engine = connect(url, folder.journal)
        prepare(engine, _TABLES)
        file = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
        lease = None if url is None else Lease(folder.identity, folder.name, holder_of(folder, who))
        return cls(engine, folder, file, lease, cipher)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the run and of the database."""
        self._beats.end()
        try:
            if self._lease is not None and self._lease.held and not self._broken:
                with within(self._engine) as connection:
                    self._lease.give_back(connection)
        finally:
            self._engine.dispose()

    def hold(self) -> None:
        """Work on the run, or go on with that: to be called before whatever is sent for it.

        Raises `RefusedToRun`, cause "locked", where another machine has the run, be it that it took it over from here
        because no sign of life came. In the run's own folder the kernel's lock sees to that, and nothing is asked.
        """
        if self._lease is None or self._lease.is_sure:
            return
        with self._turn:
            if self._broken:
                raise self._refused("an earlier record could not be kept")
            with within(self._engine) as connection:
                asked_at = self._lease.renew(connection)
            self._lease.beaten(asked_at)
        self._beats.begin()

    def write(self, *events: Event) -> None:
        """Append the records, all or none; they are on the disk when this returns.

        Raises `RefusedToRun`, cause "journal" where they could not be kept, cause "locked" where another process has
        written to this run meanwhile. After that nothing more is written from here: what the disk has is uncertain.
        """
        with self._turn:
            if self._broken:
                raise self._refused("an earlier record could not be kept")
            if not events:
                return
            self._broken = True
            rows = records.rows_of(events, self._seq, self._hash, self._cipher)
            self._append(rows)
            if self._on_disk() != self._inodes:
                raise self._refused("its file was removed or replaced while it was in use")
            if self._seq == 0:
                self._mark_begun()
            self._seq, self._hash = rows[-1].seq, rows[-1].hash
            self._broken = False

    def events(self) -> Iterator[Event]:
        """All records in the order they were written; raises `RefusedToRun` where one was altered or is missing."""
        return (self._event(row) for row in self._rows())

    def headlines(self) -> Iterator[Event]:
        """All records without their SIMs, for what is known of the run as a whole; raises as `events` does."""
        return (self._event(replace(row, sims=b"")) for row in self._rows())

    def _rows(self) -> Iterator[Row]:
        """All rows, each proven to follow the one before it."""
        query = select(*_OF_ROW).where(_RECORDS.c.run_id == self._run_id).order_by(_RECORDS.c.seq)
        before = records.first_hash(self._run_id)
        with viewing(self._engine) as connection:
            for seq, values in enumerate(connection.execution_options(yield_per=READ_ROWS).execute(query), 1):
                row = Row(*values)
                if row.seq != seq or row.hash != row.hash_after(before):
                    raise self._refused(f"record {seq} was altered, or one before it is missing")
                before = row.hash
                yield row

    def _event(self, row: Row) -> Event:
        try:
            return records.event_of(row, self._cipher)
        except (ValueError, TypeError) as error:
            raise self._refused(f"record {row.seq} was written by another version: {error}") from error

    def _append(self, rows: Sequence[Row]) -> None:
        """Insert the rows behind the last one that this process knows of, or raise."""
        head = {"run_id": self._run_id, "run": self._folder.name}
        with within(self._engine) as connection:
            asked_at = self._lease.renew(connection) if self._lease is not None else None
            last = select(_RECORDS.c.seq).where(_RECORDS.c.run_id == self._run_id).order_by(_RECORDS.c.seq.desc())
            if (connection.execute(last.limit(1)).scalar() or 0) != self._seq:
                raise RefusedToRun(
                    f"Another process is executing {self._folder.name}: its record came first. "
                    f"Nothing more is sent from here. See:  simferry status {self._folder.name}",
                    "locked",
                )
            connection.execute(
                _RECORDS.insert(), [head | {name: getattr(row, name) for name in Row.__slots__} for row in rows]
            )
        if self._lease is not None and asked_at is not None:
            self._lease.beaten(asked_at)
            self._beats.begin()

    def _beat(self) -> None:
        """Give a sign of life; where none can be given, whoever sends next asks for the reason."""
        with self._turn:
            if self._lease is None or self._broken:
                return
            try:
                with within(self._engine) as connection:
                    asked_at = self._lease.renew(connection)
            except RefusedToRun:
                self._lease.beaten(None)
            else:
                self._lease.beaten(asked_at)

    def _end(self) -> tuple[int, str]:
        """Number and hash of the last record."""
        query = select(_RECORDS.c.seq, _RECORDS.c.hash).where(_RECORDS.c.run_id == self._run_id)
        with viewing(self._engine) as connection:
            last = connection.execute(query.order_by(_RECORDS.c.seq.desc()).limit(1)).first()
        if last is None and self._folder.begun.exists():
            raise self._refused(f"the run has begun (in {self._began_at()}), and none of its records are here")
        if last is not None and not self._folder.begun.exists():
            self._mark_begun()  # the process died between its first record and the mark
        return (last.seq, last.hash) if last else (0, records.first_hash(self._run_id))

    def _mark_begun(self) -> None:
        """Leave a mark beside the journal, so that an empty journal is never mistaken for a run not begun."""
        place = self._engine.url.set(password=None, query={}).render_as_string()
        write_text(
            self._folder.begun, json.dumps({"journal": place if not self._files else self._files[0].name}) + "\n"
        )

    def _began_at(self) -> str:
        """Where the first record was written to."""
        mark = self._folder.begun.read_text(encoding="utf-8").strip()
        try:
            return str(json.loads(mark)["journal"])
        except (ValueError, KeyError, TypeError):
            return mark  # whatever somebody made of it

    def _on_disk(self) -> tuple[int, ...]:
        """What tells the journal's files from others put in their place; a commit into a removed file says nothing."""
        try:
            return tuple(file.stat().st_ino for file in self._files)
        except OSError as error:
            raise self._refused(f"its file is gone ({error.strerror})") from error

    def _refused(self, what: str) -> RefusedToRun:
        return RefusedToRun(
            f"The journal of {self._folder.name} cannot be trusted: {what}. Nothing is sent. Restore it from a backup. "
            "Without one this run is over; a new plan from its list leaves what has arrived (docs/runbook.md).",
            "journal",
        )
