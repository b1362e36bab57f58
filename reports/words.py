"""What each outcome is called, what it means, and how much of a hand it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from domain.orders import Part
from domain.outcomes import Outcome


class Need(IntEnum):
    """How much an outcome needs of a person; the larger, the sooner."""

    NOTHING = 0
    LIST = 1  # the list, or the SIM, has to change first
    AGAIN = 2  # it may be tried again
    PATIENCE = 3  # it is under way
    EYES = 4  # somebody must find out what happened


@dataclass(frozen=True, slots=True)
class Words:
    """An outcome for people: its name, a mark that says it without colour, what it means, and what it needs."""

    label: str
    mark: str
    means: str
    need: Need


WORDS: dict[Outcome, Words] = {
    Outcome.CONFIRMED: Words(
        "Confirmed", "✓", "Seen in the target account by a read made after the call.", Need.NOTHING
    ),
    Outcome.LEFT: Words("Left", "=", "Was in the target account without a call of this run.", Need.NOTHING),
    Outcome.IN_DOUBT: Words(
        "In doubt", "?", "Sent, and what came of it is not known yet. It is never sent again blindly.", Need.EYES
    ),
    Outcome.DRIFTED: Words("Drifted", "≠", "Looked: it is neither as it was nor as it should be.", Need.EYES),
    Outcome.AWAITING: Words(
        "Awaiting",
        "…",
        "On its way: the provider or the other side is not done yet, or its next part was not sent. `simferry execute` "
        "goes on with it.",
        Need.PATIENCE,
    ),
    Outcome.DECLINED: Words("Declined", "×", "The provider said no; nothing came of that call.", Need.AGAIN),
    Outcome.NOT_DONE: Words("Not done", "−", "Sent, and reads agree that nothing came of that call.", Need.AGAIN),
    Outcome.NOT_STARTED: Words("Not started", "○", "The run stopped before it was sent.", Need.AGAIN),
    Outcome.CANCELLED: Words("Cancelled", "⊘", "Taken back before it was done.", Need.AGAIN),
    Outcome.ASSISTED: Words("Assisted", "+", "Only the provider's support can move it.", Need.LIST),
    Outcome.REFUSED: Words("Refused", "!", "The plan does not touch it, for the reason beside it.", Need.LIST),
    Outcome.REJECTED: Words("Rejected", "#", "The row does not hold an identifier that can be trusted.", Need.LIST),
}

# Parts of a way that say less by their names than by what is done.
PARTS: dict[Part, str] = {
    Part.OFFER: "A token is issued, and the other side accepts it by the link in its e-mail.",
    Part.ISSUE: "A token is issued that this run accepts itself: the SIMs are transferring.",
    Part.ACCEPT: "The token is accepted for the target account: the SIMs are in it.",
    Part.RESTORE: "What SIMs were set to is put back in the target account; their move does not depend on it.",
}

# What needs a hand comes in this order: the reverse of how long it can wait.
BY_URGENCY = tuple(sorted(Outcome, key=lambda outcome: (-WORDS[outcome].need, list(WORDS).index(outcome))))


def plural(count: int, one: str) -> str:
    """A count with its noun: `1 SIM`, `1,204 SIMs`."""
    return f"{count:,} {one if count == 1 else one + 's'}"
