"""Whose books are in a home."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from sandbox.emnify.books import FILE as EMNIFY_FILE
from sandbox.soracom.books import FILE as SORACOM_FILE
from sandbox.supersim.books import FILE as SUPERSIM_FILE


class Name(StrEnum):
    """The providers, as command lines and accounts files call them."""

    EMNIFY = "emnify"
    SUPERSIM = "supersim"
    SORACOM = "soracom"


FILES = {Name.EMNIFY: EMNIFY_FILE, Name.SUPERSIM: SUPERSIM_FILE, Name.SORACOM: SORACOM_FILE}


def books_in(home: Path) -> list[Name]:
    """The providers whose books are there, in the order of `Name`."""
    return [name for name, file in FILES.items() if (home / file).exists()]
