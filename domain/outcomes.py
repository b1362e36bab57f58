"""What became of every SIM of a list: the closed set of outcomes and the schema of the reconciliation."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from domain.inventory import SIDE_TYPE


class Outcome(StrEnum):
    """Every way a line of a list can end; each line has exactly one."""

    REJECTED = "rejected"  # validation: the row never reached the plan
    LEFT = "left"  # already where it should be
    REFUSED = "refused"  # the plan won't touch it
    ASSISTED = "assisted"  # only the provider's support can
    CONFIRMED = "confirmed"  # seen where it should be by a read made after the call
    DECLINED = "declined"  # the provider said no; nothing changed
    AWAITING = "awaiting"  # the provider said yes and is not done
    NOT_DONE = "not_done"  # looked: still as before
    IN_DOUBT = "in_doubt"  # sent, no answer, not settled yet
    DRIFTED = "drifted"  # looked: neither as before nor as wanted
    CANCELLED = "cancelled"
    NOT_STARTED = "not_started"  # stopped before it


class Deed(StrEnum):
    """What the journal says was done about a SIM that was to be moved."""

    NONE = "none"  # no intent: never sent
    HELD_BACK = "held_back"  # the look before its batch differed from the plan
    UNHEARD = "unheard"  # intent, and no answer that can be read: in doubt
    TOLD = "told"  # the provider said yes
    PENDING = "pending"  # the provider said yes, later
    DECLINED = "declined"  # the provider said no
    UNSENT = "unsent"  # intent, and proof from the wire that it was not acted on
    STILL = "still"  # settled by two agreeing reads: as before
    FELL_BACK = "fell_back"  # the provider accepted it, and two agreeing reads show it as before
    ARRIVED = "arrived"  # settled, or read back: where it should be
    ASTRAY = "astray"  # settled: neither here nor there
    CANCELLED = "cancelled"


DEED_TYPE = pl.Enum(Deed)
OUTCOME_TYPE = pl.Enum(Outcome)

# One line per SIM to be moved, folded from the journal.
#   part         the part of its way that the deed is about; `attempts` are those at this part
#   code, words  the provider's, where it declined; the reason, where it was held back
#   last_at      instant of the last journal record about it (UTC, ISO 8601); null for NONE
DEEDS = pl.Schema(
    {
        "key": pl.String(),
        "part": pl.String(),
        "deed": DEED_TYPE,
        "attempts": pl.UInt16(),
        "code": pl.String(),
        "words": pl.String(),
        "last_at": pl.String(),
    }
)

RECONCILED_AT = "reconciled_at"  # beside the outcomes in their file: ISO 8601, UTC

# One line per line of the list, in its order: what happened, why, and what now.
#   status_before, device_*, group  as the plan saw them;  side_now, status_now, device_now, group_now  as the last read
#   did;  group_to  what the plan wanted;  part  which part of its way the outcome is about
OUTCOMES = pl.Schema(
    {
        "line": pl.UInt32(),
        "row": pl.UInt32(),
        "outcome": OUTCOME_TYPE,
        "code": pl.String(),
        "reason": pl.String(),
        "next_step": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "sim_id": pl.String(),
        "raw": pl.String(),
        "batch": pl.UInt32(),
        "attempts": pl.UInt16(),
        "status_before": pl.String(),
        "device_id": pl.String(),
        "device_name": pl.String(),
        "group": pl.String(),
        "group_to": pl.String(),
        "part": pl.String(),
        "side_now": SIDE_TYPE,
        "status_now": pl.String(),
        "device_now": pl.String(),
        "group_now": pl.String(),
        "last_at": pl.String(),
    }
)


def totals(outcomes: pl.DataFrame) -> dict[Outcome, int]:
    """SIMs per outcome, counted; every outcome is there, also with 0."""
    counted = dict(outcomes.group_by("outcome").len().iter_rows())
    return {outcome: int(counted.get(outcome, 0)) for outcome in Outcome}
