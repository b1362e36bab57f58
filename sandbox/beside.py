"""A provider's books read beside the API, over a connection of its own for each question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sandbox.books import BUSY_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Beside:
    """Reads only; the sandbox may be running or not."""

    file: Path

    def frame(self, query: str, schema: pl.Schema) -> pl.DataFrame:
        """The rows of a query as a frame of that schema."""
        with self.reading() as books:
            return pl.DataFrame(books.execute(query).fetchall(), schema=schema, orient="row")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that cannot write."""
        with closing(sqlite3.connect(self.file, timeout=BUSY_TIMEOUT_S)) as books:
            books.execute("PRAGMA query_only=ON")
            yield books
