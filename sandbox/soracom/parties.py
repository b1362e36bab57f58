"""Operators, their groups, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator."""

    id: int
    operator: str
    name: str
    email: str
    coverage: str
    created_s: float

    @property
    def kind(self) -> str:
        """How its id begins, which says with whom it can exchange SIMs."""
        return self.operator[:3]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of SIMs; its name is a tag."""

    id: int
    group_id: str
    operator_id: int
    name: str | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose login a request carries; `user` is "" for the root user."""

    operator: Operator
    user: str
