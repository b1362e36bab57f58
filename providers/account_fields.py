"""Values of the accounts file, each read as what its key wants; all raise `UsageError` that says what to write."""

from __future__ import annotations

from domain.errors import UsageError
from providers.hosts import cut


def url_of(where: str, key: str, value: object) -> str:
    """An https URL, or http to this machine."""
    text = text_of(where, key, value)
    try:
        cut(text)
    except UsageError as error:
        raise UsageError(f"{where}: {key}: {error}") from error
    return text


def text_of(where: str, key: str, value: object) -> str:
    """Text without blanks around it, and not empty."""
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'{where}: {key} is text. Write {key} = "…".')
    return value.strip()


def flag_of(where: str, key: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key} is a switch. Write {key} = true, or leave it out.")
    return value


def number_of(where: str, key: str, value: object) -> int:
    """A whole number from 1 on, also where it stands as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(f"{where}: {key} is a whole number from 1 on. Write {key} = 123.")
    return value
