"""A provider's truth in SQLite: the one place that changes it, and views of it that may lag behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

BUSY_TIMEOUT_S = 10.0


class Seen(Protocol):
    """Reads over one connection."""

    connection: sqlite3.Connection

    def settle(self, *, kept: bool) -> None:
        """Bring up to date whatever it remembers, after a transaction."""
        ...


V = TypeVar("V", bound=Seen)


def connect(file: Path) -> sqlite3.Connection:
    """A connection without implicit transactions, in WAL mode."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


@dataclass(slots=True)
class Lagging(Generic[V]):
    """A view of the past, held open by a read transaction of its own."""

    view: V
    until_s: float


class Books(Generic[V]):
    """The live connection and, while reads lag, a snapshot beside it."""

    def __init__(self, file: Path, view: Callable[[sqlite3.Connection], V]) -> None:
        self.file = file
        self.live = connect(file)
        self.view = view(self.live)
        self._view_of = view
        self._lagging: Lagging[V] | None = None

    @contextmanager
    def change(self, *, keep: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; everything in it is undone on any exception, and where `keep` is false."""
        self.live.execute("BEGIN IMMEDIATE")
        try:
            yield self.live
        except BaseException:
            self.live.execute("ROLLBACK")
            self.view.settle(kept=False)
            raise
        self.live.execute("COMMIT" if keep else "ROLLBACK")
        self.view.settle(kept=keep)

    def hold(self, now_s: float, until_s: float) -> None:
        """Let reads see the state of now until then; a lag that is still on goes on, with its older state."""
        self.reading(now_s)
        if self._lagging is not None:
            self._lagging.until_s = max(until_s, self._lagging.until_s)
            return
        snapshot = connect(self.file)
        snapshot.execute("BEGIN")
        snapshot.execute("SELECT count(*) FROM meta").fetchone()  # a snapshot begins with its first read
        self._lagging = Lagging(self._view_of(snapshot), until_s)

    def reading(self, now_s: float) -> V:
        """What reads see now."""
        if self._lagging is not None and self._lagging.until_s <= now_s:
            self._lagging.view.connection.close()
            self._lagging = None
        return self.view if self._lagging is None else self._lagging.view

    def close(self) -> None:
        """Close what is open."""
        if self._lagging is not None:
            self._lagging.view.connection.close()
        self.live.close()
