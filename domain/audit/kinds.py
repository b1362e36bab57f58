"""Every kind of break between books and providers: its sentence and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Kind(StrEnum):
    """How books and providers can disagree; a closed list."""

    UNREAD = "unread"
    MISSING = "missing"
    NOT_IN_BOOKS = "not_in_books"
    WRONG_ACCOUNT = "wrong_account"
    TWO_ACCOUNTS = "two_accounts"
    STATUS_DIFFERS = "status_differs"
    STATUS_NOT_ALLOWED = "status_not_allowed"
    SETTING_DIFFERS = "setting_differs"
    SWAPPED = "swapped"
    PAIR_DIFFERS = "pair_differs"
    LISTED_TWICE = "listed_twice"
    DAMAGED = "damaged"
    MOVED_BY_RUN = "moved_by_run"
    MOVED_OUTSIDE = "moved_outside"


KIND_TYPE = pl.Enum(Kind)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a kind is called, what it says, and what now; `is_open` is whether somebody has to do something."""

    title: str
    words: str
    next_step: str
    is_open: bool = True


MEANINGS: dict[Kind, Meaning] = {
    Kind.UNREAD: Meaning(
        "Account not read",
        "The account could not be read, so nothing is said of its SIMs this month.",
        "Mend the cause and run the audit of that account again: it completes the month.",
    ),
    Kind.MISSING: Meaning(
        "Missing at the provider",
        "The register has it, and no account holds it.",
        "Find out whether it was sold, returned or lost; take it out of the register, or add the account it is in.",
    ),
    Kind.NOT_IN_BOOKS: Meaning(
        "Not in the books",
        "An account holds it, and the register does not name it.",
        "Enter it in the register, or have it deactivated or returned.",
    ),
    Kind.WRONG_ACCOUNT: Meaning(
        "In another account",
        "The register says another account than the one that holds it.",
        "Correct the register, or move it: fix/move-A-to-B.csv is a list for `simferry plan`.",
    ),
    Kind.TWO_ACCOUNTS: Meaning(
        "In two accounts",
        "More than one account holds it.",
        "Ask the provider which account pays for it, and have it removed from the other.",
    ),
    Kind.STATUS_DIFFERS: Meaning(
        "Status differs",
        "The register says another status than the provider.",
        "Correct whichever is wrong: the register, or the status at the provider.",
    ),
    Kind.STATUS_NOT_ALLOWED: Meaning(
        "Status not allowed",
        "It is in a status that the policy does not allow.",
        "Do what the policy asks for, or write the exception into it.",
    ),
    Kind.SETTING_DIFFERS: Meaning(
        "Setting differs",
        "The register states another setting than the provider holds.",
        "Correct the register, or set it at the provider.",
    ),
    Kind.SWAPPED: Meaning(
        "Swapped pair",
        "The register gives it the IMSI of another SIM, and that SIM has a row with this one's.",
        "Exchange the IMSIs of the two rows in the register.",
    ),
    Kind.PAIR_DIFFERS: Meaning(
        "IMSI differs",
        "The provider has another IMSI for this ICCID than the register.",
        "Read the card, and correct the register.",
    ),
    Kind.LISTED_TWICE: Meaning(
        "Listed twice",
        "The register names this SIM in more than one row.",
        "Keep one of the rows.",
    ),
    Kind.DAMAGED: Meaning(
        "Identifier damaged",
        "The row's identifier cannot be read as one, so nobody can say which SIM it means.",
        "Put the full number in, as text; the register's own system or the card has it.",
    ),
    Kind.MOVED_BY_RUN: Meaning(
        "Moved by a run",
        "The register says another account, and a run of simferry has moved it since.",
        "Correct the register: the run is named.",
        is_open=False,
    ),
    Kind.MOVED_OUTSIDE: Meaning(
        "Moved outside of any run",
        "Last month another account held it, and no run of simferry has moved it.",
        "Find out who moved it, and whether its place is right.",
    ),
}
