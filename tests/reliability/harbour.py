"""One run at a real sandbox, real clients and a real journal in one process, which dies where it is told to.

A process here is what happens between two deaths: whatever a call of `execute` or `reconcile` holds in memory is gone
with it, and the next one has the run's folder and the provider, which went on by itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import polars as pl
import pytest

from chaos.sheet import told_otherwise
from chaos.soracom_settings import settings_untrue
from chaos.verdict import CLOCK, lies_of, lost_of, moved_twice_of, sent_again
from domain.breakers import Cause, Tally
from domain.errors import FerryError
from domain.events import Event, Kind
from domain.inventory import SIDE_TYPE, Side
from domain.orders import Part
from domain.parts import Stand
from domain.plan import Step, utc_of
from domain.state import RunState, run_state
from journal.approval import approve
from journal.book import Journal
from journal.files import read_frame
from journal.run_folder import RunFolder
from providers import emnify_open, soracom_open, supersim_open
from providers.registry import open_mover, open_reader
from sandbox.accounts import write_accounts
from sandbox.faults import Rule
from sandbox.homes import Name
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.world import seed
from tasks import drafting, executing, reconciling, surveying, writing
from tasks.aboard import boarding, revisiting
from tasks.accounts import looking
from tasks.asked import ListAsked, Surroundings
from tasks.voice import speaking
from tests.fakes import Killed
from tests.reliability.berths import Berth
from tests.reliability.one_thread import OnePool, one_thread
from tests.reliability.pier import BASE_URL, Pier
from tests.reliability.points import Points, counting
from tests.reliability.tide import BEGAN_S, Tide

SEED = 7
POOLS = ("tasks.surveying", "providers.paging")  # beside those of the engine
CACHES = (emnify_open._budgets, soracom_open._sessions, soracom_open._traffics, supersim_open._lanes)
ARRIVES = {Part.MOVE, Part.ACCEPT}
TRUSTED = httpx.create_ssl_context()  # whatever it trusts: nothing leaves this process


class Silent:
    """Says nothing."""

    def say(self, text: str) -> None:
        """Nobody hears it."""

    def progress(self, title: str, done: int, of: int) -> None:
        """Nobody sees it."""


@dataclass(frozen=True)
class Laid:
    """A plan that was made and approved, in a folder to be copied, and when that was."""

    berth: Berth
    folder: Path
    run: str
    at_s: float


class Harbour:
    """A copy of what was laid out, with a sandbox of its own under a fault script."""

    def __init__(self, laid: Laid, folder: Path, script: Sequence[Rule] = ()) -> None:
        shutil.copytree(laid.folder, folder)
        self.berth, self.home = laid.berth, folder / "provider"
        self.tide, self.points = Tide(laid.at_s), Points()
        self.pier = Pier(self.home, laid.berth.name, self.tide, self.points)
        self.folder = RunFolder(folder / "runs" / laid.run)
        self.books = laid.berth.books(self.home)
        self.reads = (self.books.before, self.books.before)  # just before and just after the last report
        self.pier.begin_faults(tuple(script))

    # what an operator does

    def execute(self) -> str:
        """How it ended, in a word: executed, died, or the error's name; a cause it stopped for is named to it."""
        stopped = self._state().stopped
        cause = stopped[0] if stopped is not None and stopped[0] in set(Cause) else None
        return self._lived(lambda: self._execute(cause), "executed")

    def reconcile(self) -> str:
        """Likewise."""
        before = self.books.read()
        ended = self._lived(self._reconcile, "reconciled")
        self.reads = (before, self.books.read())
        return ended

    def die_at(self, number: int) -> None:
        """Of all points that this run passes, counted from 1 over all its processes."""
        self.points.dies_at = number

    def is_finished(self) -> bool:
        return any(event.kind == Kind.FINISHED for event in self._events())

    def pass_time(self, seconds: float) -> None:
        self.tide.sleep(seconds)

    def calm(self) -> None:
        """Nothing goes wrong from here on."""
        self.pier.begin_faults(())

    @property
    def token_life_s(self) -> float:
        """After which no token of a transfer is good any more; 0 where there are none."""
        plan, _ = self.folder.load_plan()
        return plan.limits.token_life_s

    def close(self) -> None:
        self.pier.stop()
        self.tide.close()

    # what there is by now

    def check(self) -> None:
        """Raise AssertionError unless the last report, the journal and the provider's books agree."""
        wrong = self.wrongs()
        assert not wrong, "\n".join(wrong)

    def wrongs(self) -> list[str]:
        """Everything that is not as it must be, in words."""
        _, steps = self.folder.load_plan()
        outcomes, now = read_frame(self.folder.outcomes, ""), self.reads[-1]
        told, rejected = outcomes.filter(outcomes["line"].is_not_null()), self.folder.load_frame(self.folder.rejected)
        lies = set.intersection(*(set(lies_of(steps, outcomes, self._shown(read), self.books)) for read in self.reads))
        balances = sorted(told["line"]) == sorted(steps["line"]) and outcomes.height == steps.height + rejected.height
        return [
            *lost_of(steps, self.books.before, now),
            *moved_twice_of(steps, self.books.before, now),
            *sent_again(self._events(), now),
            *sorted(lies),
            *([] if balances else [f"{outcomes.height} outcomes of {steps.height} steps and {rejected.height} rows"]),
            *told_otherwise(self.folder.report, outcomes),
            *self._claimed_too_much(),
            *(self._of_transfers(steps["key"].to_list()) if self.berth.name is Name.SORACOM else ()),
        ]

    def outcomes(self) -> dict[str, int]:
        """Lines of the last report by outcome."""
        counted = read_frame(self.folder.outcomes, "")["outcome"].value_counts()
        return {str(outcome): int(lines) for outcome, lines in counted.iter_rows()}

    # inside

    def _shown(self, read: pl.DataFrame) -> pl.DataFrame:
        """The books as far as the run's own credentials can see."""
        if not self.berth.is_blind:
            return read
        target = pl.col("side") == pl.lit(Side.TARGET, SIDE_TYPE)
        return read.with_columns(side=pl.when(target).then(pl.lit(Side.NOWHERE, SIDE_TYPE)).otherwise("side"))

    def _claimed_too_much(self) -> list[str]:
        """SIMs that the journal knows to have arrived, and that had not."""
        arrived = self.reads[-1].filter(pl.col("side") == pl.lit(Side.TARGET, SIDE_TYPE))
        at = dict(arrived.drop_nulls("moved_at").select("key", "moved_at").iter_rows())
        return [
            f"the journal has {key} arrived at {event.at}, and it moved at {at.get(key)}"
            for event in self._events()
            if event.body.get("stand") == Stand.DONE and event.part in ARRIVES
            for key in event.sims
            if key not in at or utc_of(event.at) + CLOCK < utc_of(at[key])
        ]

    def _of_transfers(self, keys: Sequence[str]) -> list[str]:
        """SIMs that were put under way twice, and settings of the report that are not so."""
        ledger = SoracomTruth(self.home).ledger()
        put = ledger.filter((pl.col("became") == "transferring") & (pl.col("request") > 0))
        counts = put.filter(pl.col("iccid").is_in(keys)).group_by("iccid").len().filter(pl.col("len") > 1)
        return [
            *(f"{key} was offered {count} times" for key, count in counts.iter_rows()),
            *settings_untrue(self.folder, self.home),
        ]

    def _events(self) -> list[Event]:
        with Journal.open(None, self.folder) as journal:
            return list(journal.events())

    def _state(self) -> RunState:
        return run_state(self._events())

    def _around(self) -> Surroundings:
        return Surroundings(self.folder.path.parent, self.home / "accounts.toml", None, "somebody")

    def _execute(self, cause: str | None) -> None:
        with boarding(self._around(), self.folder.name, cause) as aboard:
            executing.settle_doubts.fn(aboard)
            tally = Tally()
            for wave in executing.waves_left(aboard):
                tally = executing.carry_wave.fn(aboard, wave, tally)
            executing.look_back.fn(aboard)
            executing.restore.fn(aboard)
            executing.finish.fn(aboard)

    def _reconcile(self) -> None:
        with revisiting(self._around(), self.folder.name) as aboard:
            reconciling.settle.fn(aboard)
            looked = reconciling.look.fn(aboard)
            outcomes = reconciling.balance.fn(aboard, looked)
            reconciling.write.fn(aboard, outcomes, looked)
            reconciling.let_go.fn(aboard)

    def _lived(self, work: Callable[[], None], well: str) -> str:
        self.points.reborn()
        try:
            with process(self.tide, self.pier), counting(self.points):
                work()
        except Killed:
            return "died"
        except FerryError as error:
            return f"{type(error).__name__} {getattr(error, 'cause', '')}".strip()
        return "died" if self.points.dead else well


