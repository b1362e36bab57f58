"""One call per SIM, in parts: die at every record and every call, run again, and hold journal and books together."""

from __future__ import annotations

import os

import polars as pl
import pytest

from domain.breakers import Tally
from domain.errors import CredentialsRefused, FerryError, ProviderUnavailable, RefusedToRun
from domain.events import Kind
from domain.inventory import Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options, Order, Part, Reply
from domain.outcomes import Deed, Outcome
from domain.planning import HELD, Terms, make_plan
from domain.queue import with_deeds
from domain.reconciling import reconcile
from domain.state import fold
from tasks.crossing import carry_wave, is_finished, look_back, rounds, settle_doubts
from tasks.voyage import Voyage
from tests.fakes import FakeClock, Killed
from tests.streaming import COURSE, Card, Exchange, MortalLog, Slip

REJECTED = pl.DataFrame(schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String})
NEW = ("new",) * 9
WAYS = ("new", "active", "ready", "inactive", "active", "new", "active")
PARTS = (
    pl.when(pl.col("status").is_in(["ready", "active"]))
    .then(pl.lit("deactivate move activate"))
    .otherwise(pl.lit("move"))
)
STRIDE = 1 if os.environ.get("SIMFERRY_CHAOS") == "1" else 4  # of the places to die at
SCRIPTS: dict[str, dict[int, Slip]] = {
    "fair weather": {},
    "no answer, all done": {2: Slip.SILENT_AFTER, 7: Slip.SILENT_AFTER},
    "no answer, done late": {1: Slip.SILENT_LATE, 5: Slip.SILENT_LATE},
    "no answer, nothing done": {2: Slip.SILENT_BEFORE, 6: Slip.SILENT_BEFORE},
    "declined": {3: Slip.DECLINE, 8: Slip.DECLINE},
    "fallen back": {5: Slip.FALL_BACK, 9: Slip.FALL_BACK},
    "never done": {4: Slip.NEVER},
    "no connection": {5: Slip.UNSENT},
    "yes and nothing done": {6: Slip.LIE},
}


def limits(calls_in_flight: int = 1) -> Limits:
    return Limits(batch_sims=3, canary_sims=2, spot_sims=2, calls_in_flight=calls_in_flight, await_s=120.0)


