"""From accepted lines and an account's inventory to the steps of a registration: the pure middle of `register`."""

from __future__ import annotations

import polars as pl

from domain.limits import Limits
from domain.orders import Part
from domain.plan import BASIS_TYPE, STEP_TYPE, STEPS, Basis, Reason, Step
from domain.planning import HELD_WORDS, batched

_OF_LINE = ("line", "row", "key", "iccid", "imsi")

# Code → step, words and next step; the words on a SIM of another run end in the name of that.
_VERDICTS = pl.DataFrame(
    [
        (Reason.ELIGIBLE, Step.MOVE, "", ""),
        (Reason.ALREADY_THERE, Step.LEAVE, "Already in the account.", "Nothing to do."),
        (Reason.HELD, Step.REFUSE, *HELD_WORDS),
    ],
    schema={"code": pl.String(), "step": STEP_TYPE, "words": pl.String(), "next_step": pl.String()},
    orient="row",
)


def plan_registration(lines: pl.DataFrame, account: pl.DataFrame, held: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """One step per line (STEPS, in list order): MOVE what is to be registered, LEAVE what is in the account by now.

    `lines` LINES, each with a key of its own; `account` INVENTORY, `held` HELD. MOVE steps are in batches as those of
    a move are, and have no `sim_id`: the provider tells it of its accounts' SIMs alone.
    """
    known = account.select("key", pl.exclude(_OF_LINE)).with_columns(there=pl.lit(value=True))
    runs = held.select("key", pl.col("run").alias("held_by")).unique("key")
    joined = (
        lines.select(_OF_LINE)
        .join(known, on="key", how="left", maintain_order="left")
        .join(runs, on="key", how="left", maintain_order="left")
        .with_columns(_code().alias("code"))
        .join(_VERDICTS, on="code", how="left", maintain_order="left")
    )
    named = pl.when(pl.col("code") == Reason.HELD).then("held_by").otherwise(pl.lit(""))
    judged = joined.with_columns(
        (pl.col("words") + named).alias("words"),
        pl.lit(None, pl.String).alias("group_to"),
        pl.lit(str(Part.REGISTER)).alias("parts"),
        pl.lit(Basis.HERE, BASIS_TYPE).alias("basis"),
    )
    return batched(judged, (), limits).select(STEPS.names()).cast(STEPS)


def _code() -> pl.Expr:
    """Why a step is what it is: being in the account goes before being in another run."""
    held = pl.when(pl.col("held_by").is_not_null()).then(pl.lit(str(Reason.HELD)))
    there = pl.when(pl.col("there").is_not_null()).then(pl.lit(str(Reason.ALREADY_THERE)))
    return there.otherwise(held.otherwise(pl.lit(str(Reason.ELIGIBLE))))
