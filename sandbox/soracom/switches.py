"""What the simulated Soracom does where its documents are silent, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TransferringWord(StrEnum):
    """How the status Transferring goes on the wire; no enumeration of statuses has it."""

    LOWER = "transferring"
    AS_PRINTED = "Transferring"
    OTHER = "inTransfer"


class ImeiLocks(StrEnum):
    """What acceptance does to an IMEI lock; not among the examples of what is dropped."""

    LOST = "lost"
    KEPT = "kept"


class SpeedClasses(StrEnum):
    """What acceptance does to a speed class that is not the usual one; likewise."""

    RESET = "reset"
    CARRIED = "carried"


class SecondFactor(StrEnum):
    """Whether root and SAM users have one; authentication keys need none."""

    OFF = "off"
    ON = "on"


class NextPage(StrEnum):
    """Where a list says what comes next; either may be missing."""

    BOTH = "both"
    HEADER = "header"
    LINK = "link"


class PageFill(StrEnum):
    """How many rows a page has: what was asked for, or fewer."""

    WHOLE = "whole"
    SHORT = "short"


class ListEnd(StrEnum):
    """Whether a full page that is the last one says so, or leads to one without rows."""

    TOLD = "told"
    EMPTY_PAGE = "empty_page"


class AbsentValues(StrEnum):
    """What a SIM has not: left out, or null."""

    LEFT_OUT = "left_out"
    NULL = "null"


class RefusalWords(StrEnum):
    """Whether the refusal of a transfer names the SIMs that are in its way."""

    NAMING = "naming"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Switches:
    """One choice per silence. Numbers ending in `_s` are seconds."""

    transferring_word: TransferringWord = TransferringWord.LOWER
    imei_locks: ImeiLocks = ImeiLocks.LOST
    speed_classes: SpeedClasses = SpeedClasses.RESET
    second_factor: SecondFactor = SecondFactor.OFF
    next_page: NextPage = NextPage.BOTH
    page_fill: PageFill = PageFill.WHOLE
    list_end: ListEnd = ListEnd.TOLD
    absent_values: AbsentValues = AbsentValues.LEFT_OUT
    refusal_words: RefusalWords = RefusalWords.NAMING
    transfer_life_s: float = 3_600.0  # of a transfer token: documented for the link in its e-mail
    requests_per_minute: float = 1_000.0  # of an operator in one group of calls, times the rate scale; documented as
    # the example of a header
    logins_per_minute: float = 100.0  # of one address, times the rate scale