class Run:
    """One plan, its provider and its journal."""

    def __init__(self, statuses: tuple[str, ...], script: dict[int, Slip], calls_in_flight: int = 1) -> None:
        self.log = MortalLog()
        self.limits = limits(calls_in_flight)
        cards = {str(8988307000000000000 + at): Card(Side.SOURCE, status) for at, status in enumerate(statuses)}
        self.provider = Exchange(FakeClock(), cards, self.log, dict(script))
        rows = [(at, at + 2, key, key, None, False, None) for at, key in enumerate(cards)]
        lines = pl.DataFrame(rows, schema=LINES, orient="row")
        terms = Terms((), pl.DataFrame(schema=HELD), ("ready", "active"), self.limits, PARTS)
        source, target = (self.provider.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        self.steps = make_plan(lines, source, target, terms)

    def voyage(self) -> Voyage:
        return Voyage(
            "a-run",
            self.provider,
            self.provider,
            self.log,
            self.provider.clock,
            self.limits,
            Options(deactivate_first=True, reactivate=True),
            lambda _: None,
        )

    def execute(self) -> None:
        """What the flow does."""
        voyage = self.voyage()
        settle_doubts(voyage, self.steps, self.deeds(), self.limits.await_s)
        tally = Tally()
        for wave in rounds(voyage, self.steps, self.deeds):
            tally = carry_wave(voyage, wave, tally)
        look_back(voyage, self.steps, self.deeds())

    def deeds(self) -> pl.DataFrame:
        return fold(self.log.events)

    def outcomes(self) -> dict[str, str]:
        source, target = (self.provider.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        sights = sights_of(self.steps["key"], source, target)
        frame = reconcile(self.steps, REJECTED, self.deeds(), sights, COURSE)
        return dict(frame.select("iccid", pl.col("outcome").cast(pl.String)).iter_rows())

    def tells_the_truth(self) -> None:
        """Every outcome says what the books say, and nothing was done twice that was done once."""
        for iccid, outcome in self.outcomes().items():
            card = self.provider.cards[iccid]
            was_live = self.steps.filter(iccid=iccid)["status"][0] in {"ready", "active"}
            if outcome == Outcome.CONFIRMED:
                assert card.side == Side.TARGET
                assert card.status == ("active" if was_live else self.steps.filter(iccid=iccid)["status"][0])
            elif outcome == Outcome.NOT_STARTED:
                assert card.side == Side.SOURCE
            elif outcome in {Outcome.NOT_DONE, Outcome.DECLINED}:
                assert card.side == Side.SOURCE or card.status != "active"
        again = {sim: times for sim, times in self.provider.effects.items() if times > 1}
        assert not again


def crash_and_resume(script: dict[int, Slip], **death: int) -> bool:
    """Whether the death happened; raises where an invariant is broken."""
    run = Run(WAYS, script)
    for name, number in death.items():
        setattr(run.provider if name == "die_at_call" else run.log, name, number)
    died = False
    for _ in range(5):
        try:
            run.execute()
        except Killed:
            died = True
            run.log.resurrect()
            run.provider.die_at_call = -1
            continue
        except FerryError:
            break
        break
    run.provider.clock.sleep(200)
    run.tells_the_truth()
    return died


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("death", ["die_before", "die_after", "die_at_call"])
def test_wherever_it_dies_nothing_is_done_twice_and_the_report_tells_the_truth(script: str, death: str) -> None:
    first = 1 + list(SCRIPTS).index(script) % STRIDE  # so that the scripts together die at every place
    number = first
    while crash_and_resume(SCRIPTS[script], **{death: number}):
        number += STRIDE
    assert number > first


@pytest.mark.parametrize("calls_in_flight", [1, 4])
def test_in_fair_weather_every_sim_is_confirmed_after_every_part_of_its_way_once(calls_in_flight: int) -> None:
    run = Run(WAYS, {}, calls_in_flight)
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}
    live = sum(status in {"ready", "active"} for status in WAYS)
    assert run.provider.calls == len(WAYS) + 2 * live
    assert is_finished(run.steps, run.deeds(), run.voyage())


def test_the_canary_has_been_through_every_part_before_anything_else_is_sent() -> None:
    run = Run(WAYS, {})
    run.execute()
    canary = set(run.steps.filter(batch=1)["key"])
    intended = [(event.part, set(event.sims)) for event in run.log.events if event.kind == Kind.INTENDED]
    first_other = next(at for at, (_, sims) in enumerate(intended) if not sims & canary)
    assert [part for part, sims in intended if sims & canary] == [part for part, _ in intended[:first_other]]
    assert {part for part, _ in intended[:first_other]} == {Part.DEACTIVATE, Part.MOVE, Part.ACTIVATE}


def test_every_intent_is_written_before_the_call_and_every_call_was_intended() -> None:
    run = Run(NEW, {}, 4)
    intents: list[str] = []
    move = run.provider.move

    def watched(order: Order) -> Reply:
        assert order.sims[0].key in [key for e in run.log.events if e.kind == Kind.INTENDED for key in e.sims]
        intents.append(order.sims[0].key)
        return move(order)

    run.provider.move = watched  # type: ignore[method-assign] # a test's wrapper
    run.execute()
    assert sorted(intents) == sorted(run.provider.cards)


def test_a_sim_that_fell_back_is_not_done_and_not_sent_again() -> None:
    run = Run(("active",) * 4, {7: Slip.FALL_BACK})
    run.execute()
    fallen = [key for key, outcome in run.outcomes().items() if outcome == Outcome.NOT_DONE]
    assert len(fallen) == 1
    assert run.deeds().filter(key=fallen[0])["deed"].to_list() == [Deed.FELL_BACK]
    sent = [event for event in run.log.events if event.kind == Kind.INTENDED and fallen[0] in event.sims]
    assert len(sent) == 1


def test_what_is_never_done_is_awaiting_and_a_later_execution_takes_it_up() -> None:
    run = Run(("active",) * 4, {8: Slip.NEVER})
    run.execute()
    waiting = [key for key, outcome in run.outcomes().items() if outcome == Outcome.AWAITING]
    assert len(waiting) == 1
    card = run.provider.cards[waiting[0]]
    card.status, card.coming = "inactive", None
    run.execute()
    assert run.outcomes()[waiting[0]] == Outcome.CONFIRMED


def test_a_connection_that_is_lost_stops_the_run_and_leaves_nothing_in_doubt() -> None:
    run = Run(NEW, {4: Slip.UNSENT})
    with pytest.raises(ProviderUnavailable, match="on record"):
        run.execute()
    deeds = with_deeds(run.steps, run.deeds())["deed"]
    assert Deed.UNHEARD not in deeds
    assert Deed.UNSENT in deeds


def test_refused_credentials_stop_the_run_at_once() -> None:
    run = Run(NEW, {3: Slip.NO_ENTRY})
    with pytest.raises(CredentialsRefused, match="credentials"):
        run.execute()
    assert run.provider.calls == 3


def test_a_yes_without_effect_stops_the_run() -> None:
    run = Run(NEW, {3: Slip.LIE})
    with pytest.raises(RefusedToRun, match="no-effect"):
        run.execute()


def test_three_batches_declined_for_one_cause_stop_the_run() -> None:
    run = Run(("new",) * 20, dict.fromkeys(range(3, 40), Slip.DECLINE))
    with pytest.raises(RefusedToRun, match="declined-in-a-row"):
        run.execute()
    assert run.provider.calls <= 2 + 4 * 3


def test_a_sim_that_changed_since_the_plan_is_held_back_and_the_others_go() -> None:
    run = Run(NEW, {})
    changed, moved, busy = list(run.provider.cards)[3:6]
    run.provider.cards[changed].status = "active"
    run.provider.cards[moved].side = Side.TARGET
    run.provider.cards[busy].status = "scheduled"
    run.execute()
    deeds = run.deeds().filter(deed=Deed.HELD_BACK)
    assert dict(deeds.select("key", "code").iter_rows()) == {
        changed: "status_changed",
        moved: "moved",
        busy: "under_way",
    }
    assert sum(run.provider.effects.values()) == len(NEW) - 3


def test_a_ready_sim_that_has_become_active_by_itself_has_not_drifted() -> None:
    run = Run(("ready",) * 4, {})
    for card in run.provider.cards.values():
        card.status = "active"
    run.execute()
    assert set(run.outcomes().values()) == {Outcome.CONFIRMED}


def test_a_way_that_no_sim_of_the_canary_has_gone_to_its_end_stops_the_run() -> None:
    run = Run(("new", "active", "active", "active"), {2: Slip.FALL_BACK})
    with pytest.raises(RefusedToRun, match="none of the 1 SIM"):
        run.execute()
    assert run.provider.calls == 2
