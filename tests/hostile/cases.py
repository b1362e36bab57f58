"""A hostile or broken file: its name, what it is, how it is made, and what `check` has to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.identifiers import printed

MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Refused:
    """The file is no list: exit code 2 and a message with this phrase."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The file is a list: so many rows, so many of them rejected, and findings of these codes, each so many times."""

    rows: int
    rejected: int = 0
    findings: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus; `name` is its file name too, and `make` writes it at the path it is given."""

    name: str
    what: str
    make: Callable[[Path], object]
    expected: Refused | Judged
    options: tuple[str, ...] = ()


def of_bytes(name: str, what: str, content: bytes, expected: Refused | Judged, *options: str) -> Case:
    return Case(name, what, lambda path: path.write_bytes(content), expected, options)


def of_text(name: str, what: str, content: str, expected: Refused | Judged, *options: str) -> Case:
    return of_bytes(name, what, content.encode(), expected, *options)


def iccid(number: int) -> str:
    """The ICCID (20 digits) of that number."""
    return printed(f"89883030000{number:08}")


ONE = iccid(1)
FIVE = tuple(iccid(number) for number in range(1, 6))


def rejected(code: str, count: int = 1, rows: int | None = None) -> Judged:
    """A list of which `count` rows are rejected, each for this one reason."""
    return Judged(count if rows is None else rows, count, ((code, count),))
