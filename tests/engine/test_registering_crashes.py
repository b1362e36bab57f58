"""Registrations through the same spine: die at every record and every call, and nothing is asked twice in doubt."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest

from domain.breakers import Tally
from domain.errors import FerryError, RefusedToRun
from domain.events import Event, Kind
from domain.inventory import Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options, Order, Part, Refusal, Reply, Said, Sim
from domain.outcomes import OUTCOMES, Deed, Outcome
from domain.parts import Course, Goal
from domain.planning import HELD
from domain.queue import with_deeds
from domain.reconciling import reconcile
from domain.registering import plan_registration
from domain.state import fold
from inputs.registration import read_registration
from journal.folder import new_run
from providers.protocol import Traits
from tasks.crossing import carry_wave, is_finished, look_back, rounds, settle_doubts
from tasks.reconciling import advised
from tasks.registering import codes_of
from tasks.voyage import Aids, Voyage
from tests.engine.test_streaming import REJECTED
from tests.fakes import FakeClock, Killed
from tests.streaming import Card, Exchange, MortalLog, Slip

LIMITS = Limits(batch_sims=3, canary_sims=2, spot_sims=2, calls_in_flight=1)
COURSE = Course({Part.REGISTER: Goal(Side.TARGET, Side.NOWHERE)}, ("scheduled",))
KEYS = tuple(str(8988307000000000000 + at) for at in range(9))
WRONG = KEYS[4]  # whose code is another card's
STRIDE = 1 if os.environ.get("SIMFERRY_CHAOS") == "1" else 4  # of the places to die at
SCRIPTS: dict[str, dict[int, Slip]] = {
    "fair weather": {},
    "no answer, done": {2: Slip.SILENT_AFTER, 7: Slip.SILENT_AFTER},
    "no answer, done late": {1: Slip.SILENT_LATE, 5: Slip.SILENT_LATE},
    "no answer, nothing done": {2: Slip.SILENT_BEFORE, 6: Slip.SILENT_BEFORE},
    "declined": {3: Slip.DECLINE, 8: Slip.DECLINE},
    "no connection": {5: Slip.UNSENT},
    "yes and nothing done": {6: Slip.LIE},
}


def code_of(key: str) -> str:
    """What is printed on the card."""
    return f"CODE{key[-6:]}"


@dataclass
class Registry(Exchange):
    """SIMs that are the account's once their code was sent; what a code was asked for is counted."""

    asked: Counter[str] = field(default_factory=Counter)

    @property
    def traits(self) -> Traits:
        return replace(super().traits, course=COURSE, history_of=())

    def advice(self, code: str) -> str:
        return "Look at the card." if code == "83002" else ""

    def move(self, order: Order) -> Reply:
        (sim,) = order.sims
        self.asked[sim.key] += 1
        assert order.part == Part.REGISTER
        assert set(order.codes) == {sim.key}
        if order.codes[sim.key] != code_of(sim.key):
            return Reply(Said.NO, 400, refusals=(Refusal(sim.key, "83002", "not registrable"),))
        return super().move(order)

    def _apply(self, sim: Sim, part: Part) -> Reply:
        card = self.cards[sim.key]
        if card.side == Side.TARGET:
            return Reply(Said.NO, 400, refusals=(Refusal(sim.key, "83003", "already yours"),))
        self.effects[sim.key, part] += 1
        card.side = Side.TARGET
        return Reply(Said.YES, 201)


