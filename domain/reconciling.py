"""Plan + journal + a fresh survey → one outcome per line of the list: the pure middle of `simferry reconcile`."""

from __future__ import annotations

import polars as pl

from domain.inventory import Side
from domain.orders import Part
from domain.outcomes import DEED_TYPE, OUTCOME_TYPE, OUTCOMES, Deed, Outcome
from domain.parts import PLAIN, STAND_TYPE, Course, Stand
from domain.plan import Step
from domain.queue import GIVEN_UP, OPEN_DEEDS, with_deeds
from domain.transfer_verdicts import BY_SUPPORT, ENDED, LOST, NEITHER, TAKEN
from domain.verdict import ASK, BY_ITSELF, SUPPORT, Verdict
from domain.verdicts import BETWEEN, MOVED_ONLY, MOVED_SO_FAR, OFFLINE, OTHER_GROUP, VERDICTS

_GONE = "It was in the target account when the plan was made, and is not there any more."

NO_TOKENS = pl.Series("key", dtype=pl.String)

_OF_STEP = {Step.LEAVE: Outcome.LEFT, Step.REFUSE: Outcome.REFUSED, Step.ASSIST: Outcome.ASSISTED}


def reconcile(
    steps: pl.DataFrame,
    rejected: pl.DataFrame,
    deeds: pl.DataFrame,
    sights: pl.DataFrame,
    course: Course = PLAIN,
    issued: pl.Series = NO_TOKENS,
) -> pl.DataFrame:
    """One line per line of the list (OUTCOMES), ordered by row and line.

    `steps` STEPS, `rejected` (row, raw, code, reason, next_step), `deeds` DEEDS, `sights` SIGHTS of every key of the
    steps, read after the last call, `issued` keys of SIMs that a token came for. A SIM that was declined and is seen
    as wanted counts as confirmed: it was seen.
    """
    now = sights.unique("key").select(
        "key",
        pl.col("side").alias("side_now"),
        pl.col("status").alias("status_now"),
        pl.col("device_id").alias("device_now"),
        pl.col("group").alias("group_now"),
    )
    told = deeds.select("key", pl.col("code").alias("_code"), pl.col("words").alias("_words"))
    seen = now.join(told, on="key", how="left", maintain_order="left")
    moves = (
        with_deeds(steps, deeds)
        .join(seen, on="key", how="left", maintain_order="left")
        .with_columns(pl.col("key").is_in(issued.implode()).alias("had_token"))
    )
    others = steps.filter(pl.col("step") != Step.MOVE).drop("part", strict=False)
    rest = others.join(now, on="key", how="left", maintain_order="left")
    whole = [_shaped(part) for part in (_moves(moves, course), _others(rest), _rejected(rejected))]
    return pl.concat(whole).sort("row", "line", nulls_last=True, maintain_order=True)


def _moves(moves: pl.DataFrame, course: Course) -> pl.DataFrame:
    """Outcome, reason and next step of the SIMs that were to be moved, from the table.

    A SIM held back after an attempt of ours had seemed to have no effect, and seen as wanted, came by that attempt;
    one that is deactivated may have been so by others.
    """
    standing = moves.with_columns(course.standings().alias("stand"))
    held_back = (pl.col("deed") == Deed.HELD_BACK) & (pl.col("part") != Part.DEACTIVATE)
    by_us_after_all = held_back & (pl.col("attempts") > 0) & (pl.col("stand") == Stand.DONE)
    arrived = pl.when(by_us_after_all).then(pl.lit(Deed.ARRIVED, DEED_TYPE)).otherwise("deed").alias("deed")
    judged = standing.with_columns(arrived).join(
        _table(), on=["part", "deed", "stand"], how="left", maintain_order="left"
    )
    worded = judged.with_columns(_reason().alias("reason"), pl.col("_next").alias("next_step"))
    off = _is_in(Part.DEACTIVATE, course)
    return _on_the_way(worded, off, course).with_columns(
        _with_offline(off).alias("reason"),
        pl.when(pl.col("deed") == Deed.NONE).then("code").otherwise(pl.coalesce("_code", "code")).alias("code"),
        pl.col("status").alias("status_before"),
    )


def _table() -> pl.DataFrame:
    """The verdicts as a frame to join with."""
    return pl.DataFrame(
        [(part, deed, stand, *verdict) for (part, deed, stand), verdict in VERDICTS.items()],
        schema={
            "part": pl.String(),
            "deed": DEED_TYPE,
            "stand": STAND_TYPE,
            "outcome": OUTCOME_TYPE,
            "_reason": pl.String(),
            "_next": pl.String(),
        },
        orient="row",
    )


