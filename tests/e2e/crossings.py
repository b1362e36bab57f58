"""A plan carried across the sandbox in this process, without command line and engine, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import polars as pl

from domain.breakers import Tally
from domain.errors import FerryError
from domain.inventory import Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options
from domain.planning import HELD, Terms, make_plan
from domain.reconciling import reconcile
from domain.state import fold
from providers.accounts import read_accounts
from providers.protocol import Crew
from providers.registry import open_mover
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from tasks.crossing import carry_wave, look_back, settle_doubts, waves
from tasks.voyage import Voyage
from tests.e2e.agreement import MIGRATION
from tests.e2e.hurry import Hurry
from tests.fakes import FakeLog

LIMITS = Limits(batch_sims=5, canary_sims=2, spot_sims=2)  # 12 SIMs in batches of 2, 5 and 5
REJECTED = pl.DataFrame(
    schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String, "reason": pl.String, "next_step": pl.String}
)

Rule: TypeAlias = dict[str, JSON]


@dataclass
class Crossing:
    """One run: its SIMs, its journal in memory, and the error of each execution that ended in one."""

    crew: Crew
    steps: pl.DataFrame
    clock: Hurry
    log: FakeLog = field(default_factory=FakeLog)
    errors: list[FerryError] = field(default_factory=list)

    def execute(self) -> None:
        """What `simferry execute` does with an approved plan."""
        voyage = Voyage(
            "a-run", self.crew.reader, self.crew.mover, self.log, self.clock, LIMITS, Options(), lambda _: None
        )
        try:
            settle_doubts(voyage, self.steps, fold(self.log.events))
            tally = Tally()
            for wave in waves(voyage, self.steps, fold(self.log.events)):
                tally = carry_wave(voyage, wave, tally)
            look_back(voyage, self.steps, fold(self.log.events))
        except FerryError as error:
            self.errors.append(error)

    def outcomes(self) -> pl.DataFrame:
        """What `simferry reconcile` makes of it (OUTCOMES)."""
        source, target = (self.crew.reader.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        return reconcile(self.steps, REJECTED, fold(self.log.events), sights_of(self.steps["key"], source, target))


@contextmanager
def crossing(sandbox: Sandbox, keys: list[str]) -> Iterator[Crossing]:
    """A planned run of these SIMs, its crew logged in, with nothing sent yet."""
    known = read_accounts(sandbox.home / "accounts.toml")
    fast = {name: replace(one, numbers={**one.numbers, "requests_per_5_min": 10**8}) for name, one in known.items()}
    clock = Hurry()
    with open_mover(fast["pilot"], fast["fleet"], clock=clock.of_a_provider()) as crew:
        source, target = (crew.reader.survey(side, lambda *_: None).sims for side in (Side.SOURCE, Side.TARGET))
        rows = [(place, place + 2, key, key, None, False, None) for place, key in enumerate(keys)]
        lines = pl.DataFrame(rows, schema=LINES, orient="row")
        steps = make_plan(lines, source, target, Terms((), pl.DataFrame(schema=HELD), ("Activated",), LIMITS))
        yield Crossing(crew, steps, clock)


def migrations(sandbox: Sandbox) -> int:
    """Requests that were to change something since the record was begun."""
    return sum(sent.path == MIGRATION and sent.dry_run is False for sent in sandbox.requests())


def counted(outcomes: pl.DataFrame) -> dict[str, int]:
    """SIMs per outcome."""
    return dict(Counter(outcomes["outcome"].cast(pl.String).to_list()))
