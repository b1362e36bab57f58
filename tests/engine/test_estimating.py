"""How many calls a plan says that it takes: by batches, by parts, or by tokens and what is put back."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from domain.guarantees import Class, Guarantee
from domain.orders import Options
from domain.plan import Checked
from domain.settings import SETTINGS
from providers.protocol import Traits
from tasks.estimate import calls_of
from tests.journal.journal_samples import KEYS, steps

LINES = (
    (KEYS[0], "tag:name", "a"),
    (KEYS[0], "tag:site", "b"),
    (KEYS[0], "speed_class", "s1.fast"),
    (KEYS[1], "speed_class", "s1.fast"),
    (KEYS[1], "termination_protection", "off"),
    (KEYS[1], "event_handler:night", "active"),
    (KEYS[3], "tag:name", "left where it is"),
)
SET = pl.DataFrame(LINES, schema=SETTINGS, orient="row")
TRAITS = Traits(
    "any", sims_per_call=500, calls_in_flight=1, settle_s=1.0, guarantee=Guarantee(Class.SET_TO, ""), checked=Checked()
)
BY_TOKENS = replace(TRAITS, token_life_s=3_600.0)


@pytest.mark.parametrize(
    ("traits", "ways", "options", "calls"),
    [
        (TRAITS, ("move",) * 3, Options(), 2 * 2),
        (replace(TRAITS, sims_per_call=1), ("deactivate move activate",) * 3, Options(), 9 + 2),
        (BY_TOKENS, ("offer",) * 3, Options(), 2 + 3),
        (BY_TOKENS, ("offer",) * 3, Options(sims_per_token=1), 3 + 3),
        (BY_TOKENS, ("issue accept",) * 3, Options(accepts=True, restores=False), 2 * 2 + 2 * 3),
        (BY_TOKENS, ("issue accept",) * 3, Options(accepts=True), 2 * 2 + 3 * 3 + 2),  # its tags, and one speed class
    ],
)
def test_a_plan_counts_its_calls(traits: Traits, ways: tuple[str, ...], options: Options, calls: int) -> None:
    assert calls_of(traits, steps(ways), options, SET) == calls
