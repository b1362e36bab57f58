"""One call per SIM, in parts: what a review of the engine tried to break it with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable, RefusedToRun
from domain.events import Event, Kind
from domain.inventory import SIDE_TYPE, Side, sights_of
from domain.orders import Order, Part, Reply, Said, Sight, Sim
from domain.outcomes import Deed, Outcome
from domain.parts import Stand, parts_of
from domain.plan import utc_text
from domain.queue import left_to_send, with_deeds
from domain.reconciling import reconcile
from domain.verdict import BY_HAND, EXECUTE, NEW_PLAN
from journal.book import Journal
from journal.claims import Claims
from tasks.aboard import Aboard, release
from tasks.asked import Surroundings
from tasks.crossing import WAY_BATCHES, settle_doubts
from tasks.executing import counts_of
from tasks.stream import LOOK_S_MAX
from tests.engine.test_streaming import REJECTED, WAYS, Run
from tests.fakes import Killed
from tests.journal.journal_samples import KEYS, NOW, planned
from tests.streaming import COURSE, Exchange, MortalLog, Slip


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
class Unhurried(MortalLog):
    """A journal that takes its time, in which calls could leave."""

    def write(self, *events: Event) -> None:
        time.sleep(0.05)
        super().write(*events)


@pytest.mark.parametrize("slip", [Slip.UNSENT, Slip.NO_ENTRY])
def test_what_is_queued_does_not_leave_after_a_call_that_shows_it_to_be_in_vain(slip: Slip) -> None:
    run = Run(("new",) * 9, {})
    run.log = Unhurried()
    run.provider = Exchange(run.provider.clock, run.provider.cards, run.log, {3: slip})
    with pytest.raises((ProviderUnavailable, CredentialsRefused)):
        run.execute()
    assert run.provider.calls == 3
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


@dataclass
class Late(Exchange):
    """What the n-th call asks for comes into force so many seconds after its answer; until then nothing shows of it."""

    late_s: dict[int, float] = field(default_factory=dict)
    answer: Said = Said.LATER

    def move(self, order: Order) -> Reply:
        if self.calls + 1 not in self.late_s:
            return super().move(order)
        self.calls += 1
        self.late.append((self.clock.now() + timedelta(seconds=self.late_s[self.calls]), order.sims[0], order.part))
        return Reply(self.answer, 202 if self.answer == Said.LATER else None)

    def _apply(self, sim: Sim, part: Part) -> Reply:
        gone = part == Part.DEACTIVATE and self.cards[sim.key].side != Side.SOURCE  # so the source can change nothing
        return Reply(Said.NO, 404) if gone else super()._apply(sim, part)


def late_run(statuses: tuple[str, ...], late_s: dict[int, float], answer: Said) -> Run:
    run = Run(statuses, {})
    run.provider = Late(run.provider.clock, run.provider.cards, run.log, late_s=late_s, answer=answer)
    return run


@pytest.mark.parametrize("answer", [Said.LATER, Said.UNHEARD])
@pytest.mark.parametrize("late_s", [61, 67, 70, 75, 90, 600])
@pytest.mark.parametrize("call", [7, 9, 11])  # a deactivation, a move and an activation of the third SIM
def test_a_sim_that_a_part_of_its_way_comes_to_late_goes_on_and_nothing_is_done_twice(
    call: int, late_s: float, answer: Said
) -> None:
    run = late_run(("active",) * 4, {call: late_s}, answer)
    run.execute()
    run.tells_the_truth()
    run.provider.clock.sleep(1000)
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}
    assert max(run.provider.effects.values()) == 1


@dataclass
class AtTheLook(Late):
    """What comes late comes just before the look that precedes another attempt."""

    def look(self, order: Order) -> Reply:
        if order.attempt > 1:
            self.late = [(self.clock.now(), sim, part) for _, sim, part in self.late]
        return super().look(order)


@pytest.mark.parametrize("call", [7, 9, 11])
def test_a_look_that_shows_an_earlier_attempt_at_work_is_no_reason_to_ask_again_or_to_hold_back(call: int) -> None:
    run = Run(("active",) * 4, {})
    run.provider = AtTheLook(run.provider.clock, run.provider.cards, run.log, late_s={call: 1e6}, answer=Said.UNHEARD)
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}
    assert run.provider.calls == 4 * 3


def test_a_deactivation_that_came_late_is_told_as_going_on_only_where_it_does() -> None:
    run = late_run(("active",) * 4, {7: 600}, Said.LATER)
    run.execute()
    for _ in range(2):  # it comes, and it is done
        run.provider.clock.sleep(1000)
        settle_doubts(run.voyage(), run.steps, run.deeds())  # what `reconcile` does first
    (offline,) = (key for key, outcome in run.outcomes().items() if outcome == Outcome.AWAITING)
    assert with_deeds(run.steps, run.deeds()).filter(key=offline)["part"].to_list() == [Part.MOVE]
    assert not left_to_send(with_deeds(run.steps, run.deeds()), run.limits).is_empty()


def test_a_way_that_the_canary_of_an_earlier_execution_has_not_gone_is_gone_by_no_other_sim() -> None:
    run = Run(("new", "active", "active", "active"), {})
    stuck = run.steps.filter(pl.col("batch") == 1, pl.col("parts") != "move")["key"][0]
    run.provider.cards[stuck].status = "scheduled"
    run.log.write(
        Event(Kind.INTENDED, "2026-11-20T11:00:00Z", 1, 1, Part.DEACTIVATE, (stuck,)),
        Event(Kind.ANSWERED, "2026-11-20T11:00:01Z", 1, 1, Part.DEACTIVATE, (stuck,), {"said": Said.LATER}),
    )
    with pytest.raises(RefusedToRun, match="none of the 1 SIM"):
        run.execute()
    assert not run.provider.calls


@dataclass
class Tired(Exchange):
    """A move is accepted for later: the SIM is in the target at once, and scheduled there for a while."""

    def _apply(self, sim: Sim, part: Part) -> Reply:
        reply = super()._apply(sim, part)
        if part != Part.MOVE or reply.said != Said.YES:
            return reply
        card = self.cards[sim.key]
        card.coming, card.status = (self.clock.now() + timedelta(seconds=20), card.status), "scheduled"
        return Reply(Said.LATER, 202)


def test_a_sim_that_is_still_scheduled_after_its_move_is_waited_for_before_it_is_activated() -> None:
    run = Run(("active", "new") * 3, {})
    run.provider = Tired(run.provider.clock, run.provider.cards, run.log)
    run.execute()
    run.provider.clock.sleep(100)
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}


WAYS_THERE_ARE = ("move", "deactivate move", "deactivate move activate")


def test_a_sight_of_one_sim_and_a_survey_of_many_say_the_same() -> None:
    statuses, groups = ("new", "ready", "active", "inactive", "scheduled", "?", None), ("HF1", "HF2", None)
    seen = [
        (way, part, group_to, side, status, group)
        for way, group_to, side in product(WAYS_THERE_ARE, ("HF1", "", None), Side)
        for part, status, group in product(parts_of(way), statuses, groups)
    ]
    names = ("parts", "part", "group_to", "side_now", "status_now", "group_now")
    schema = {name: SIDE_TYPE if name == "side_now" else pl.String() for name in names}
    many = pl.DataFrame(seen, schema=schema, orient="row").select(COURSE.standings()).to_series().to_list()
    one_by_one = [
        COURSE.standing(part, Sim("1", "s", "1", group_to=to, parts=parts_of(way)), Sight("1", side, "s", *now))
        for way, part, to, side, status, group in seen
        for now in ((status, None, group),)
    ]
    assert many == one_by_one


def outcome_of(run: Run, key: str) -> tuple[str, str]:
    """Outcome and next step."""
    source, target = (run.provider.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
    sights = sights_of(run.steps["key"], source, target)
    frame = reconcile(run.steps, REJECTED, run.deeds(), sights, COURSE).filter(iccid=key)
    return str(frame["outcome"][0]), str(frame["next_step"][0])


def test_a_sim_that_others_deactivated_after_our_request_did_not_leave_is_not_said_to_be_under_way() -> None:
    run = Run(("active",) * 4, {1: Slip.UNSENT})
    with pytest.raises(ProviderUnavailable):
        run.execute()
    (unsent,) = run.deeds().filter(attempts=1, deed=Deed.UNSENT)["key"].head(1)
    run.provider.cards[unsent].status = "inactive"
    assert outcome_of(run, unsent) == (Outcome.NOT_STARTED, EXECUTE)
    run.execute()
    assert outcome_of(run, unsent) == (Outcome.DRIFTED, NEW_PLAN)


def test_a_sim_that_we_deactivated_and_others_moved_is_not_said_to_be_as_it_should_be() -> None:
    run = Run(("active",) * 4, {})
    run.log.die_before = 4  # the deactivations of the canary are seen, and its moves are not intended yet
    with pytest.raises(Killed):
        run.execute()
    run.log.resurrect()
    taken = with_deeds(run.steps, run.deeds()).filter(pl.col("begun"), pl.col("deed") == Deed.NONE)["key"][0]
    run.provider.cards[taken].side = Side.TARGET
    assert outcome_of(run, taken) == (Outcome.NOT_DONE, BY_HAND)
    run.execute()
    assert outcome_of(run, taken) == (Outcome.NOT_DONE, BY_HAND)
    run.provider.cards[taken].status = "active"
    assert outcome_of(run, taken)[0] == Outcome.LEFT


def test_a_sim_between_two_parts_of_its_way_stays_claimed_and_others_do_not(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs", ("deactivate move", "deactivate move", "move"))
    _, frame = folder.load_plan()
    around = Surroundings(tmp_path / "runs", tmp_path / "accounts.toml", None, "ann")
    with Journal.open(None, folder) as journal, Claims.open(None, around.home) as claims:
        claims.claim(plan.provider, plan.run, KEYS[:3], "ann", NOW)
        journal.write(
            Event(Kind.INTENDED, utc_text(NOW), 1, 1, Part.DEACTIVATE, KEYS[:1]),
            Event(Kind.SEEN, utc_text(NOW), 1, 1, Part.DEACTIVATE, KEYS[:1], {"stand": Stand.DONE}),
        )
        release(Aboard(folder, plan, frame, journal, Run(("new",), {}).voyage(), around))
        assert claims.held(plan.provider)["key"].to_list() == [KEYS[0]]


def test_doubt_about_many_batches_is_settled_in_one_settle_time() -> None:
    run = Run(("new",) * 122, dict.fromkeys(range(3, 123, 3), Slip.SILENT_AFTER))  # one of each of forty batches
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}
    assert run.provider.clock.slept_s < run.limits.settle_s + 10 * run.limits.settle_gap_s


@dataclass
class Deaf(Exchange):
    """From some call on, moves get no answer and have no effect."""

    deaf_from: int = 0

    def move(self, order: Order) -> Reply:
        if order.part == Part.MOVE and self.calls >= self.deaf_from:
            self.calls += 1
            return Reply(Said.UNHEARD, None, words="no answer")
        return super().move(order)


def test_moves_that_all_come_to_nothing_stop_the_run_before_every_sim_is_deactivated_for_them() -> None:
    run = Run(("active",) * 200, {})
    run.provider = Deaf(run.provider.clock, run.provider.cards, run.log, deaf_from=6)
    with pytest.raises(RefusedToRun, match="in-vain"):
        run.execute()
    offline = sum(card.status == "inactive" for card in run.provider.cards.values())
    assert offline <= WAY_BATCHES * run.limits.batch_sims
    run.provider.deaf_from = 100_000
    run.execute()
    assert sum(outcome == Outcome.CONFIRMED for outcome in run.outcomes().values()) >= 200 - offline


def test_a_sim_that_is_deactivated_is_not_counted_as_arrived() -> None:
    run = Run(("active",) * 4, {})
    run.log.die_before = 4
    with pytest.raises(Killed):
        run.execute()
    assert Deed.ARRIVED in run.deeds()["deed"]
    assert counts_of(run.steps, run.deeds()) == {Deed.NONE: 4}
