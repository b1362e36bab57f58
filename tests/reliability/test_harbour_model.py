"""The model over the harbour, at all three providers; SIMFERRY_CHAOS=1 tries a hundred times as much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.berths import BERTHS
from tests.reliability.harbour import lay
from tests.reliability.harbour_model import HarbourModel

CHAOS = 100 if os.environ.get("SIMFERRY_CHAOS") == "1" else 1
TRIES = settings(
    max_examples=2 * CHAOS,
    stateful_step_count=5,
    derandomize=CHAOS == 1,  # CI tries the same stories each time, and chaos others
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("berth", [name for name in BERTHS if BERTHS[name].kind != "small"])
def test_whatever_happens_to_a_run_its_reports_agree_with_the_books(berth: str, tmp_path: Path) -> None:
    class Here(HarbourModel):
        laid = lay(BERTHS[berth], tmp_path / "laid")
        folder = tmp_path

    run_state_machine_as_test(Here, settings=TRIES)