def _on_the_way(judged: pl.DataFrame, off: pl.Expr, course: Course) -> pl.DataFrame:
    """The verdicts on SIMs that are between two parts of their way, which no single part tells."""
    at_move = pl.col("part") == Part.MOVE
    unsent = pl.col("deed").is_in([str(Deed.NONE), str(Deed.UNSENT)])
    unmoved = at_move & pl.col("begun") & unsent & off & (pl.col("stand") == Stand.BEFORE)
    there = pl.col("outcome").is_in([str(Outcome.CONFIRMED), str(Outcome.LEFT)]) & ~_is_in(Part.ACTIVATE, course)
    moved = at_move & ~pl.col("parts").str.ends_with(Part.MOVE) & there
    goes_on = pl.col("deed").is_in([str(deed) for deed in (*OPEN_DEEDS, *GIVEN_UP)])
    cases = ((unmoved, BETWEEN), (moved & goes_on, MOVED_SO_FAR), (moved & ~goes_on, MOVED_ONLY), *_transferred(course))
    for holds, (outcome, reason, next_step) in cases:
        judged = judged.with_columns(
            pl.when(holds).then(pl.lit(outcome, OUTCOME_TYPE)).otherwise("outcome").alias("_outcome"),
            pl.when(holds).then(pl.lit(reason)).otherwise("reason").alias("reason"),
            pl.when(holds).then(pl.lit(next_step)).otherwise("next_step").alias("next_step"),
        )
        judged = judged.with_columns(pl.col("_outcome").alias("outcome"))
    return judged


def _transferred(course: Course) -> tuple[tuple[pl.Expr, Verdict], ...]:
    """Verdicts on SIMs of a transfer that are further, or elsewhere, than the journal knows."""
    issued, there = pl.col("part") == Part.ISSUE, pl.col("side_now") == Side.TARGET
    never = pl.col("deed").is_in([str(deed) for deed in (Deed.NONE, Deed.HELD_BACK, Deed.UNSENT)])
    tried = (pl.col("deed") == Deed.HELD_BACK) & (pl.col("attempts") > 0)  # an attempt before, which had come late
    offered = pl.col("part") == Part.OFFER
    waits = offered & (pl.col("stand") == Stand.UNDER_WAY) & (pl.col("deed") == Deed.PENDING)
    ours = pl.col("part").is_in([str(Part.ISSUE), str(Part.ACCEPT)]) | (offered & (pl.col("parts") != Part.OFFER))
    ended = (pl.col("next_step") == SUPPORT) & pl.col("status_now").is_in(course.ends)
    return (
        (ended, ENDED),
        (issued & there & (~never | tried), TAKEN),
        (issued & there & never & ~tried, BY_ITSELF),
        (waits & ~pl.col("had_token"), LOST),
        (ours & (pl.col("side_now") == Side.NOWHERE), (Outcome.DRIFTED, *NEITHER)),
    )


def _reason() -> pl.Expr:
    """The table's reason, or the words that came with the deed."""
    elsewhere = (pl.col("stand") == Stand.ASTRAY) & (pl.col("side_now") == Side.TARGET) & (pl.col("part") == Part.MOVE)
    words = pl.coalesce("_reason", "_words", pl.lit(""))
    return pl.when(elsewhere).then(pl.lit(OTHER_GROUP)).otherwise(words)


def _is_in(part: Part, course: Course) -> pl.Expr:
    """Whether the last read shows a SIM in a status that the part wants; others may have changed it since."""
    statuses = course.goals[part].statuses if part in course.goals else ()
    return pl.col("status_now").is_in(statuses).fill_null(value=False)


def _with_offline(off: pl.Expr) -> pl.Expr:
    """The reason, which of a SIM that was deactivated for a move that did not come about says that too."""
    stuck = pl.col("begun") & (pl.col("part") == Part.MOVE) & (pl.col("stand") == Stand.BEFORE) & off
    both = pl.concat_str(pl.col("reason").str.strip_chars_end(". "), pl.lit("." + OFFLINE)).str.strip_chars_start(". ")
    return pl.when(stuck & (pl.col("reason") != BETWEEN[1])).then(both).otherwise("reason")


def _others(others: pl.DataFrame) -> pl.DataFrame:
    """Outcome and reason of the SIMs that were not to be moved: the plan's, unless one that was there is gone."""
    gone = (pl.col("step") == Step.LEAVE) & (pl.col("side_now") != Side.TARGET)
    planned = pl.col("step").cast(pl.String).replace_strict(_OF_STEP, return_dtype=pl.String)
    assisted = (pl.col("step") == Step.ASSIST) & (pl.col("side_now") == Side.TARGET)
    code, words, then = pl.col("code"), pl.col("words"), pl.col("next_step")
    for holds, (outcome, reason, next_step), why in (
        (gone, (Outcome.DRIFTED, _GONE, ASK), "gone"),
        (assisted, BY_SUPPORT, "arrived"),
    ):
        planned = pl.when(holds).then(pl.lit(str(outcome))).otherwise(planned)
        code = pl.when(holds).then(pl.lit(why)).otherwise(code)
        words = pl.when(holds).then(pl.lit(reason)).otherwise(words)
        then = pl.when(holds).then(pl.lit(next_step)).otherwise(then)
    return others.with_columns(
        pl.col("status").alias("status_before"),
        planned.cast(OUTCOME_TYPE).alias("outcome"),
        code.alias("code"),
        words.alias("reason"),
        then.alias("next_step"),
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
