"""Values of the accounts file, each read as what its key wants; all raise `UsageError` that says what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.errors import UsageError
from providers.hosts import cut
from providers.secrets import is_reference

# What every address is, and no name beside it: one @ between two parts, the second with a dot, and no blanks.
_EMAIL = r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\".]+(?:\.[^\s@<>()\[\],;:\".]+)+"


def url_of(where: str, key: str, value: object) -> str:
    """An https URL, or http to this machine."""
    text = text_of(where, key, value)
    try:
        cut(text)
    except UsageError as error:
        raise UsageError(f"{where}: {key}: {error}") from error
    return text


def email_of(where: str, key: str, value: object) -> str:
    """One e-mail address, as far as its shape tells, or a reference to where it is kept."""
    text = text_of(where, key, value)
    if not is_reference(text) and not re.fullmatch(_EMAIL, text):
        raise UsageError(f'{where}: {key} is one e-mail address. Write {key} = "NAME@DOMAIN", with nothing around it.')
    return text


def choice_of(where: str, key: str, value: object, choices: Iterable[str]) -> str:
    """One of these words."""
    words = list(choices)
    if value not in words:
        raise UsageError(f"{where}: {key} is one of {', '.join(words)}. Set it.")
    return str(value)


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
