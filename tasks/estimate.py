"""About how many calls a plan takes, as somebody who has to wait for them is told."""

from __future__ import annotations

import polars as pl

from domain.orders import Options
from domain.plan import Step
from domain.settings import CARRIED
from providers.protocol import Traits

CALLS_PER_BATCH = 2  # the look before, and the change itself
CALLS_PER_TOKEN = 2  # it is issued, and accepted
_ONE_CALL = pl.col("setting").str.split(":").list.first()  # all tags of a SIM are set together
_SET_BY_ITSELF = ("speed_class",)  # a usual one is there already: about half of them
_NOTHING_TO_SET = "off"


def calls_of(traits: Traits, steps: pl.DataFrame, options: Options, settings: pl.DataFrame) -> int:
    """Calls of carrying out `steps` (STEPS) whose SIMs have these settings (SETTINGS)."""
    moves = steps.filter(pl.col("step") == Step.MOVE)
    batches = moves.group_by("batch").len()["len"]
    if traits.token_life_s is not None:
        return _by_tokens(moves, batches, options, settings)
    if traits.sims_per_call > 1:
        return batches.len() * CALLS_PER_BATCH
    parts = int(moves["parts"].str.count_matches(r"\w+").sum())
    return parts + parts // 10 + batches.len()  # one per part of each SIM's way, and a tenth for reads


def _by_tokens(moves: pl.DataFrame, batches: pl.Series, options: Options, settings: pl.DataFrame) -> int:
    """A read of each SIM before, two where we accept and put back, one call per setting that is, and the tokens."""
    tokens = sum(-(-int(sims) // options.sims_per_token) for sims in batches)
    if not options.accepts:
        return tokens + moves.height
    if not options.restores:
        return tokens * CALLS_PER_TOKEN + 2 * moves.height
    lines = (
        settings.join(moves.select("key").unique(), on="key", how="semi")
        .with_columns(_ONE_CALL.alias("kind"))
        .filter(pl.col("kind").is_in(CARRIED) & (pl.col("value") != _NOTHING_TO_SET))
        .unique(["key", "kind"])
    )
    usual = lines.filter(pl.col("kind").is_in(_SET_BY_ITSELF)).height
    return tokens * CALLS_PER_TOKEN + 3 * moves.height + lines.height - usual // 2
