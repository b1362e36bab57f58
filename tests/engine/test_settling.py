"""Doubt: how often the provider is read before anything is said of a SIM."""

from __future__ import annotations

from collections.abc import Sequence

from domain.inventory import Side
from domain.limits import Limits
from domain.orders import Options, Sight, Sim
from domain.parts import Stand
from tasks.settle import Doubt, settle
from tasks.voyage import Batch, Voyage
from tests.fakes import FakeClock, FakeLog, FakeProvider, fleet

SIMS = fleet(2)


class Wavering(FakeProvider):
    """Shows SIMs in the source at the first read, and in the target from the second one on."""

    reads = 0

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        self.reads += 1
        if self.reads == 2:
            self.where |= {sim.key: Side.TARGET for sim in SIMS}
        return super().find(sims, first)


def test_one_read_settles_nothing() -> None:
    provider, log = Wavering(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), FakeLog()
    voyage = Voyage("a-run", provider, None, log, provider.clock, Limits(), Options(), lambda _: None)
    settled = settle(voyage, [Doubt(Batch(1, SIMS), 1, SIMS)], provider.clock.now())
    assert settled == {sim.key: Stand.DONE for sim in SIMS}
    assert provider.reads == 3
    assert [event.body["stand"] for event in log.events] == [Stand.DONE]


def test_reads_that_never_agree_leave_the_doubt_to_a_person() -> None:
    class Restless(FakeProvider):
        def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
            self.where = {key: Side.TARGET if side == Side.SOURCE else Side.SOURCE for key, side in self.where.items()}
            return super().find(sims, first)

    provider, log = Restless(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), FakeLog()
    voyage = Voyage("a-run", provider, None, log, provider.clock, Limits(), Options(), lambda _: None)
    assert settle(voyage, [Doubt(Batch(1, SIMS), 1, SIMS)], provider.clock.now()) == {}
    assert log.events == []
