"""What a plan is drafted under."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import UsageError
from domain.limits import Limits
from tasks.drafting import fitting
from tests.fakes import FakeClock, FakeProvider

TRAITS = FakeProvider(FakeClock(), {}).traits  # 500 SIMs per call


@pytest.mark.parametrize("limits", [Limits(batch_sims=501), Limits(canary_sims=501)])
def test_a_batch_that_no_request_holds_is_refused_while_planning(limits: Limits) -> None:
    with pytest.raises(UsageError, match="500 SIMs per request"):
        fitting(limits, TRAITS)


def test_a_provider_of_one_call_per_sim_takes_batches_of_any_size() -> None:
    assert fitting(Limits(), replace(TRAITS, sims_per_call=1)) == Limits()
