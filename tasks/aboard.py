"""A run taken up: locked, its plan and approval proven, its journal open, its SIMs claimed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from domain.errors import RefusedToRun, UsageError
from domain.events import Kind
from domain.plan import Plan, Step
from domain.queue import left_to_send, may_not_be_planned, with_deeds
from domain.state import fold, run_state
from journal.approval import approved, refuse_if_stale
from journal.book import Journal
from journal.cipher import cipher_of
from journal.claims import Claims
from journal.folder import open_run
from journal.lock import holding
from journal.run_folder import RunFolder
from journal.wake import Wake
from providers.protocol import Crew
from tasks.accounts import looking_again, manned
from tasks.artifacts import progress
from tasks.asked import Surroundings
from tasks.clock import WallClock
from tasks.fenced import fenced
from tasks.handing import Handing
from tasks.keeping import keeping
from tasks.registering import codes_of
from tasks.shelf import Shelf
from tasks.token_book import TokenBook
from tasks.voice import voice
from tasks.voyage import Aids, Voyage


@dataclass(frozen=True, slots=True)
class Aboard:
    """A run in hand, and what is needed to go on with it."""

    folder: RunFolder
    plan: Plan
    steps: pl.DataFrame
    journal: Journal
    voyage: Voyage
    around: Surroundings
    handing: Handing | None = None  # where SIMs are handed over by tokens

    def deeds(self) -> pl.DataFrame:
        """What the journal says of every SIM by now (DEEDS)."""
        return fold(self.journal.events())

    def tokens(self) -> TokenBook:
        """The tokens that came for its SIMs; only where there are hands aboard can they be used."""
        if self.handing is not None:
            return self.handing.tokens
        return TokenBook.of(self.journal.events(), self.plan.limits.token_life_s)


@contextmanager
def boarding(around: Surroundings, run: str, resume_after: str | None) -> Iterator[Aboard]:
    """The run, to be executed; raises `RefusedToRun` where a guard says no, before anything is sent."""
    folder = open_run(around.home, run)
    clock = WallClock()
    with holding(folder, around.who, clock.now()), _journal(around, folder) as journal:
        journal.hold()
        plan, steps = folder.load_plan()
        given = approved(folder, plan, clock.now())
        if not any(event.kind == Kind.INTENDED for event in journal.headlines()):
            refuse_if_stale(plan, clock.now())  # an execution that sent nothing has not looked at a SIM
        resumed = _resumed(folder, journal, resume_after)
        codes = codes_of(folder, steps)
        moves = steps.filter(pl.col("step") == Step.MOVE)
        with Claims.open(around.journal_url, around.home) as claims:
            claims.claim(plan.provider, plan.run, moves["key"], around.who, clock.now())
        with manned(around, plan) as hired:
            crew = fenced(hired, journal.hold)
            counted = _counted(left_to_send(with_deeds(steps, fold(journal.events())), plan.limits).height)
            voyage = Voyage(
                plan.run,
                crew.reader,
                crew.mover,
                journal,
                clock,
                plan.limits,
                plan.options,
                voice().say,
                Aids(counted, _rest(around, clock), keeping(folder, crew.reader), codes),
            )
            voyage.note(Kind.OPENED, {"fingerprint": plan.fingerprint, "by": given.by, "who": around.who})
            if resumed:
                voyage.note(Kind.RESUMED, {"cause": resumed, "who": around.who})
            yield Aboard(folder, plan, steps, journal, voyage, around, _handing(voyage, crew, folder, journal, steps))


@contextmanager
def attending(around: Surroundings, run: str) -> Iterator[Aboard]:
    """The run of an approved plan, for what is done beside carrying it out: taking back, restoring.

    Raises `RefusedToRun` as `boarding` does, whatever the run has stopped for; `UsageError` where the provider hands
    nothing over by tokens.
    """
    folder = open_run(around.home, run)
    clock = WallClock()
    with holding(folder, around.who, clock.now()), _journal(around, folder) as journal:
        journal.hold()
        plan, steps = folder.load_plan()
        approved(folder, plan, clock.now(), moves=False)
        with Claims.open(around.journal_url, around.home) as claims:
            moves = steps.filter(pl.col("step") == Step.MOVE)
            claims.claim(plan.provider, plan.run, moves["key"], around.who, clock.now())
        with manned(around, plan) as hired:
            crew = fenced(hired, journal.hold)
            voyage = Voyage(
                plan.run, crew.reader, crew.mover, journal, clock, plan.limits, plan.options, voice().say, Aids()
            )
            handing = _handing(voyage, crew, folder, journal, steps)
            if handing is None:
                raise UsageError(
                    f"{plan.run} moves SIMs at {plan.provider}, which hands nothing over by tokens: there is nothing "
                    "to take back or to restore. See how the run stands with:  "
                    f"simferry status {plan.run}"
                )
            yield Aboard(folder, plan, steps, journal, voyage, around, handing)


@contextmanager
def revisiting(around: Surroundings, run: str) -> Iterator[Aboard]:
    """The run, to be looked at; there are no hands aboard."""
    folder = open_run(around.home, run)
    clock = WallClock()
    with holding(folder, around.who, clock.now()), Journal.open(around.journal_url, folder, who=around.who) as journal:
        plan, steps = folder.load_plan()
        with looking_again(around, plan) as reader:
            voyage = Voyage(
                plan.run,
                reader,
                None,
                journal,
                clock,
                plan.limits,
                plan.options,
                voice().say,
                Aids(rest=_rest(around, clock)),
            )
            yield Aboard(folder, plan, steps, journal, voyage, around)


def release(aboard: Aboard) -> None:
    """Let go of every SIM of the run about which nothing is left to find out, so that other runs may plan it.

    One between two parts of its way is kept: it is offline, and the next execution goes on with it.
    Where the run is executed again it claims what it needs anew, and is refused where another run has it by then.
    """
    known = with_deeds(aboard.steps, aboard.deeds()).filter(~may_not_be_planned())
    with Claims.open(aboard.around.journal_url, aboard.around.home) as claims:
        claims.release(aboard.plan.provider, aboard.plan.run, known["key"])


def _journal(around: Surroundings, folder: RunFolder) -> Journal:
    """The run's journal, with the key that tokens are encrypted with."""
    return Journal.open(around.journal_url, folder, cipher_of(os.environ, around.home), around.who)


