"""A model: operators, crashes, faults, time and other people in any order, and the truth asked after each step."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journal.claims import Claims
from tasks.voice import speaking
from tests.reliability.expedition import Expedition, World
from tests.reliability.fleets import SIMS, Emnify, Fleet, Hitch, Others, Soracom, SuperSim
from tests.reliability.hands import Fault
from tests.reliability.lives import Life, Meanwhile
from tests.reliability.one_thread import one_thread
from tests.reliability.verdict_law import leaves_no_doubt, tells_the_truth

RUNS_MAX = 3
BEATS = st.integers(1, 40)
RUN = st.integers(0, RUNS_MAX - 1)
SIM = st.integers(0, SIMS - 1)
TROUBLES = st.lists(st.none() | st.sampled_from([*Fault, *Hitch]), max_size=4)
SECONDS = st.sampled_from([1, 29, 59, 61, 300, 3500, 3700])
DIES = st.none() | BEATS
MEANWHILE = st.none() | st.tuples(BEATS, st.sampled_from([*Others, "second operator", "an hour"]), SIM)

Troubles = list[Fault | Hitch | None]  # of the first changes of a process, one each


class Silent:
    """Says nothing."""

    def say(self, text: str) -> None:
        """Nobody hears it."""

    def progress(self, title: str, done: int, of: int) -> None:
        """Nobody sees it."""


class Model(RuleBasedStateMachine):
    """Operators and their runs over one small fleet."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(one_thread())
        self.stack.enter_context(speaking(Silent()))
        self.home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.claims = self.stack.enter_context(Claims.open(None, self.home))
        self.runs: list[Expedition] = []
        self.world: World

    def begin(self, fleet: Fleet, troubles: Troubles, dies: int | None) -> None:
        """The whole fleet is planned and executed, once; from there on everything may happen."""
        self.world = World(fleet, self.home, self.claims)
        self.plan(0, SIMS)
        self.execute(0, troubles, dies, None, None, resumes=False)

    def teardown(self) -> None:
        self.stack.close()

    # rules

    @rule(first=SIM, count=st.integers(1, SIMS))
    def plan(self, first: int, count: int) -> None:
        keys = self.world.fleet.keys
        if len(self.runs) < RUNS_MAX:
            self.runs.append(Expedition(self.world, f"run-{len(self.runs) + 1}", keys[first : first + count]))

    @rule(
        run=RUN,
        troubles=TROUBLES,
        dies=DIES,
        meanwhile=MEANWHILE,
        blind=st.none() | st.integers(1, 12),
        resumes=st.booleans(),
    )
    def execute(
        self,
        run: int,
        troubles: Troubles,
        dies: int | None,
        meanwhile: tuple[int, str, int] | None,
        blind: int | None,
        resumes: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """Whole, or until it dies; its first changes meet with troubles, or fair weather."""
        this = self.of(run)
        self.world.weather.coming = list(troubles)
        ended = this.execute(self.life(this, dies, meanwhile, blind), resumes=resumes)
        event(f"execute: {ended}")

    @rule(run=RUN)
    def execute_again(self, run: int) -> None:
        event(f"execute again: {self.of(run).execute(Life(), resumes=True)}")

    @rule(run=RUN, dies=DIES, meanwhile=MEANWHILE)
    def reconcile(self, run: int, dies: int | None, meanwhile: tuple[int, str, int] | None) -> None:
        this = self.of(run)
        judge = tells_the_truth if dies or meanwhile else leaves_no_doubt
        event(f"reconcile: {this.reconcile(self.life(this, dies, meanwhile, None), judge)}")

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.world.fleet.clock.sleep(seconds)

    @rule(sim=SIM, deed=st.sampled_from(Others))
    def others_act(self, sim: int, deed: Others) -> None:
        self.world.fleet.others(self.world.fleet.keys[sim], deed)

    # invariants

    @invariant()
    def nothing_has_moved_twice(self) -> None:
        fleet = self.world.fleet
        for key in fleet.keys:
            assert fleet.moved(key) <= 1 + fleet.returned[key]
        assert not fleet.wrongs()

    @invariant()
    def every_report_would_tell_the_truth(self) -> None:
        for run in self.runs:
            tells_the_truth(run)

    @invariant()
    def no_sim_is_in_two_live_runs(self) -> None:
        held = self.world.held_by()
        for run in self.runs:
            for key in run.unsettled() | self.world.wire.in_doubt(run.name):
                assert held.get(key) == run.name, f"{key} is in doubt in {run.name}, and {held.get(key)} holds it"

    # inside

    def of(self, run: int) -> Expedition:
        return self.runs[run % len(self.runs)]

    def life(
        self, run: Expedition, dies: int | None, meanwhile: tuple[int, str, int] | None, blind: int | None
    ) -> Life:
        acts: Mapping[int, Meanwhile] = {} if meanwhile is None else {meanwhile[0]: self.act(run, *meanwhile[1:])}
        return Life(dies or -1, blind or -1, acts)

    def act(self, run: Expedition, what: str, number: int) -> Meanwhile:
        """What happens while a process is at work."""
        fleet = self.world.fleet
        if what == "second operator":
            others = [other for other in self.runs if other is not run]
            other = others[number % len(others)] if others else None
            return lambda: other.execute(Life(), resumes=True) if other and not other.busy else None
        if what == "an hour":
            return lambda: fleet.clock.sleep(3700)
        return lambda: fleet.others(fleet.keys[number], Others(what))


class EmnifyModel(Model):
    @initialize(troubles=TROUBLES, dies=DIES)
    def begins(self, troubles: Troubles, dies: int | None) -> None:
        self.begin(Emnify(), troubles, dies)


class SuperSimModel(Model):
    @initialize(troubles=TROUBLES, dies=DIES)
    def begins(self, troubles: Troubles, dies: int | None) -> None:
        self.begin(SuperSim(), troubles, dies)


class SoracomModel(Model):
    @initialize(is_blind=st.booleans(), troubles=TROUBLES, dies=DIES)
    def begins(self, is_blind: bool, troubles: Troubles, dies: int | None) -> None:  # noqa: FBT001 - drawn
        self.begin(Soracom(is_blind), troubles, dies)

    @rule(run=RUN, dies=DIES, meanwhile=MEANWHILE)
    def take_back(self, run: int, dies: int | None, meanwhile: tuple[int, str, int] | None) -> None:
        this = self.of(run)
        event(f"take back: {this.take_back(self.life(this, dies, meanwhile, None))}")
