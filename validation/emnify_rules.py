"""emnify's own rules: which SIMs its migration call takes, and how it names them."""

from __future__ import annotations

import polars as pl

from domain.errors import UsageError
from domain.findings import Code
from domain.identifiers import BODY_DIGITS
from domain.lists import Role
from domain.orders import Options, Part
from domain.rules import MoveRule, RowRule
from validation.facts import is_iccid
from validation.sim_id_rules import foreign_rules
from validation.statuses import either, in_own_words

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
        *foreign_rules("Give the SIM's ICCID; emnify does not know this sid."),
    )


def move_rules(options: Options) -> tuple[MoveRule, ...]:
    """Which SIMs of the source workspace may move; UsageError for what emnify does not have."""
    if options.deactivate_first or options.reactivate:
        raise UsageError("emnify moves SIMs as they are. Leave out --deactivate-first and --reactivate.")
    words = options.allowed_statuses
    allowed = STATUSES_ALLOWED if words is None else statuses_of(words)
    attached = () if options.detach_devices else (_device_rule(),)
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
            f"Its status is {{status}}; this run moves SIMs that are {either(allowed)}.",
            "Change its status at emnify first, or plan again with --allow-status naming all that may move.",
            f"{_MIGRATION}, 409 with error 1503",
        ),
        *attached,
    )


def parts() -> pl.Expr:
    """One call moves a SIM, whatever its status."""
    return pl.lit(str(Part.MOVE))


def statuses_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """These in emnify's own words, whatever their case, each once; UsageError where there is no such status."""
    return in_own_words(words, STATUSES, "emnify")


def _device_rule() -> MoveRule:
    return MoveRule(
        "device_attached",
        "REFUSE",
        pl.col("device_id").is_null(),
        "It is attached to device {device_id}, which would lose its SIM.",
        "Release the device at emnify, or plan again with --detach-devices.",
        f"{_MIGRATION}, 409 with error 1502",
    )
