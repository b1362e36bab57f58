"""The model can fail: the engine is spoiled in one place, and the model finds it within what CI tries."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from domain.events import Kind
from domain.parts import Stand
from tasks import settle as settling
from tasks.settle import Doubt
from tasks.voyage import Voyage
from tests.reliability.model import EmnifyModel, Model, SoracomModel, SuperSimModel

MODELS = (EmnifyModel, SuperSimModel, SoracomModel) if os.environ.get("SIMFERRY_CHAOS") == "1" else (EmnifyModel,)
SETTLERS = ("tasks.carry.settle", "tasks.stages.settle", "tasks.accepting.settle")
TRIES = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Settle = Callable[[Voyage, Sequence[Doubt], datetime], dict[str, Stand]]


def without_settling(voyage: Voyage, doubts: Sequence[Doubt], since: datetime) -> dict[str, Stand]:  # noqa: ARG001 - as `settle`
    """Whatever is in doubt is taken for untouched, and so is sent again."""
    for doubt in doubts:
        voyage.saw(Kind.SETTLED, doubt.batch, doubt.attempt, {Stand.BEFORE: [sim.key for sim in doubt.sims]})
    return {sim.key: Stand.BEFORE for doubt in doubts for sim in doubt.sims}


def with_one_read(voyage: Voyage, doubts: Sequence[Doubt], since: datetime) -> dict[str, Stand]:
    """The first read after the settle time is believed."""
    voyage.wait_until(since + timedelta(seconds=voyage.limits.settle_s))
    stands = settling._stands_now(voyage, doubts, set())
    settling._record(voyage, doubts, stands)
    return stands


def without_waiting(voyage: Voyage, doubts: Sequence[Doubt], since: datetime) -> dict[str, Stand]:
    """Two reads are made at once, while the provider may still be at work."""
    voyage.limits, limits = replace(voyage.limits, settle_s=0.0), voyage.limits
    try:
        return settling.settle(voyage, doubts, since)
    finally:
        voyage.limits = limits


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mutant", [without_settling, with_one_read, without_waiting])
def test_the_model_finds_an_engine_that_sends_again_too_soon(
    model: type[Model], mutant: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SETTLERS:
        monkeypatch.setattr(name, mutant)
    with pytest.raises(AssertionError, match="again, and no two reads"):
        run_state_machine_as_test(model, settings=TRIES)
