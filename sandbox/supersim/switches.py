"""What the simulated Super SIM does where its documents are silent, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UnknownParameters(StrEnum):
    """Parameters that a call does not have."""

    REFUSED = "refused"
    IGNORED = "ignored"


class SameStatus(StrEnum):
    """An update to the status that the SIM has."""

    REFUSED = "refused"
    ACCEPTED = "accepted"


class ReadyToInactive(StrEnum):
    """A `ready` SIM asked to be `inactive`; only `active` → `inactive` is documented."""

    ALLOWED = "allowed"
    REFUSED = "refused"


class InactiveMoves(StrEnum):
    """Who may move inactive SIMs: accounts whose column says so, everybody, nobody."""

    BY_ACCOUNT = "by_account"
    ALL = "all"
    NONE = "none"


class ParentReads(StrEnum):
    """Which SIMs the parent's credentials may read by sid: its own, or its children's too."""

    OWN = "own"
    FAMILY = "family"


class RetryAfter(StrEnum):
    """The header on a refusal for concurrency."""

    ABSENT = "absent"
    PRESENT = "present"


class CallbackSigner(StrEnum):
    """Whose secret signs a callback: the account's that holds the SIM, or the account's that asked."""

    OWNER = "owner"
    ASKER = "asker"


class NoUsage(StrEnum):
    """What `Granularity=all` answers where there was no usage."""

    ZERO = "zero"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Switches:
    """One choice per silence; the defaults are the stricter reading. Numbers ending in `_s` are seconds."""

    unknown_parameters: UnknownParameters = UnknownParameters.REFUSED
    same_status: SameStatus = SameStatus.REFUSED
    ready_to_inactive: ReadyToInactive = ReadyToInactive.ALLOWED
    inactive_moves: InactiveMoves = InactiveMoves.BY_ACCOUNT
    parent_reads: ParentReads = ParentReads.OWN
    retry_after: RetryAfter = RetryAfter.ABSENT
    callback_signer: CallbackSigner = CallbackSigner.OWNER
    no_usage: NoUsage = NoUsage.ZERO
    done_after_s: float = 0.3  # from `scheduled` to done
    ready_s: float = 90 * 86_400.0  # a `ready` SIM becomes `active`: three months
    redelivery_s: float = 1.0  # until a callback that failed is sent once more
    token_life_s: float = 3_600.0  # of a KORE access token
    calls_at_once_max: float = 40  # an account's requests under way at once, beyond which comes 20429; 0: no limit
