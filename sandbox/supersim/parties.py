"""Accounts, their fleets, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.supersim.words import Vendor


@dataclass(frozen=True, slots=True)
class Account:
    """One account; a child names its parent."""

    id: int
    sid: str
    name: str
    parent_id: int | None
    inactive_moves: bool

    @property
    def family_id(self) -> int:
        """The parent's id, for the parent itself too."""
        return self.id if self.parent_id is None else self.parent_id


@dataclass(frozen=True, slots=True)
class Fleet:
    """One fleet."""

    id: int
    sid: str
    account_id: int
    unique_name: str | None
    data_limit_mb: int
    created: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials a request carries, and of which vendor."""

    account: Account
    vendor: Vendor
