"""A plan of Soracom's SIMs carried across the sandbox in this process, without command line and engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from domain.breakers import Tally
from domain.errors import FerryError, RefusedToRun
from domain.inventory import Side, sights_of
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options
from domain.outcomes import Deed
from domain.plan import Step
from domain.planning import HELD, Terms, make_plan
from domain.queue import with_deeds
from domain.reconciling import reconcile
from domain.settings import compared
from domain.state import fold
from journal.run_folder import RunFolder
from providers.accounts import read_accounts
from providers.protocol import Crew, Reader, Survey
from providers.registry import open_mover
from sandbox.remote import Sandbox
from sandbox.soracom.truth import Truth
from tasks import handing_rounds, issuing
from tasks.asked import GroupsAsked
from tasks.crossing import look_back
from tasks.dry_run import dry_run
from tasks.grouping import grouped
from tasks.handing import Handing, hand_over
from tasks.restoring import restore_rest, restored
from tasks.shelf import Shelf
from tasks.token_book import TokenBook
from tasks.voyage import Voyage
from tests.e2e.hurry import Hurry
from tests.e2e.soracom_agreement import Books
from tests.handing import SharedLog
from validation.tables import move_rules, parts_of

LIFE_S = 3_600.0  # of a token, here and in the sandbox, whose clock is not the hurried one of a run
LIMITS = Limits(
    batch_sims=4,
    canary_sims=3,
    calls_in_flight=4,
    settle_s=20.0,
    settle_gap_s=2.0,
    await_s=0.0,
    token_life_s=LIFE_S,
)
OPTIONS = Options(accepts=True, restores=True)
EXECUTIONS_MAX = 3
REJECTED = pl.DataFrame(schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String})


@dataclass
class Taker:
    """Hands out SIMs of the east's that are ready, each once."""

    left: list[str]

    @classmethod
    def of(cls, truth: Truth) -> Taker:
        """Those that have one number and are no virtual ones."""
        ours = truth.where().filter(operator_name="east", status="ready", type="uicc")
        return cls(ours["iccid"].to_list())

    def __call__(self, count: int) -> list[str]:
        taken, self.left = self.left[:count], self.left[count:]
        assert len(taken) == count
        return taken


