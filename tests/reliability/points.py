"""Points at which a process may die, counted: records, files and requests, each before and after it has come to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.events import Event
from journal import files
from journal.book import Journal
from tests.fakes import Killed


@dataclass
class Points:
    """Counted from 1; at number `dies_at` the process dies, and does nothing any more until `reborn`."""

    dies_at: int = 0
    passed: int = 0
    dead: bool = False
    died_of: str = ""

    def at(self, what: str) -> None:
        if self.dead:
            raise Killed(what)
        self.passed += 1
        if self.passed == self.dies_at:
            self.dead, self.died_of = True, what
            raise Killed(what)

    def reborn(self) -> None:
        """Another process works on from here, and lives."""
        self.dead = False


@contextmanager
def counting(points: Points) -> Iterator[None]:
    """Let every record and every file of simferry's pass two points."""
    write, appearing = Journal.write, files._appearing

    def written(journal: Journal, *events: Event) -> None:
        kinds = " ".join(dict.fromkeys(str(event.kind) for event in events))
        points.at(f"before the record {kinds}")
        write(journal, *events)
        points.at(f"after the record {kinds}")

    @contextmanager
    def appeared(path: Path) -> Iterator[Path]:
        points.at(f"before the file {path.name}")
        with appearing(path) as hidden:
            yield hidden
        points.at(f"after the file {path.name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "write", written)
        patch.setattr(files, "_appearing", appeared)
        yield
