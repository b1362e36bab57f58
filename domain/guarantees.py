"""Guarantee classes: what a provider makes of a request that it gets again, and so what may be sent again at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """What happens where a request that was carried out arrives a second time.

    Whatever the class, nothing is sent again of which it is not known how it stands. The class says what a mistake
    would cost there, and whether the same run may ask again for SIMs that reads show untouched.
    """

    CONDITIONAL = "conditional"  # the provider refuses what is done already
    SET_TO = "set-to"  # it sets what is set already, which changes nothing
    TOKEN = "token"  # a second request makes another token; the first cannot be found again  # noqa: S105 - a class

    @property
    def by_tokens(self) -> bool:
        """Whether SIMs are offered and accepted: then nothing is issued anew for SIMs that a token may be out for."""
        return self is Class.TOKEN


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A provider's class, and in a sentence why nothing moves twice there."""

    kind: Class
    words: str

    def __str__(self) -> str:
        """As a plan has it."""
        return f"{self.kind}: {self.words}"
