"""The providers that there are: what their books are called, and how each is opened and seeded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.emnify import books as emnify_books
from sandbox.emnify.limits import Limits
from sandbox.emnify.provider import Emnify
from sandbox.emnify.service import Service as EmnifyService
from sandbox.emnify.view import View as EmnifyView
from sandbox.provider import Provider
from sandbox.supersim import books as supersim_books
from sandbox.supersim.provider import SuperSim
from sandbox.supersim.service import Service as SuperSimService
from sandbox.supersim.view import View as SuperSimView


class Name(StrEnum):
    """The providers, as command lines and accounts files call them."""

    EMNIFY = "emnify"
    SUPERSIM = "supersim"


@dataclass(frozen=True, slots=True)
class Known:
    """One provider of the table."""

    file: str  # of its books, in the home
    open: Callable[[Path, Clock, float], Provider]  # file, clock, scale of the documented rates


def _emnify(file: Path, clock: Clock, rate_scale: float) -> Provider:
    return Emnify(EmnifyService(Books(file, EmnifyView), clock, Limits(rate_scale)))


def _supersim(file: Path, clock: Clock, rate_scale: float) -> Provider:  # noqa: ARG001 - no rates are documented
    return SuperSim(SuperSimService(Books(file, SuperSimView), clock))


PROVIDERS = {
    Name.EMNIFY: Known(emnify_books.FILE, _emnify),
    Name.SUPERSIM: Known(supersim_books.FILE, _supersim),
}


def books_in(home: Path) -> list[Name]:
    """The providers whose books are in a home."""
    return [name for name, known in PROVIDERS.items() if (home / known.file).exists()]
