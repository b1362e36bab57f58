"""The journal's records as values: looked, intended, answered, seen, settled, in the order it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Kind(StrEnum):
    """Every kind of record there is."""

    OPENED = "opened"  # a process began to execute: body approval, fingerprint, holder
    LOOKED = "looked"  # before an attempt: sims = held back since they differ from the plan; body words per SIM
    INTENDED = "intended"  # durable before the call: sims = all that the call names
    ANSWERED = "answered"  # said, code, words, http status; sims = those it is about (declined ones have their code)
    SEEN = "seen"  # a read after the call: sims on one side
    SETTLED = "settled"  # two agreeing reads about SIMs in doubt: sims on one side
    STOPPED = "stopped"  # a breaker or a person: body cause, words
    RESUMED = "resumed"  # a person named the cause
    FINISHED = "finished"  # nothing is left to do or to find out
    CANCELLING = "cancelling"  # durable before the call that takes a token back: sims = all of the token
    CANCELLED = "cancelled"  # reads after that show its sims as before the token was issued


@dataclass(frozen=True, slots=True)
class Event:
    """One record. `sims` are keys of the inventory; `part` names the step of a sequence (emnify has one, `move`).

    `at` is ISO 8601 UTC and is set by the writer. `secret` is encrypted before it is stored and never in `body`.
    """

    kind: Kind
    at: str
    batch: int = 0
    attempt: int = 0
    part: str = "move"
    sims: tuple[str, ...] = ()
    body: Mapping[str, Json] = field(default_factory=dict)
    secret: bytes | None = field(default=None, repr=False)
