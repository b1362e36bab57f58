"""What moving SIMs does beside moving them, in words: counted by the parts of each SIM's way."""

from __future__ import annotations

import polars as pl
import pytest

from domain.orders import Options
from domain.plan import STEPS, Step
from providers.supersim_consequences import consequences_of

STAYS, RETURNS = "deactivate move", "deactivate move activate"


def steps(*sims: tuple[str, str]) -> pl.DataFrame:
    """MOVE steps of SIMs by status and way."""
    said = {"step": [Step.MOVE] * len(sims), "status": [each[0] for each in sims], "parts": [each[1] for each in sims]}
    nothing = {name: [None] * len(sims) for name in STEPS.names() if name not in said}
    return pl.DataFrame({**said, **nothing}, schema_overrides=STEPS).select(STEPS.names())


@pytest.mark.parametrize(
    ("sims", "words"),
    [
        ([("active", STAYS)], "so offline, and stays inactive"),
        ([("active", RETURNS)], "so offline, until it is activated again"),
        ([("active", RETURNS), ("active", STAYS)], "until 1 of them are activated again in the target account"),
        ([("ready", STAYS)], "1 SIM is ready now and will be inactive"),
        ([("ready", RETURNS)], "1 SIM is ready now and will be active"),
    ],
)
def test_only_sims_whose_way_ends_in_activation_are_said_to_come_back(sims: list[tuple[str, str]], words: str) -> None:
    assert words in " ".join(consequences_of(steps(*sims), Options()))


def test_a_deactivation_is_not_taken_for_an_activation() -> None:
    told = " ".join(consequences_of(steps(("active", STAYS), ("ready", STAYS)), Options()))
    assert "activated again in" not in told
    assert "will be active" not in told


def test_new_sims_are_said_to_stay_new() -> None:
    (told,) = consequences_of(steps(("new", "move"), ("new", "move")), Options())
    assert told.startswith("2 SIMs are new and stay so")
