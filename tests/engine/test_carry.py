"""One batch across a provider that obeys a script: nothing moves twice, and nothing is sent that may have arrived."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from domain.breakers import Cause
from domain.errors import ProviderUnavailable
from domain.events import Event as Record
from domain.events import Kind
from domain.inventory import Side
from domain.limits import Limits
from domain.orders import Options, Order, Refusal, Reply, Said, Sight, Sim
from domain.outcomes import Deed
from domain.state import fold
from tasks.ahead import FRESH_S, THREADS, Ahead
from tasks.carry import BatchEnd, carry_batch
from tasks.voyage import Batch, Voyage
from tests.fakes import Act, FakeClock, FakeLog, FakeProvider, fleet

SIMS = fleet(8)


def provider_with(*acts: Act, **more: object) -> FakeProvider:
    script = dict(enumerate(acts, start=1))
    return FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}, script, **more)  # type: ignore[arg-type] # test data


def sail(provider: FakeProvider, log: FakeLog, read_back: int = 3) -> BatchEnd:
    voyage = Voyage("a-run", provider, provider, log, provider.clock, Limits(), Options(), lambda _: None)
    batch = Batch(1, SIMS)
    with ThreadPoolExecutor(1) as pool:
        return carry_batch(voyage, batch, read_back, Ahead(voyage, pool, batch), None)


def deeds(log: FakeLog) -> dict[str, str]:
    return dict(fold(log.events).select("key", "deed").iter_rows())


def test_a_batch_that_goes_well_is_intended_before_it_is_sent_and_read_back_after() -> None:
    provider, log = provider_with(), FakeLog()
    end = sail(provider, log)
    assert [event.kind for event in log.events] == [Kind.INTENDED, Kind.ANSWERED, Kind.SEEN]
    assert (end.attempted, end.declined, end.stop) == (8, 0, None)
    assert sorted(deeds(log).values()) == [Deed.ARRIVED] * 3 + [Deed.TOLD] * 5


def test_a_canary_is_read_back_whole() -> None:
    provider, log = provider_with(), FakeLog()
    sail(provider, log, read_back=8)
    assert set(deeds(log).values()) == {Deed.ARRIVED}


@pytest.mark.parametrize("act", [Act.SILENT_AFTER, Act.SILENT_LATE, Act.SILENT_LATEST])
def test_what_arrived_without_an_answer_is_never_sent_again(act: Act) -> None:
    provider, log = provider_with(act), FakeLog()
    sail(provider, log)
    assert len(provider.sent) == 1
    assert set(provider.moves.values()) == {1}
    assert set(deeds(log).values()) == {Deed.ARRIVED}


def test_silence_is_waited_out_before_the_first_read_that_counts() -> None:
    provider, log = provider_with(Act.SILENT_BEFORE), FakeLog()
    sail(provider, log)
    assert provider.clock.slept_s >= Limits().settle_s


def test_what_is_proven_untouched_is_sent_again() -> None:
    provider, log = provider_with(Act.SILENT_BEFORE), FakeLog()
    sail(provider, log)
    assert [len(order.sims) for order in provider.sent] == [8, 8]
    assert set(provider.moves.values()) == {1}


def test_of_a_part_applied_only_the_rest_is_sent_again() -> None:
    provider, log = provider_with(Act.SILENT_PART), FakeLog()
    sail(provider, log)
    assert [len(order.sims) for order in provider.sent] == [8, 4]
    assert set(provider.moves.values()) == {1}
    assert len(provider.moves) == 8


def test_attempts_are_limited() -> None:
    provider, log = provider_with(*[Act.SILENT_BEFORE] * 9), FakeLog()
    sail(provider, log)
    assert len(provider.sent) == Limits().attempts_max
    assert set(deeds(log).values()) == {Deed.STILL}


def test_a_yes_without_effect_stops_the_run_and_is_not_repeated() -> None:
    provider, log = provider_with(Act.LIE), FakeLog()
    end = sail(provider, log)
    assert end.stop is not None
    assert end.stop[0] == Cause.NO_EFFECT
    assert len(provider.sent) == 1
    assert set(deeds(log).values()) == {Deed.STILL}


def test_a_late_view_of_a_yes_is_waited_for() -> None:
    provider, log = provider_with(Act.LAG), FakeLog()
    end = sail(provider, log)
    assert end.stop is None
    assert len(provider.sent) == 1


def test_a_refused_sim_leaves_the_batch_and_the_others_go() -> None:
    provider, log = provider_with(Act.DECLINE), FakeLog()
    end = sail(provider, log)
    assert [len(order.sims) for order in provider.sent] == [8, 7]
    assert end.declined == 1
    assert deeds(log)[SIMS[0].key] == Deed.DECLINED


def test_a_batch_declined_without_a_name_is_declined_whole_with_its_code() -> None:
    provider, log = provider_with(Act.DECLINE_ALL), FakeLog()
    end = sail(provider, log)
    assert (end.declined, end.code) == (8, "404")
    assert set(deeds(log).values()) == {Deed.DECLINED}


def test_a_sim_that_is_not_as_planned_is_held_back() -> None:
    provider, log = provider_with(), FakeLog()
    provider.where[SIMS[2].key] = Side.TARGET
    provider.status[SIMS[3].key] = "Activated"
    end = sail(provider, log)
    assert end.held_back == 2
    held = fold(log.events).filter(deed=Deed.HELD_BACK)
    assert dict(held.select("key", "code").iter_rows()) == {
        SIMS[2].key: "moved",
        SIMS[3].key: "status_changed",
    }
    assert provider.moves.get(SIMS[3].key) is None


def test_a_provider_that_cannot_be_reached_leaves_nothing_in_doubt() -> None:
    provider, log = provider_with(Act.UNSENT), FakeLog()
    with pytest.raises(ProviderUnavailable, match="Nothing of it is in doubt"):
        sail(provider, log)
    assert set(deeds(log).values()) == {Deed.UNSENT}


def test_refused_credentials_stop_the_run_at_once() -> None:
    provider, log = provider_with(Act.NO_ENTRY), FakeLog()
    end = sail(provider, log)
    assert end.stop is not None
    assert end.stop[0] == Cause.CREDENTIALS


def test_sims_that_end_up_nowhere_are_said_to_be_astray() -> None:
    provider, log = provider_with(Act.LOSE), FakeLog()
    sail(provider, log)
    assert set(deeds(log).values()) == {Deed.ASTRAY}
    assert len(provider.sent) == 1


def test_a_provider_of_one_call_per_sim_gets_one_call_per_sim() -> None:
    provider, log = provider_with(Act.UNSENT, Act.SILENT_AFTER, sims_per_call=1), FakeLog()
    sail(provider, log)
    assert set(provider.moves.values()) == {1}
    assert len(provider.moves) == 8


def test_nothing_is_sent_when_the_look_before_it_was_answered_about_something_else() -> None:
    differs = Reply(Said.NO, 200, problems=("Asked for target 2, the answer says 3.",))
    provider, log = provider_with(looks=differs), FakeLog()
    end = sail(provider, log)
    assert (provider.sent, end.held_back) == ([], len(SIMS))
    held = fold(log.events)
    assert set(held["deed"]) == {Deed.HELD_BACK}
    assert "the answer says 3" in held["words"][0]


def test_nothing_is_sent_when_the_look_before_it_is_refused_for_its_credentials() -> None:
    provider, log = provider_with(looks=Reply(Said.UNSENT, 403, credentials_refused=True)), FakeLog()
    end = sail(provider, log)
    assert (provider.sent, log.events) == ([], [])
    assert end.stop is not None
    assert end.stop[0] == Cause.CREDENTIALS


def test_a_yes_after_which_sims_are_nowhere_stops_the_run() -> None:
    provider, log = provider_with(Act.MISLAY), FakeLog()
    end = sail(provider, log)
    assert end.stop is not None
    assert "in neither account" in end.stop[1]
    assert set(deeds(log).values()) == {Deed.ASTRAY}


def test_a_sim_that_makes_the_look_differ_is_held_back_alone() -> None:
    class Counting(FakeProvider):
        def look(self, order: Order) -> Reply:
            strays = [sight for sight in self.find(order.sims) if sight.side != Side.SOURCE]
            problems = ("The answer shows 1 SIMs in another workspace.",) if strays else ()
            return replace(super().look(order), problems=problems)

    provider, log = Counting(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), FakeLog()
    provider.where[SIMS[2].key] = Side.TARGET
    end = sail(provider, log)
    assert (end.held_back, len(provider.moves)) == (1, len(SIMS) - 1)


def test_what_moved_is_read_back_while_its_answer_is_being_recorded() -> None:
    read = Event()

    class Provider(FakeProvider):
        def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
            if self.sent:
                read.set()
            return super().find(sims, first)

    class SlowLog(FakeLog):
        def write(self, *events: Record) -> None:
            if events[0].kind == Kind.ANSWERED:
                assert read.wait(5), "nothing was read back before the answer was on the disk"
            super().write(*events)

    provider, log = Provider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), SlowLog()
    voyage = Voyage("a-run", provider, provider, log, provider.clock, Limits(), Options(), lambda _: None)
    with ThreadPoolExecutor(THREADS) as pool:
        own, following = (Ahead(voyage, pool, Batch(number, sims)) for number, sims in ((1, SIMS[:4]), (2, SIMS[4:])))
        end = carry_batch(voyage, Batch(1, SIMS[:4]), 3, own, following)
    assert end.arrived == 3
    assert [event.kind for event in log.events] == [Kind.INTENDED, Kind.ANSWERED, Kind.SEEN]


@pytest.mark.parametrize(
    ("sight", "code"),
    [
        (Sight(SIMS[2].key, Side.SOURCE, "another", "Issued"), "other_sim"),
        (Sight(SIMS[2].key, Side.SOURCE, SIMS[2].sim_id, "Issued", "a device"), "device_changed"),
        (Sight(SIMS[2].key, Side.SOURCE, SIMS[2].sim_id, "Suspended"), "status_changed"),
        (Sight(SIMS[2].key, Side.NOWHERE), "moved"),
    ],
)
def test_whatever_differs_from_the_plan_holds_a_sim_back(sight: Sight, code: str) -> None:
    class Differing(FakeProvider):
        def look(self, order: Order) -> Reply:
            sights = tuple(sight if sim.key == sight.key else self.find([sim])[0] for sim in order.sims)
            return replace(super().look(order), sights=sights)

    provider, log = Differing(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), FakeLog()
    sail(provider, log)
    assert SIMS[2].key not in provider.moves
    assert dict(fold(log.events).filter(deed=Deed.HELD_BACK).select("key", "code").iter_rows()) == {sight.key: code}


def test_a_sim_of_another_group_than_planned_is_held_back() -> None:
    regrouped = Sight(SIMS[2].key, Side.SOURCE, SIMS[2].sim_id, "Issued", group="another")

    class Regrouping(FakeProvider):
        def look(self, order: Order) -> Reply:
            sights = tuple(regrouped if sim == SIMS[2] else self.find([sim])[0] for sim in order.sims)
            return replace(super().look(order), sights=sights)

    provider, log = Regrouping(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS}), FakeLog()
    sail(provider, log)
    assert SIMS[2].key not in provider.moves
    assert fold(log.events).filter(deed=Deed.HELD_BACK)["code"].to_list() == ["group_changed"]


def test_a_sim_that_the_look_is_refused_for_is_held_back_with_the_providers_code() -> None:
    looks = Reply(Said.NO, 409, refusals=(Refusal(SIMS[1].key, "1502", "attached"),))
    provider, log = provider_with(looks=looks), FakeLog()
    sail(provider, log)
    assert sorted(provider.moves) == [sim.key for sim in SIMS if sim != SIMS[1]]
    assert fold(log.events).filter(deed=Deed.HELD_BACK)["code"].to_list() == ["1502"]


def test_a_look_taken_long_before_its_turn_is_taken_again() -> None:
    provider, log = provider_with(), FakeLog()
    voyage = Voyage("a-run", provider, provider, log, provider.clock, Limits(), Options(), lambda _: None)
    batch = Batch(2, SIMS)
    with ThreadPoolExecutor(2) as pool:
        ahead = Ahead(voyage, pool, batch)
        ahead.start(())
    provider.clock.sleep(FRESH_S + 1)
    provider.where[SIMS[0].key] = Side.TARGET
    assert ahead.take().sights[0].side == Side.TARGET
