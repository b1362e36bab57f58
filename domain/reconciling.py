"""Plan + journal + a fresh survey → one outcome per line of the list: the pure middle of `simferry reconcile`."""

from __future__ import annotations

import polars as pl

from domain.inventory import Side
from domain.outcomes import DEED_TYPE, OUTCOME_TYPE, OUTCOMES, Deed, Outcome
from domain.plan import Step

_LOOK_AGAIN = "Nothing is sent again for it. Look once more with `simferry reconcile`."
_EXECUTE = "Run `simferry execute` again: it takes up what was not started."
_NEW_PLAN = "It is in retry.csv: make a new plan from that list when the cause is gone."
_ASK = "Find out who moved or changed it; plan again once it is where it belongs."
_GONE = "It was in the target account when the plan was made, and is not there any more."

# What the journal says was done, and where the last read saw the SIM → outcome, reason, what now.
# A reason of None means: the words that came with the deed.
VERDICTS: dict[tuple[Deed, Side], tuple[Outcome, str | None, str]] = {
    (Deed.NONE, Side.SOURCE): (Outcome.NOT_STARTED, "Not sent: its turn has not come yet.", _EXECUTE),
    (Deed.NONE, Side.TARGET): (Outcome.LEFT, "It arrived in the target account without this run.", "Nothing to do."),
    (Deed.NONE, Side.NOWHERE): (Outcome.DRIFTED, "It left the source account before its turn.", _ASK),
    (Deed.HELD_BACK, Side.SOURCE): (Outcome.DRIFTED, None, _NEW_PLAN),
    (Deed.HELD_BACK, Side.TARGET): (
        Outcome.LEFT,
        "It arrived in the target account without this run.",
        "Nothing to do.",
    ),
    (Deed.HELD_BACK, Side.NOWHERE): (Outcome.DRIFTED, None, _ASK),
    (Deed.UNHEARD, Side.SOURCE): (
        Outcome.IN_DOUBT,
        "The provider did not answer after it was asked, or its answer does not agree with what is seen.",
        _LOOK_AGAIN,
    ),
    (Deed.UNHEARD, Side.NOWHERE): (Outcome.IN_DOUBT, "Sent, and now in neither account.", _LOOK_AGAIN),
    (Deed.TOLD, Side.SOURCE): (
        Outcome.IN_DOUBT,
        "The provider said yes, and the SIM is still seen in the source account.",
        _LOOK_AGAIN,
    ),
    (Deed.TOLD, Side.NOWHERE): (Outcome.IN_DOUBT, "The provider said yes; now in neither account.", _LOOK_AGAIN),
    (Deed.PENDING, Side.SOURCE): (Outcome.AWAITING, "Accepted by the provider and not done yet.", _LOOK_AGAIN),
    (Deed.PENDING, Side.NOWHERE): (Outcome.AWAITING, "Accepted by the provider and in between.", _LOOK_AGAIN),
    (Deed.DECLINED, Side.SOURCE): (Outcome.DECLINED, None, _NEW_PLAN),
    (Deed.DECLINED, Side.NOWHERE): (Outcome.DRIFTED, "Declined, and now in neither account.", _ASK),
    (Deed.UNSENT, Side.SOURCE): (Outcome.NOT_STARTED, "The request did not reach the provider.", _EXECUTE),
    (Deed.UNSENT, Side.NOWHERE): (Outcome.DRIFTED, "Not sent, and now in neither account.", _ASK),
    (Deed.STILL, Side.SOURCE): (
        Outcome.NOT_DONE,
        "Asked for, and two reads after the settle time agree that nothing happened.",
        _NEW_PLAN,
    ),
    (Deed.STILL, Side.NOWHERE): (Outcome.DRIFTED, "It left the source account and is not in the target.", _ASK),
    (Deed.ARRIVED, Side.SOURCE): (Outcome.DRIFTED, "It arrived, and is back in the source account.", _ASK),
    (Deed.ARRIVED, Side.NOWHERE): (Outcome.DRIFTED, "It arrived, and is no longer in the target account.", _ASK),
    (Deed.ASTRAY, Side.SOURCE): (Outcome.DRIFTED, "It was in neither account, and is back in the source.", _NEW_PLAN),
    (Deed.ASTRAY, Side.NOWHERE): (Outcome.DRIFTED, "Asked for, and now in neither account.", _ASK),
    (Deed.CANCELLED, Side.SOURCE): (Outcome.CANCELLED, "Cancelled before the other side accepted.", _NEW_PLAN),
    (Deed.CANCELLED, Side.NOWHERE): (Outcome.DRIFTED, "Cancelled, and now in neither account.", _ASK),
} | {
    (deed, Side.TARGET): (Outcome.CONFIRMED, "Seen in the target account.", "Nothing to do.")
    for deed in Deed
    if deed not in {Deed.NONE, Deed.HELD_BACK}
}

