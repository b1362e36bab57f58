"""The safety guards of simferry, each with how it is taken out and the tests that go red when it is.

They are kept in `chaos/mutations`, one file per room:

    [[guard]]
    name = "a word for it"
    keeps = "What it keeps from happening."
    file = "room/file.py"
    old = '''its text, which is in that file once'''
    new = '''what stands there without it'''
    tests = ["tests/room/test_file.py::test_that_goes_red"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "mutations"


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: `old` is in `file` exactly once, and `tests` (pytest's names of them) need it there."""

    name: str
    keeps: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def places(self, tree: Path) -> int:
        """How often its text is found in its file of the tree."""
        path = tree / self.file
        return path.read_text(encoding="utf-8").count(self.old) if path.is_file() else 0


def guards() -> tuple[Guard, ...]:
    """All guards, room by room; raises ValueError where one is not written as it should be."""
    found = tuple(guard for file in sorted(FOLDER.glob("*.toml")) for guard in _of(file))
    names = [guard.name for guard in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"several guards are called {', '.join(twice)}")
    return found


def _of(file: Path) -> Iterator[Guard]:
    """The guards of one file, in its order."""
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["guard"]:
        try:
            guard = Guard(**{**entry, "tests": tuple(entry["tests"])})
        except (KeyError, TypeError) as error:
            raise ValueError(f"{file.name}: a guard is not whole: {entry.get('name', entry)} ({error})") from error
        if guard.old == guard.new or not guard.tests:
            raise ValueError(f"{file.name}: {guard.name} changes nothing, or has no test")
        yield guard