@contextmanager
def process(tide: Tide, pier: Pier) -> Iterator[None]:
    """The engine in one thread, by that time and over that network, with nothing remembered from before."""
    clock = tide.of_a_provider()
    for cache in CACHES:
        cache.clear()
    with pytest.MonkeyPatch.context() as patch, one_thread(), speaking(Silent()):
        for room in POOLS:
            patch.setattr(f"{room}.ThreadPoolExecutor", OnePool)
        for room in ("tasks.aboard", "tasks.writing"):
            patch.setattr(f"{room}.WallClock", lambda: tide)
        patch.setattr("httpx.create_ssl_context", lambda **_: TRUSTED)
        for opened in (open_mover, open_reader):
            patch.setattr(f"tasks.accounts.{opened.__name__}", partial(opened, clock=clock, transport=pier))
        yield


def lay(berth: Berth, folder: Path) -> Laid:
    """Plan and approve the berth's list in fair weather."""
    home, tide = folder / "provider", Tide()
    seed(home, berth.sims, SEED, provider=berth.name, now_s=BEGAN_S)
    write_accounts(home, BASE_URL)
    listed = folder / "list.csv"
    listed.write_text("\n".join(("ICCID", *berth.rows(berth.books(home).before))) + "\n", encoding="utf-8")
    around = Surroundings(folder / "runs", home / "accounts.toml", None, "somebody")
    pier = Pier(home, berth.name, tide, Points())
    with process(tide, pier), looking(around, berth.source, berth.target) as (pair, reader):
        sheet = drafting.read.fn(str(listed), ListAsked())
        verdict = drafting.judged.fn(sheet, reader.traits.name, ListAsked())
        seen = surveying.survey.fn(reader, verdict.lines)
        made = drafting.draft.fn(reader, verdict.lines, seen, berth.moving, pair, around)
        final = drafting.tried.fn(reader, made)
        run = writing.write_plan.fn(reader, pair.parties, sheet, verdict, seen, final, around)
        plan, _ = RunFolder(around.home / run).load_plan()
        approve(RunFolder(around.home / run), plan, int(plan.counts[Step.MOVE]), "somebody", tide.now())
    pier.stop()
    tide.close()
    return Laid(berth, folder, run, tide.at_s)
