"""The model of all three providers; with SIMFERRY_CHAOS=1 it tries a hundred times as much."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.reliability.model import EmnifyModel, SoracomModel, SuperSimModel

CHAOS = 100 if os.environ.get("SIMFERRY_CHAOS") == "1" else 1
EXAMPLES = {EmnifyModel: 24, SuperSimModel: 16, SoracomModel: 16}
for model, examples in EXAMPLES.items():  # a machine has its settings in this one place
    model.TestCase.settings = settings(
        max_examples=examples * CHAOS,
        stateful_step_count=12,
        derandomize=CHAOS == 1,  # CI tries the same stories each time, and chaos others
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )

TestEmnify = EmnifyModel.TestCase
TestSuperSim = SuperSimModel.TestCase
TestSoracom = SoracomModel.TestCase
