"""Several changing requests at once, where the settings say so: a breaker stops what has not begun."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import polars as pl
import pytest

from domain.breakers import Tally
from domain.errors import CredentialsRefused
from domain.inventory import Side
from domain.orders import Options, Order, Reply
from domain.outcomes import Deed
from domain.state import fold
from tasks.crossing import carry_wave, waves
from tasks.stages import CANARY
from tasks.voyage import Voyage
from tests.engine.test_crash_points import LIMITS, SIMS, plan_of
from tests.fakes import ANSWERS, Act, FakeClock, FakeLog, FakeProvider

ABREAST = replace(LIMITS, calls_in_flight=2, batch_sims=1)
WAIT_S_MAX = 10.0


@dataclass
class SlowFirst(FakeProvider):
    """The first request is answered when `go_on` is set; every other one is refused for its credentials."""

    go_on: threading.Event = field(default_factory=threading.Event)
    refused: list[Order] = field(default_factory=list)

    def move(self, order: Order) -> Reply:
        if order.batch == CANARY + 1:
            self.go_on.wait(WAIT_S_MAX)
            return super().move(order)
        self.refused.append(order)
        threading.Timer(0.2, self.go_on.set).start()
        return ANSWERS[Act.NO_ENTRY]


def test_no_batch_begins_after_one_beside_it_was_refused_for_its_credentials() -> None:
    provider = SlowFirst(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    steps, log = plan_of(provider).with_columns(batch=pl.int_range(1, len(SIMS) + 1, dtype=pl.UInt32)), FakeLog()
    voyage = Voyage("a-run", provider, provider, log, provider.clock, ABREAST, Options(), lambda _: None)
    wave = pl.concat(waves(voyage, steps, fold(log.events))).filter(pl.col("batch") > CANARY)
    with pytest.raises(CredentialsRefused):
        carry_wave(voyage, wave, Tally())
    assert len(provider.refused) == 1


def test_all_batches_of_a_wave_are_carried_side_by_side() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    steps, log = plan_of(provider), FakeLog()
    limits = replace(LIMITS, calls_in_flight=2)
    voyage = Voyage("a-run", provider, provider, log, provider.clock, limits, Options(), lambda _: None)
    wave = pl.concat(waves(voyage, steps, fold(log.events)))
    assert carry_wave(voyage, wave, Tally()).attempted == len(SIMS)
    assert set(provider.moves.values()) == {1}


def test_the_canary_is_alone_under_way_and_is_read_back_whole_before_anything_else_goes() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    limits = replace(LIMITS, calls_in_flight=2, spot_sims=1)
    steps, log = plan_of(provider), FakeLog()
    voyage = Voyage("a-run", provider, provider, log, provider.clock, limits, Options(), lambda _: None)
    first, *_ = waves(voyage, steps, fold(log.events))
    assert first["batch"].unique().to_list() == [CANARY]
    carry_wave(voyage, first, Tally())
    assert set(fold(log.events)["deed"]) == {Deed.ARRIVED}