_OF_STEP = {Step.LEAVE: Outcome.LEFT, Step.REFUSE: Outcome.REFUSED, Step.ASSIST: Outcome.ASSISTED}


def reconcile(steps: pl.DataFrame, rejected: pl.DataFrame, deeds: pl.DataFrame, sights: pl.DataFrame) -> pl.DataFrame:
    """One line per line of the list (OUTCOMES), ordered by row and line.

    `steps` STEPS, `rejected` (row, raw, code, reason, next_step), `deeds` DEEDS, `sights` SIGHTS of every key of the
    steps, read after the last call. A SIM that was declined and is seen in the target counts as confirmed: it was seen.
    """
    table = pl.DataFrame(
        [(deed, side, *verdict) for (deed, side), verdict in VERDICTS.items()],
        schema={
            "deed": DEED_TYPE,
            "side_now": sights.schema["side"],
            "outcome": OUTCOME_TYPE,
            "_reason": pl.String(),
            "_next": pl.String(),
        },
        orient="row",
    )
    now = sights.unique("key").select(
        "key",
        pl.col("side").alias("side_now"),
        pl.col("status").alias("status_now"),
        pl.col("device_id").alias("device_now"),
    )
    joined = (
        steps.rename({"status": "status_before"})
        .join(now, on="key", how="left", maintain_order="left")
        .join(
            deeds.select(
                "key", "deed", "attempts", pl.col("code").alias("_code"), pl.col("words").alias("_words"), "last_at"
            ),
            on="key",
            how="left",
            maintain_order="left",
        )
    )
    moves = _moves(joined.filter(pl.col("step") == Step.MOVE), table)
    others = _others(joined.filter(pl.col("step") != Step.MOVE))
    return pl.concat([_shaped(moves), _shaped(others), _shaped(_rejected(rejected))]).sort(
        "row", "line", nulls_last=True, maintain_order=True
    )


def _moves(moves: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Outcome, reason and next step of the SIMs that were to be moved, from the table.

    A SIM held back after an attempt of ours had seemed to have no effect, and seen in the target, came by that attempt.
    """
    by_us_after_all = (
        (pl.col("deed") == Deed.HELD_BACK) & (pl.col("attempts") > 0) & (pl.col("side_now") == Side.TARGET)
    )
    return (
        moves.with_columns(
            pl.when(by_us_after_all)
            .then(pl.lit(Deed.ARRIVED, DEED_TYPE))
            .otherwise(pl.col("deed").fill_null(pl.lit(Deed.NONE, DEED_TYPE)))
            .alias("deed")
        )
        .join(table, on=["deed", "side_now"], how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("_reason", "_words").alias("reason"),
            pl.col("_next").alias("next_step"),
            pl.coalesce("_code", "code").alias("code"),
        )
    )


def _others(others: pl.DataFrame) -> pl.DataFrame:
    """Outcome and reason of the SIMs that were not to be moved: the plan's, unless one that was there is gone."""
    gone = (pl.col("step") == Step.LEAVE) & (pl.col("side_now") != Side.TARGET)
    planned = pl.col("step").cast(pl.String).replace_strict(_OF_STEP, return_dtype=pl.String)
    return others.with_columns(
        pl.when(gone).then(pl.lit(str(Outcome.DRIFTED))).otherwise(planned).cast(OUTCOME_TYPE).alias("outcome"),
        pl.when(gone).then(pl.lit("gone")).otherwise("code").alias("code"),
        pl.when(gone).then(pl.lit(_GONE)).otherwise("words").alias("reason"),
        pl.when(gone).then(pl.lit(_ASK)).otherwise("next_step").alias("next_step"),
    )


def _rejected(rejected: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows in the shape of outcomes."""
    return rejected.with_columns(pl.lit(Outcome.REJECTED, OUTCOME_TYPE).alias("outcome"))


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the columns of OUTCOMES; what it does not have is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in OUTCOMES.items()
    )
