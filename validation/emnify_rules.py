"""emnify's own rules: which SIMs its migration call takes, and how it names them."""

from __future__ import annotations

import polars as pl

from domain.errors import UsageError
from domain.findings import Code
from domain.identifiers import BODY_DIGITS
from domain.lists import Role
from domain.rules import MoveRule, RowRule
from validation.facts import is_iccid

STATUSES = ("Issued", "Activated", "Suspended", "Deleted", "Factory Test")
STATUSES_ALLOWED = ("Issued", "Activated", "Suspended", "Factory Test")  # a deleted SIM has no way back

_MIGRATION = "emnify API, POST /api/v1/sim/migration/workspace"


def row_rules() -> tuple[RowRule, ...]:
    """The migration call takes ICCIDs as exactly 19 digits, so whatever is taken must come down to those."""
    body = pl.col("sim_body").cast(pl.String).str.len_bytes() == BODY_DIGITS
    return (
        RowRule(
            Code.LENGTH,
            Role.SIM,
            ~is_iccid(Role.SIM).fill_null(False) | body,
            "{digits} does not come down to the 19 digits emnify knows a SIM by.",
            "Compare it with the ICCID in the emnify portal.",
            f"{_MIGRATION}, 400: ICCIDs of exactly 19 digits",
        ),
    )


def move_rules(allowed_statuses: tuple[str, ...] | None, *, detach_devices: bool) -> tuple[MoveRule, ...]:
    """Which SIMs of the source workspace may move; UsageError where a status is not one of emnify's words."""
    allowed = STATUSES_ALLOWED if allowed_statuses is None else statuses_of(allowed_statuses)
    attached = () if detach_devices else (_device_rule(),)
    return (
        MoveRule(
            "status_unknown",
            "REFUSE",
            pl.col("status").is_in(STATUSES).fill_null(False),
            "emnify gives its status as “{status}”, which is none of those we know.",
            "Look at the SIM in the emnify portal; tell us if emnify has a new status.",
            "emnify API, GET /api/v1/sim: SIM statuses 0 to 4",
        ),
        MoveRule(
            "status_not_allowed",
            "REFUSE",
            # a status nobody knows is answered for by the rule above
            pl.col("status").is_in(allowed) | ~pl.col("status").is_in(STATUSES) | pl.col("status").is_null(),
            f"Its status is {{status}}; this run moves SIMs that are {_either(allowed)}.",
            "Change its status at emnify first, or plan again with --allow-status naming all that may move.",
            f"{_MIGRATION}, 409 with error 1503",
        ),
        *attached,
    )


def statuses_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """These in emnify's own words, whatever their case, each once; UsageError where there is no such status."""
    return tuple(dict.fromkeys(_status(word) for word in words))


def _device_rule() -> MoveRule:
    return MoveRule(
        "device_attached",
        "REFUSE",
        pl.col("device_id").is_null(),
        "It is attached to device {device_id}, which would lose its SIM.",
        "Release the device at emnify, or plan again with --detach-devices.",
        f"{_MIGRATION}, 409 with error 1502",
    )


def _status(word: str) -> str:
    for status in STATUSES:
        if status.casefold() == word.strip().casefold():
            return status
    raise UsageError(f"emnify has no SIM status “{word}”. --allow-status takes: {', '.join(STATUSES)}.")


def _either(words: tuple[str, ...]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
