"""What is left of a plan, given what the journal says: the batches that may be sent, and the SIMs that are in doubt."""

from __future__ import annotations

import polars as pl

from domain.limits import Limits
from domain.orders import Sim
from domain.outcomes import Deed
from domain.plan import Step

OPEN_DEEDS = (Deed.UNHEARD, Deed.TOLD, Deed.PENDING)  # what happened is still to be found out

# An attempt that the provider never acted on is no attempt at the SIM: only STILL is counted against the limit.
ALWAYS_SENT = (Deed.NONE, Deed.UNSENT)

# Columns of STEPS in the order of the fields of `Sim`.
_SIM = ("key", "sim_id", "iccid", "imsi", "status", "device_id", "group")


def with_deeds(steps: pl.DataFrame, deeds: pl.DataFrame) -> pl.DataFrame:
    """The MOVE steps (STEPS), each with its `deed` (NONE where the journal has nothing), `attempts` and `last_at`."""
    return (
        steps.filter(pl.col("step") == Step.MOVE)
        .join(deeds.select("key", "deed", "attempts", "last_at"), on="key", how="left", maintain_order="left")
        .with_columns(
            pl.col("deed").fill_null(pl.lit(Deed.NONE, deeds.schema["deed"])), pl.col("attempts").fill_null(0)
        )
    )


def left_to_send(moves: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Of `with_deeds`, the SIMs that may be sent, ordered by batch and key; never one that is in doubt."""
    untouched = pl.col("deed").is_in([str(deed) for deed in ALWAYS_SENT])
    once_more = (pl.col("deed") == Deed.STILL) & (pl.col("attempts") < limits.attempts_max)
    return moves.filter(untouched | once_more).sort("batch", "key")


def sims_of(rows: pl.DataFrame) -> tuple[Sim, ...]:
    """The SIMs of some rows of STEPS (at most a batch's worth), in their order."""
    return tuple(Sim(*row) for row in rows.select(_SIM).iter_rows())
