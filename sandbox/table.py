"""The providers that there are: their tables, and how the books of each are filled and opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.emnify import books as emnify_books
from sandbox.emnify import seeding as emnify_seeding
from sandbox.emnify.limits import Limits
from sandbox.emnify.provider import Emnify
from sandbox.emnify.service import Service as EmnifyService
from sandbox.emnify.view import View as EmnifyView
from sandbox.homes import Name
from sandbox.mix import Mix
from sandbox.provider import Provider
from sandbox.soracom import books as soracom_books
from sandbox.soracom import seeding as soracom_seeding
from sandbox.soracom.provider import Soracom
from sandbox.soracom.quota import Quota
from sandbox.soracom.service import Service as SoracomService
from sandbox.soracom.view import View as SoracomView
from sandbox.supersim import books as supersim_books
from sandbox.supersim import seeding as supersim_seeding
from sandbox.supersim.provider import SuperSim
from sandbox.supersim.service import Service as SuperSimService
from sandbox.supersim.view import View as SuperSimView


@dataclass(frozen=True, slots=True)
class Known:
    """One provider of the table."""

    tables: str
    indexes: str
    fill: Callable[[sqlite3.Connection, int, int, Mix, float], None]  # books, SIMs, seed, mix, now
    open: Callable[[Path, Clock, float], Provider]  # file, clock, scale of the documented rates


def _emnify(file: Path, clock: Clock, rate_scale: float) -> Provider:
    return Emnify(EmnifyService(Books(file, EmnifyView), clock, Limits(rate_scale)))


def _supersim(file: Path, clock: Clock, rate_scale: float) -> Provider:  # noqa: ARG001 - no rates are documented
    return SuperSim(SuperSimService(Books(file, SuperSimView), clock))


def _soracom(file: Path, clock: Clock, rate_scale: float) -> Provider:
    return Soracom(SoracomService(Books(file, SoracomView), clock, Quota(rate_scale)))


PROVIDERS = {
    Name.EMNIFY: Known(emnify_books.TABLES, emnify_books.INDEXES, emnify_seeding.fill, _emnify),
    Name.SUPERSIM: Known(supersim_books.TABLES, supersim_books.INDEXES, supersim_seeding.fill, _supersim),
    Name.SORACOM: Known(soracom_books.TABLES, soracom_books.INDEXES, soracom_seeding.fill, _soracom),
}
