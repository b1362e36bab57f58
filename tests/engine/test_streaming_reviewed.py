"""One call per SIM, in parts: what a review of the engine tried to break it with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from domain.inventory import Side
from domain.orders import Order, Reply, Sight, Sim
from domain.outcomes import Deed, Outcome
from tasks.stream import LOOK_S_MAX
from tests.engine.test_streaming import WAYS, Run
from tests.fakes import Killed
from tests.streaming import Exchange, MortalLog, Slip


@dataclass
class Slow(Exchange):
    """An exchange of which each changing call takes a while."""

    call_s: float = 0.0

    def move(self, order: Order) -> Reply:
        self.clock.sleep(self.call_s)
        return super().move(order)


def test_a_sight_that_grows_old_while_others_are_sent_holds_no_sim_back() -> None:
    run = Run(("active",) * 60, {})
    run.provider = Slow(run.provider.clock, run.provider.cards, run.log, call_s=15.0)
    run.execute()
    assert Deed.HELD_BACK not in run.deeds()["deed"]
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}


def test_no_sim_is_sent_by_a_look_that_waited_long_for_its_batch_s_turn() -> None:
    run = Run(("new",) * 30, {})
    provider = Slow(run.provider.clock, run.provider.cards, run.log, call_s=70.0)
    run.provider, find = provider, provider.find
    seen_at: dict[str, datetime] = {}

    def watched(sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        seen_at.update(dict.fromkeys((sim.key for sim in sims), provider.clock.now()))
        return find(sims, first)

    def intended(*events: Event) -> None:
        for key in (key for event in events if event.kind == Kind.INTENDED for key in event.sims):
            assert provider.clock.now() - seen_at[key] <= timedelta(seconds=LOOK_S_MAX)
        write(*events)

    write = run.log.write
    provider.find = watched  # type: ignore[method-assign] # a test's wrapper
    run.log.write = intended  # type: ignore[method-assign] # likewise
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}


@dataclass
class Hanging(Exchange):
    """A look that takes a second of real time at one batch; each changing call takes a part of one."""

    hangs_at: int = 0
    call_s: float = 0.05

    def look(self, order: Order) -> Reply:
        if order.batch == self.hangs_at:
            time.sleep(1.0)
        return super().look(order)

    def move(self, order: Order) -> Reply:
        time.sleep(self.call_s)
        return super().move(order)


def test_a_run_that_stops_sends_nothing_more_while_it_waits_for_a_look() -> None:
    run = Run(("new",) * 40, dict.fromkeys(range(3, 6), Slip.LIE), calls_in_flight=4)
    run.provider = Hanging(run.provider.clock, run.provider.cards, run.log, run.provider.script, hangs_at=8)
    with pytest.raises(RefusedToRun, match="no-effect"):
        run.execute()
    queued = [key for event in run.log.events if event.kind == Kind.INTENDED for key in event.sims]
    assert run.provider.calls < len(queued)
    assert Deed.UNHEARD not in run.deeds()["deed"]


@dataclass
class BrokenOff(MortalLog):
    """A journal that Ctrl-C hits in the middle of the n-th write: from then on it takes nothing more."""

    def write(self, *events: Event) -> None:
        if self.dead:
            raise RefusedToRun("an earlier record could not be kept", "journal")
        try:
            super().write(*events)
        except Killed as death:
            raise KeyboardInterrupt from death


def test_ctrl_c_is_told_as_such_also_where_it_hits_the_journal() -> None:
    number, stopped = 0, True
    while stopped:
        number, run = number + 1, Run(WAYS[:4], {}, calls_in_flight=2)
        run.log = BrokenOff(die_before=number)
        run.provider = Hanging(run.provider.clock, run.provider.cards, run.log, call_s=0.01)
        try:
            run.execute()
            stopped = False
        except KeyboardInterrupt:
            pass
        run.log.resurrect()
        run.execute()
        assert set(run.outcomes().values()) == {Outcome.CONFIRMED}
        assert max(run.provider.effects.values()) == 1
    assert number > 10
