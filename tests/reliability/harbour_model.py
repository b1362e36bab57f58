"""The model over the real sandbox, clients and journal: fewer steps, and nothing between them is a double."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sandbox.faults import Act, Rule
from tests.reliability.harbour import Harbour, Laid

CHANGES: Mapping[str, tuple[Rule, ...]] = {
    "emnify": (Rule(Act.LIE, "POST", "/api/v1/sim/migration/workspace", dry_run=False),),
    "supersim": (Rule(Act.LIE, "POST", "/v1/Sims/*"),),
    "soracom": tuple(
        Rule(Act.LIE, method, path)
        for method, path in (
            ("POST", "/v1/subscribers/transfer_token/issue"),
            ("POST", "/v1/subscribers/transfer_token/verify"),
            ("P[OU]*T", "/v1/sims/*"),
        )
    ),
}
ACTS = (
    Act.THROTTLE,
    Act.ERROR_BEFORE,
    Act.ERROR_AFTER,
    Act.DROP_BEFORE,
    Act.DROP_AFTER,
    Act.LATE,
    Act.LIE,
    Act.TRUNCATE,
    Act.NOT_JSON,
    Act.PARTIAL,
)
LATE_S = 30.0
DIES = st.none() | st.integers(1, 150)  # points from here
TROUBLES = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(1, 6)), max_size=3)
Troubles = list[tuple[Act, int, int]]  # what goes wrong, at which kind of change, and at which one of those
SECONDS = st.sampled_from([1.0, 40.0, 61.0, 300.0])
QUIET_S = 70.0  # nothing that was late is so for longer


class HarbourModel(RuleBasedStateMachine):
    """One operator, who tries again and looks, however often things go wrong with what was laid out."""

    laid: ClassVar[Laid]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=self.folder))) / "harbour"
        self.harbour = Harbour(self.laid, home)
        self.stack.callback(self.harbour.close)
        self.changes = CHANGES[self.laid.berth.name]

    def teardown(self) -> None:
        self.harbour.pass_time(QUIET_S)
        self.harbour.calm()
        self.report()
        self.stack.close()

    @initialize(troubles=TROUBLES, dies=DIES)
    def begins(self, troubles: Troubles, dies: int | None) -> None:
        self.execute(troubles, dies)

    @rule(troubles=TROUBLES, dies=DIES)
    def execute(self, troubles: Troubles, dies: int | None) -> None:
        """Whole, or until it dies so many points from here; changes of its meet with troubles."""
        self.under(troubles, dies)
        event(f"execute: {self.harbour.execute()}")

    @rule(troubles=TROUBLES, dies=DIES)
    def reconcile(self, troubles: Troubles, dies: int | None) -> None:
        self.under(troubles, dies)
        self.report()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.harbour.pass_time(seconds)

    def under(self, troubles: Troubles, dies: int | None) -> None:
        rules = (
            replace(self.changes[which % len(self.changes)], act=act, nth=nth, seconds=LATE_S)
            for act, which, nth in troubles
        )
        self.harbour.pier.begin_faults(tuple(rules))
        self.harbour.die_at(self.harbour.points.passed + dies if dies else 0)

    def report(self) -> None:
        """Reconcile, and hold what is reported against the provider's books."""
        ended = self.harbour.reconcile()
        event(f"reconcile: {ended}")
        if ended == "reconciled":
            self.harbour.check()