class Run:
    """One plan, its account and its journal."""

    def __init__(self, script: dict[int, Slip]) -> None:
        self.log = MortalLog()
        cards = {key: Card(Side.NOWHERE, "new") for key in KEYS}
        self.provider = Registry(FakeClock(), cards, self.log, dict(script))
        rows = [(at, at + 2, key, key, None, False, None) for at, key in enumerate(KEYS)]
        account = self.provider.survey(Side.TARGET, lambda *_: None).sims
        lines = pl.DataFrame(rows, schema=LINES, orient="row")
        self.steps = plan_registration(lines, account, pl.DataFrame(schema=HELD), LIMITS)
        self.codes = {key: code_of(key) for key in KEYS} | {WRONG: "H3LL0W0RLD"}

    def execute(self) -> None:
        """What the flow does."""
        eyes, aids = self.provider, Aids(codes=self.codes)
        self.voyage = Voyage("a-run", eyes, eyes, self.log, eyes.clock, LIMITS, Options(), lambda _: None, aids)
        settle_doubts(self.voyage, self.steps, self.deeds(), LIMITS.await_s)
        tally = Tally()
        for wave in rounds(self.voyage, self.steps, self.deeds):
            tally = carry_wave(self.voyage, wave, tally)
        look_back(self.voyage, self.steps, self.deeds())

    def deeds(self) -> pl.DataFrame:
        return fold(self.log.events)

    def outcomes(self) -> pl.DataFrame:
        source, target = (self.provider.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        frame = reconcile(self.steps, REJECTED, self.deeds(), sights_of(self.steps["key"], source, target), COURSE)
        return advised(frame, self.provider)

    def tells_the_truth(self) -> None:
        for key, outcome in self.outcomes().select("iccid", "outcome").iter_rows():
            there = self.provider.cards[key].side == Side.TARGET
            if outcome == Outcome.CONFIRMED:
                assert there
            elif outcome in {Outcome.NOT_STARTED, Outcome.NOT_DONE, Outcome.DECLINED}:
                assert not there
        assert max(self.provider.effects.values(), default=0) <= 1
        assert not any(code in f"{event!r}" for event in self.log.events for code in self.codes.values())


def asked_in_doubt(events: list[Event]) -> set[str]:
    """SIMs that were intended again before reads had settled what came of the time before."""
    doubted: set[str] = set()
    blind: set[str] = set()
    for event in events:
        if event.kind == Kind.INTENDED:
            blind |= doubted & set(event.sims)
            doubted |= set(event.sims)
        elif event.kind == Kind.SETTLED or (event.kind == Kind.ANSWERED and event.body["said"] != "unheard"):
            doubted -= set(event.sims)
    return blind


def crash_and_resume(script: dict[int, Slip], **death: int) -> bool:
    """Whether the death happened; raises where an invariant is broken."""
    run = Run(script)
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
    assert not asked_in_doubt(run.log.events)
    return died


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("death", ["die_before", "die_after", "die_at_call"])
def test_wherever_it_dies_nothing_is_asked_in_doubt_and_the_report_tells_the_truth(script: str, death: str) -> None:
    first = 1 + list(SCRIPTS).index(script) % STRIDE  # so that the scripts together die at every place
    number = first
    while crash_and_resume(SCRIPTS[script], **{death: number}):
        number += STRIDE
    assert number > first


def test_in_fair_weather_every_sim_with_its_code_is_confirmed_and_the_other_declined_with_advice() -> None:
    run = Run({})
    run.execute()
    outcomes = run.outcomes()
    assert outcomes.filter(pl.col("iccid") != WRONG)["outcome"].unique().to_list() == [Outcome.CONFIRMED]
    declined = outcomes.filter(iccid=WRONG).row(0, named=True)
    assert (declined["outcome"], declined["code"]) == (Outcome.DECLINED, "83002")
    assert declined["next_step"].startswith("Look at the card. Register the same list again")
    assert run.provider.asked == Counter(KEYS)
    assert is_finished(run.steps, run.deeds(), run.voyage)


def test_what_was_lost_and_not_done_is_sent_again_once_two_reads_agree() -> None:
    run = Run({4: Slip.SILENT_BEFORE})
    run.execute()
    lost = [key for key, times in run.provider.asked.items() if times == 2]
    assert len(lost) == 1
    assert run.outcomes().filter(iccid=lost[0])["outcome"].to_list() == [Outcome.CONFIRMED]
    settled = [event for event in run.log.events if event.kind == Kind.SETTLED]
    assert [event.sims for event in settled] == [(lost[0],)]


def test_a_sim_that_somebody_registered_meanwhile_is_held_back_and_left() -> None:
    run = Run({})
    run.provider.cards[KEYS[7]].side = Side.TARGET
    run.execute()
    assert with_deeds(run.steps, run.deeds()).filter(key=KEYS[7])["deed"].to_list() == [Deed.HELD_BACK]
    assert run.outcomes().filter(iccid=KEYS[7])["outcome"].to_list() == [Outcome.LEFT]
    assert KEYS[7] not in run.provider.asked


def test_advice_is_given_for_what_was_declined_alone() -> None:
    rows = [{"outcome": outcome, "code": "83002", "next_step": "Then."} for outcome in ("declined", "left")]
    rows.append({"outcome": "declined", "code": "other", "next_step": "Then."})
    told = advised(pl.DataFrame(rows, schema=OUTCOMES), Run({}).provider)
    assert told["next_step"].to_list() == ["Look at the card. Then.", "Then.", "Then."]


def test_codes_come_from_the_runs_own_copy_of_the_list_or_nothing_is_sent(tmp_path: Path) -> None:
    run = Run({})
    listed = tmp_path / "sims.csv"
    listed.write_text("\n".join(["ICCID;Code", *(f"{key};{code_of(key)}" for key in KEYS)]), encoding="utf-8")
    sheet, _ = read_registration(listed)
    folder = new_run(tmp_path / "runs", listed, run.provider.clock.now())
    pinned = folder.pin(listed, sheet.sha256)
    folder.save_sheet(sheet)
    listed.unlink()
    assert codes_of(folder, run.steps) == {key: code_of(key) for key in KEYS}
    pinned.chmod(0o600)
    pinned.write_text("ICCID;Code\n", encoding="utf-8")
    with pytest.raises(RefusedToRun, match="no longer the file that was read"):
        codes_of(folder, run.steps)
    pinned.unlink()
    with pytest.raises(RefusedToRun, match=f"simferry reconcile {folder.name}"):
        codes_of(folder, run.steps)
    assert codes_of(folder, run.steps.with_columns(parts=pl.lit("move"))) == {}
