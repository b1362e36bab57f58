"""What the simulated emnify does where its documents are silent, each a closed choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.positions import as_texts, parse


class Duplicates(StrEnum):
    """A SIM named twice in one migration request."""

    ERROR = "error"
    COLLAPSE = "collapse"


class AlreadyThere(StrEnum):
    """A SIM that is in the target already."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    IGNORED = "ignored"


class Gaps(StrEnum):
    """A body inside a range that belongs to no SIM."""

    NOT_FOUND = "not_found"
    SKIPPED = "skipped"


class AnsweredStatus(StrEnum):
    """The status a migration's answer shows for SIMs that it suspends."""

    BEFORE = "before"
    AFTER = "after"


class AnsweredSims(StrEnum):
    """How much a migration's answer says of each SIM; only the status is guaranteed."""

    FULL = "full"
    STATUS_ONLY = "status_only"


class Unmet(StrEnum):
    """What becomes of the good SIMs of a request that has bad ones."""

    NOTHING = "nothing"
    PARTIAL = "partial"


class AbsentDetach(StrEnum):
    """A request that does not say `auto_detach_devices`."""

    REFUSES = "refuses"
    DETACHES = "detaches"


class SourceScope(StrEnum):
    """Where SIMs may come from: the token's workspace, or any that the caller has a role in."""

    REACHABLE = "reachable"
    TOKEN = "token"


class NotEnterprise(StrEnum):
    """The status for a target workspace that is not an enterprise one."""

    BAD_REQUEST = "400"
    NOT_FOUND = "404"


class UnauthorisedBody(StrEnum):
    """The body of a 401."""

    EMPTY = "empty"
    CODED = "coded"


@dataclass(frozen=True, slots=True)
class Switches:
    """One choice per silence; the defaults are the stricter reading."""

    duplicates: Duplicates = Duplicates.ERROR
    already_there: AlreadyThere = AlreadyThere.NOT_FOUND
    gaps: Gaps = Gaps.NOT_FOUND
    answered_status: AnsweredStatus = AnsweredStatus.BEFORE
    answered_sims: AnsweredSims = AnsweredSims.FULL
    unmet: Unmet = Unmet.NOTHING
    absent_detach: AbsentDetach = AbsentDetach.REFUSES
    source_scope: SourceScope = SourceScope.REACHABLE
    not_enterprise: NotEnterprise = NotEnterprise.BAD_REQUEST
    unauthorised_body: UnauthorisedBody = UnauthorisedBody.EMPTY

    def as_dict(self) -> dict[str, str]:
        """Plain names and values, as `PUT /_sandbox/switches` takes them."""
        return as_texts(self)

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Switches:
        """Switches from names and values, the rest by default; raises `UsageError` for unknown ones."""
        return parse(cls, given)