def _handing(voyage: Voyage, crew: Crew, folder: RunFolder, journal: Journal, steps: pl.DataFrame) -> Handing | None:
    """What handing over takes, where the provider does it by tokens."""
    if not crew.reader.traits.guarantee.kind.by_tokens or crew.examiner is None or crew.transferor is None:
        return None
    tokens = TokenBook.of(journal.events(), voyage.limits.token_life_s)
    return Handing(voyage, crew.examiner, crew.transferor, Shelf(folder, steps), tokens)


def _resumed(folder: RunFolder, journal: Journal, resume_after: str | None) -> str | None:
    """The cause that the operator names and the run stopped for; raises where it stopped and that was not named."""
    state = run_state(journal.events())
    if state.stopped is None:
        return None
    cause, words = state.stopped
    if resume_after != cause:
        raise RefusedToRun(
            f"{folder.name} has stopped: {words}. When the cause is gone, go on with:  "
            f"simferry execute {folder.name} --resume-after {cause}",
            cause,
        )
    return cause


def _rest(around: Surroundings, clock: WallClock) -> Callable[[float, frozenset[str]], object]:
    """What waits for so many seconds, or until a callback gives a reason to look at one of these SIMs earlier."""
    wake = Wake(around.home)
    return lambda seconds, sim_ids: wake.wait(seconds, clock, sim_ids)


def _counted(of: int) -> Callable[[int], None]:
    """What counts SIMs whose batch has ended, on the screen and in the engine."""
    bar, heard, done = progress("SIMs carried across"), voice(), 0

    def count(sims: int) -> None:
        nonlocal done
        done += sims
        heard.progress("Moving, SIMs", done, of)
        bar.update(done, of)

    return count