@dataclass
class Crossing:
    """One run: its SIMs, its journal in memory, and the errors that its last executions ended in.

    Each execution logs in anew, as a process would.
    """

    sandbox: Sandbox
    folder: RunFolder
    books: Books
    steps: pl.DataFrame = field(default_factory=pl.DataFrame)
    clock: Hurry = field(default_factory=Hurry)
    log: SharedLog = field(default_factory=SharedLog)
    errors: list[FerryError] = field(default_factory=list)

    def batch(self, number: int) -> list[str]:
        """The SIMs of a batch, in the order in which its request names them."""
        return self.steps.filter(batch=number).sort("key")["key"].to_list()

    def execute(self) -> None:
        """What `simferry execute` does with an approved plan."""
        self.errors = []
        with self.crew() as crew:
            handing = self._handing(crew)
            voyage = handing.voyage
            try:
                handing_rounds.settle_doubts(voyage, self.steps, self.deeds, handing.tokens, 0.0)
                tally = Tally()
                for wave in handing_rounds.rounds(voyage, self.steps, self.deeds, handing.tokens, ()):
                    tally = hand_over(handing, wave, tally, issuing.carry)
                look_back(voyage, self.steps, self.deeds())
                arrived = with_deeds(self.steps, self.deeds()).filter(pl.col("deed") == Deed.ARRIVED)
                stop = restore_rest(handing, arrived, restored(self.log.events))
                if stop is not None:
                    voyage.stop(*stop)
            except FerryError as error:
                self.errors.append(error)

    def reconcile(self) -> pl.DataFrame:
        """What `simferry reconcile` makes of it (OUTCOMES)."""
        with self.crew() as crew:
            handing = self._handing(crew)
            handing_rounds.settle_doubts(handing.voyage, self.steps, self.deeds, handing.tokens, 0.0)
            source, target = both(crew.reader, self.steps)
            sights = sights_of(self.steps["key"], source.sims, target.sims)
            course, issued = crew.reader.traits.course, handing.tokens.issued()
            return reconcile(self.steps, REJECTED, self.deeds(), sights, course, issued)

    def settings(self) -> pl.DataFrame:
        """What the report says its SIMs are set to (as `told_settings`)."""
        with self.crew() as crew:
            target = crew.reader.survey(Side.TARGET, lambda *_: None, self.steps)
        shelf = Shelf(self.folder, self.steps)
        lines = compared(shelf.all_before(), shelf.groups_to, target.settings, target.sims["key"])
        return lines.rename({"after": "now"}).with_columns(pl.col("state").cast(pl.String).alias("result"))

    def an_hour_later(self) -> None:
        """Let every token run out, by the clocks of both."""
        self.sandbox.advance_clock(LIFE_S)
        self.clock.skipped_s += LIFE_S

    def deeds(self) -> pl.DataFrame:
        """What the journal says by now (DEEDS)."""
        return fold(self.log.events)

    @contextmanager
    def crew(self) -> Iterator[Crew]:
        """Eyes and hands of both sides, logged in anew."""
        known = read_accounts(self.sandbox.home / "accounts.toml")
        with open_mover(known["east"], known["west"], clock=self.clock.of_a_provider()) as crew:
            yield crew

    def _handing(self, crew: Crew) -> Handing:
        voyage = Voyage("a-run", crew.reader, crew.mover, self.log, self.clock, LIMITS, OPTIONS, lambda _: None)
        assert crew.examiner is not None
        assert crew.transferor is not None
        tokens = TokenBook.of(self.log.events, LIMITS.token_life_s)
        return Handing(voyage, crew.examiner, crew.transferor, Shelf(self.folder, self.steps), tokens)


def outlast(run: Crossing) -> pl.DataFrame:
    """Execute until an execution ends without an error, or a guard refuses; then reconcile (OUTCOMES)."""
    for _ in range(EXECUTIONS_MAX):
        run.execute()
        if not run.errors or isinstance(run.errors[-1], RefusedToRun):
            break
    return run.reconcile()


def both(reader: Reader, wanted: pl.DataFrame) -> tuple[Survey, Survey]:
    """Source and target, as far as `wanted` needs."""
    source, target = (reader.survey(side, lambda *_: None, wanted) for side in (Side.SOURCE, Side.TARGET))
    return source, target


def planned(sandbox: Sandbox, folder: Path, keys: list[str]) -> Crossing:
    """A run of these SIMs, planned and dry-run, with nothing sent yet."""
    run = Crossing(sandbox, RunFolder(folder), Books.opened(Truth(sandbox.home)))
    rows = [(place, place + 2, key, key, None, False, None) for place, key in enumerate(keys)]
    lines = pl.DataFrame(rows, schema=LINES, orient="row")
    with run.crew() as crew:
        source, target = both(crew.reader, lines)
        terms = Terms(
            rules=move_rules("soracom", OPTIONS),
            held=pl.DataFrame(schema=HELD),
            live_statuses=crew.reader.traits.live_statuses,
            limits=LIMITS,
            parts=parts_of("soracom", OPTIONS),
            groups=grouped(crew.reader, GroupsAsked(), source.sims, lines).groups,
            aliases=pl.concat([source.aliases, target.aliases]),
        )
        run.steps = dry_run(crew.reader, make_plan(lines, source.sims, target.sims, terms), OPTIONS)
    assert set(run.steps["step"]) == {Step.MOVE}, run.steps.select("words")
    run.folder.settings_planned.parent.mkdir(exist_ok=True)
    source.settings.filter(pl.col("key").is_in(keys)).write_parquet(run.folder.settings_planned)
    return run
