"""What can go wrong for an operator, as one tree whose leaves know their exit code.

    FerryError
    ├── UsageError        2   wrong command line, settings or list
    │   └── ListError     2   the list cannot be read as one
    ├── RefusedToRun      5   not approved, stale, altered, spent, locked, breaker
    └── ProviderError     6   a provider is unavailable or refuses the credentials
        ├── CredentialsRefused
        └── ProviderUnavailable

Messages say what happened, to what, and what to do now. Anything outside this tree is a bug (exit code 1).
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line; the larger news wins where two apply."""

    OK = 0
    BUG = 1
    USAGE = 2
    ROWS = 3
    UNCONFIRMED = 4
    REFUSED = 5
    PROVIDER = 6
    STOPPED = 130


class FerryError(Exception):
    """Root of everything an operator can mend; carries the exit code of its kind."""

    exit_code = Exit.BUG


class UsageError(FerryError):
    """The command line, the settings or the accounts file ask for something that cannot be."""

    exit_code = Exit.USAGE


class ListError(UsageError):
    """A list cannot be read as one: format, size, sheet or columns."""


class RefusedToRun(FerryError):
    """A guard said no; `cause` is a word for `--resume-after` where a breaker opened, else the guard's name."""

    exit_code = Exit.REFUSED

    def __init__(self, message: str, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class ProviderError(FerryError):
    """A provider could not be used at all."""

    exit_code = Exit.PROVIDER


class CredentialsRefused(ProviderError):
    """The provider does not accept who we say we are, or what we may do."""


class ProviderUnavailable(ProviderError):
    """Reads kept failing after every repeat the retry table allows."""
