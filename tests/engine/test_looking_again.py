"""What reads prove although clocks are wrong and lists move while they are read."""

from __future__ import annotations

from datetime import timedelta

from domain.inventory import INVENTORY, Side, sights_of
from domain.limits import Limits
from domain.orders import Options
from tasks.reconciling import found_again
from tasks.settle import Doubt, settle
from tasks.voyage import Batch, Voyage
from tests.engine.test_crash_points import plan_of
from tests.fakes import FakeClock, FakeLog, FakeProvider, fleet

SIMS = fleet(11)


def test_a_sim_that_both_surveys_passed_over_is_looked_for_by_name() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    steps = plan_of(provider)
    provider.where |= {sim.key: Side.TARGET for sim in SIMS} | {SIMS[5].key: Side.NOWHERE}
    target = provider.survey(Side.TARGET, lambda *_: None).sims.head(-2)
    sights = found_again(provider, steps, sights_of(steps["key"], INVENTORY.to_frame(), target))
    assert dict(sights.select("key", "side").iter_rows()) == provider.where


def test_a_moment_in_the_future_is_not_waited_for() -> None:
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    voyage = Voyage("a-run", provider, None, FakeLog(), provider.clock, Limits(), Options(), lambda _: None)
    settle(voyage, [Doubt(Batch(1, SIMS), 1, SIMS)], provider.clock.now() + timedelta(days=1))
    assert Limits().settle_s <= provider.clock.slept_s < 2 * Limits().settle_s
