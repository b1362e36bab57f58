"""What is left of a plan, given what the journal says: the batches that may be sent, and the SIMs that are in doubt."""

from __future__ import annotations

import polars as pl

from domain.limits import Limits
from domain.orders import Part, Sim
from domain.outcomes import Deed
from domain.parts import parts_of
from domain.plan import Step

OPEN_DEEDS = (Deed.UNHEARD, Deed.TOLD, Deed.PENDING)  # what happened is still to be found out

# Looked at again before anything else: the provider may have come to it after it was given up.
GIVEN_UP = (Deed.STILL, Deed.FELL_BACK, Deed.ASTRAY)

# An attempt that the provider never acted on is no attempt at the SIM: only STILL is counted against the limit.
ALWAYS_SENT = (Deed.NONE, Deed.UNSENT)

# Columns of STEPS in the order of the fields of `Sim`; its parts come last.
_SIM = ("key", "sim_id", "iccid", "imsi", "status", "device_id", "group", "group_to")


def with_deeds(steps: pl.DataFrame, deeds: pl.DataFrame) -> pl.DataFrame:
    """The MOVE steps (STEPS), each with where it stands on its way: `part`, `deed`, `attempts`, `last_at`, `begun`.

    NONE where the journal has nothing about the part. A SIM that has done a part is at the next one of its way, with
    nothing done about that; one that has done its last part stays there, ARRIVED. `begun` is whether an earlier part
    was done.
    """
    joined = (
        steps.filter(pl.col("step") == Step.MOVE)
        .join(deeds.select("key", "part", "deed", "attempts", "last_at"), on="key", how="left", maintain_order="left")
        .with_columns(
            pl.col("deed").fill_null(pl.lit(Deed.NONE, deeds.schema["deed"])),
            pl.col("attempts").fill_null(0),
            pl.col("part").fill_null(pl.col("parts").str.extract(r"^(\w+)", 1)),
        )
    )
    on = (pl.col("deed") == Deed.ARRIVED) & pl.col("_following").is_not_null()
    return (
        joined.join(_ways(joined["parts"]), on=["parts", "part"], how="left", maintain_order="left")
        .with_columns(
            pl.when(on).then(pl.lit(Deed.NONE, deeds.schema["deed"])).otherwise("deed").alias("deed"),
            pl.when(on).then(0).otherwise("attempts").cast(deeds.schema["attempts"]).alias("attempts"),
            pl.when(on).then("_following").otherwise("part").alias("part"),
            (pl.col("_begun").fill_null(value=False) | on).alias("begun"),
        )
        .drop("_following", "_begun")
    )


def left_to_send(moves: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Of `with_deeds`, the SIMs that may be sent, ordered by batch and key; never one that is in doubt."""
    untouched = pl.col("deed").is_in([str(deed) for deed in ALWAYS_SENT])
    once_more = (pl.col("deed") == Deed.STILL) & (pl.col("attempts") < limits.attempts_max)
    return moves.filter(untouched | once_more).sort("batch", "key")


def has_gone_its_way() -> pl.Expr:
    """Of `with_deeds`, SIMs that have arrived, or wait for the other side by plan: as far as we can carry them."""
    offered = (pl.col("parts") == Part.OFFER) & (pl.col("deed") == Deed.PENDING)
    return (pl.col("deed") == Deed.ARRIVED) | offered


def may_not_be_planned() -> pl.Expr:
    """Of `with_deeds`, SIMs that are no other run's yet: what happened is to be found out, or their way goes on."""
    between = pl.col("begun") & pl.col("deed").is_in([str(deed) for deed in ALWAYS_SENT])
    return between | pl.col("deed").is_in([str(deed) for deed in OPEN_DEEDS])


def sims_of(rows: pl.DataFrame) -> tuple[Sim, ...]:
    """The SIMs of some rows of STEPS (at most a wave's worth), in their order."""
    ways = {text: parts_of(text) for text in rows["parts"].unique().drop_nulls()}
    named = rows.select(*_SIM, "parts").with_columns(pl.col("sim_id").fill_null(""))
    return tuple(Sim(*(*row[:-1], ways.get(row[-1], ()))) for row in named.iter_rows())


def _ways(texts: pl.Series) -> pl.DataFrame:
    """One line per part of each distinct way: which part follows it, and whether any comes before it."""
    lines = [
        (text, str(part), str(parts[place + 1]) if place + 1 < len(parts) else None, place > 0)
        for text in texts.unique().drop_nulls()
        for parts in (parts_of(text),)
        for place, part in enumerate(parts)
    ]
    schema = {"parts": pl.String(), "part": pl.String(), "_following": pl.String(), "_begun": pl.Boolean()}
    return pl.DataFrame(lines, schema=schema, orient="row")
