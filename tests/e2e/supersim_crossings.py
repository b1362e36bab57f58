"""A plan of Super SIMs carried across the sandbox in this process, without command line and engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from domain.breakers import Tally
from domain.errors import FerryError, RefusedToRun
from domain.inventory import Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options, Order, Reply
from domain.plan import Step
from domain.planning import HELD, Terms, make_plan
from domain.reconciling import reconcile
from domain.state import fold
from journal.run_folder import RunFolder
from providers.accounts import Account, parent_of, read_accounts
from providers.protocol import Mover, Reader
from providers.registry import open_mover, open_reader
from sandbox.remote import Sandbox
from tasks.asked import GroupsAsked
from tasks.crossing import carry_wave, look_back, rounds, settle_doubts
from tasks.dry_run import dry_run
from tasks.grouping import grouped
from tasks.keeping import keeping
from tasks.voyage import Aids, Voyage
from tests.e2e.hurry import Hurry
from tests.fakes import FakeLog
from validation.tables import move_rules, parts_of

LIMITS = Limits(
    batch_sims=4, canary_sims=3, spot_sims=2, calls_in_flight=4, settle_s=20.0, settle_gap_s=2.0, await_s=40.0
)
OPTIONS = Options(deactivate_first=True, reactivate=True, inactive_moves=True)
EXECUTIONS_MAX = 3
REJECTED = pl.DataFrame(
    schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String, "reason": pl.String, "next_step": pl.String}
)
FLEETS = "from,to\nPilot,Rollout\nTrackers,Trackers\nMeters,Meters South\n"  # of the north and of the south


@dataclass
class Taker:
    """Hands out SIMs (WHERE), each once."""

    left: pl.DataFrame

    def __call__(self, account: str = "north", **counts: int) -> list[str]:
        """The bodies of so many SIMs of each status."""
        ours = self.left.filter(account_name=account)
        taken = pl.concat([ours.filter(status=status).head(count) for status, count in counts.items()])
        assert taken.height == sum(counts.values())
        self.left = self.left.join(taken, on="iccid", how="anti")
        return taken["iccid"].to_list()


@dataclass
class Meddler:
    """Hands, and somebody who does something just before their n-th call."""

    mover: Mover
    at: int
    deed: Callable[[], None]
    calls: int = 0

    def move(self, order: Order) -> Reply:
        self.calls += 1
        if self.calls == self.at:
            self.deed()
        return self.mover.move(order)


@dataclass
class Crossing:
    """One run: its SIMs, its journal in memory, and the error of each execution that ended in one.

    Each execution logs in anew, as a process would; `meddle` is done before the n-th change of the next one.
    """

    sandbox: Sandbox
    folder: RunFolder
    steps: pl.DataFrame
    options: Options = OPTIONS
    limits: Limits = LIMITS
    source: str = "north"
    target: str = "south"
    clock: Hurry = field(default_factory=Hurry)
    log: FakeLog = field(default_factory=FakeLog)
    errors: list[FerryError] = field(default_factory=list)
    meddle: tuple[int, Callable[[], None]] | None = None

    def execute(self) -> None:
        """What `simferry execute` does with an approved plan."""
        self.errors = []
        with open_mover(*self._accounts(), clock=self.clock.of_a_provider()) as crew:
            mover = Meddler(crew.mover, *self.meddle) if self.meddle else crew.mover
            aids = Aids(keep=keeping(self.folder, crew.reader))
            voyage = Voyage(
                "a-run", crew.reader, mover, self.log, self.clock, self.limits, self.options, lambda _: None, aids
            )
            try:
                self._carry_out(voyage)
            except FerryError as error:
                self.errors.append(error)
        self.meddle = None

    def reconcile(self) -> pl.DataFrame:
        """What `simferry reconcile` makes of it (OUTCOMES)."""
        with open_reader(*self._accounts(), clock=self.clock.of_a_provider()) as reader:
            voyage = Voyage("a-run", reader, None, self.log, self.clock, self.limits, self.options, lambda _: None)
            settle_doubts(voyage, self.steps, fold(self.log.events))
            source, target = both(reader, self.steps)
            sights = sights_of(self.steps["key"], source, target)
            return reconcile(self.steps, REJECTED, fold(self.log.events), sights, reader.traits.course)

    def _carry_out(self, voyage: Voyage) -> None:
        settle_doubts(voyage, self.steps, fold(self.log.events), self.limits.await_s)
        tally = Tally()
        for wave in rounds(voyage, self.steps, lambda: fold(self.log.events)):
            tally = carry_wave(voyage, wave, tally)
        look_back(voyage, self.steps, fold(self.log.events))

    def _accounts(self) -> tuple[Account, Account, Account | None]:
        return accounts_of(self.sandbox, self.source, self.target)


def outlast(run: Crossing) -> pl.DataFrame:
    """Execute until an execution ends without an error, or a guard refuses; then reconcile (OUTCOMES)."""
    for _ in range(EXECUTIONS_MAX):
        run.execute()
        if not run.errors or isinstance(run.errors[-1], RefusedToRun):
            break
    return run.reconcile()


def ended_otherwise(outcomes: pl.DataFrame, ends: dict[str, str]) -> list[tuple[str, ...]]:
    """Lines that did not end as they should; all that are not named by their bodies have to be confirmed."""
    said = outcomes.select(
        pl.col("iccid").str.slice(0, 19), pl.col("outcome").cast(pl.String), "part", "code", "reason"
    )
    return [row for row in said.iter_rows() if row[1] != ends.get(row[0], "confirmed")]


def accounts_of(sandbox: Sandbox, source: str, target: str) -> tuple[Account, Account, Account | None]:
    known = read_accounts(sandbox.home / "accounts.toml")
    return known[source], known[target], parent_of(known, known[source], known[target])


def both(reader: Reader, wanted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Source and target, as far as `wanted` needs (INVENTORY)."""
    source, target = (reader.survey(side, lambda *_: None, wanted).sims for side in (Side.SOURCE, Side.TARGET))
    return source, target


def planned(sandbox: Sandbox, folder: Path, bodies: list[str], pairs: str = FLEETS, **more: object) -> Crossing:
    """A run of these SIMs, planned and dry-run, with nothing sent yet; `more` are fields of `Crossing`."""
    made = replace(Crossing(sandbox, RunFolder(folder), pl.DataFrame()), **more)  # type: ignore[arg-type] # as named there
    fleets = folder / "fleets.csv"
    fleets.write_text(pairs, encoding="utf-8")
    rows = [(place, place + 2, key, key, None, False, None) for place, key in enumerate(bodies)]
    lines = pl.DataFrame(rows, schema=LINES, orient="row")
    with open_reader(*made._accounts(), clock=made.clock.of_a_provider()) as reader:
        source, target = both(reader, lines)
        terms = Terms(
            rules=move_rules("supersim", made.options),
            held=pl.DataFrame(schema=HELD),
            live_statuses=reader.traits.live_statuses,
            limits=made.limits,
            parts=parts_of("supersim", made.options),
            groups=grouped(reader, GroupsAsked(group_map=str(fleets)), source, lines).groups,
        )
        steps = dry_run(reader, make_plan(lines, source, target, terms), made.options)
    assert set(steps["step"]) == {Step.MOVE}, steps.select("words")
    return replace(made, steps=steps)
