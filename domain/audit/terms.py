"""What an audit goes by: the registers and accounts of the month, the policy, and which words mean one status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from domain.audit.frames import Account, Register

# The providers' words for statuses that registers call otherwise.
USUAL_STATUSES: Mapping[str, str] = {
    "activated": "active",
    "enabled": "active",
    "in service": "active",
    "in use": "active",
    "online": "active",
    "deactivated": "inactive",
    "disabled": "inactive",
    "paused": "suspended",
    "on hold": "suspended",
    "deleted": "terminated",
    "cancelled": "terminated",
    "canceled": "terminated",
    "in stock": "ready",
}

# Statuses as any of the providers calls them, in lower case; they may have others, which are taken as they are.
PROVIDERS_STATUSES = frozenset(
    {
        *("issued", "activated", "suspended", "deleted", "factory test"),
        *("new", "ready", "active", "inactive", "scheduled"),
        *("standby", "terminated", "transferring"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the policy: SIMs that are in one of these statuses, and of which all that is said holds, break it.

    `accounts` () means any; `not_in` and `within` name a register that does not, or does, list the SIM; `over_days`
    is how long it may be in that status.
    """

    name: str
    words: str
    statuses: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    not_in: str = ""
    within: str = ""
    over_days: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The month's audit: its day, what was handed in, what was to be read, and what is allowed."""

    today: date
    registers: tuple[Register, ...]
    accounts: tuple[Account, ...]
    rules: tuple[Rule, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)  # a register's or provider's word -> one for both

    @property
    def all_read(self) -> bool:
        """Whether a SIM that was not found is in none of the accounts."""
        return all(account.was_read for account in self.accounts)

    @property
    def accounts_read(self) -> tuple[str, ...]:
        """Names of the accounts whose SIMs are known."""
        return tuple(account.name for account in self.accounts if account.was_read)

    def one_word(self, status: pl.Expr) -> pl.Expr:
        """The status in the word that stands for all that mean the same; case does not count."""
        words = {**USUAL_STATUSES, **{word.casefold(): meant.casefold() for word, meant in self.statuses.items()}}
        return status.str.to_lowercase().str.strip_chars().replace(words)
