"""`simferry status`: runs at a glance, or one of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from domain.errors import Exit
from domain.orders import Part
from domain.outcomes import Outcome
from domain.parts import parts_of
from domain.plan import Step
from domain.tokens import PARTS as TOKEN_PARTS
from domain.tokens import TOKENS
from flows import telling
from flows.countdown import countdown, soonest
from flows.forget import standing
from flows.said import say
from flows.standing import Standing, done_so_far, facts_of
from flows.tokens_waiting import tokens_waiting
from flows.wording import sims, way
from journal.folder import open_run
from journal.status import RunFacts, Stage, facts, runs
from reports.support_pack import TEXT, WORKBOOK
from tasks.asked import Surroundings, here

_NEXT = {
    Stage.UNPLANNED: "simferry plan",
    Stage.DAMAGED: "simferry plan",
    Stage.PLANNED: "simferry approve {run}",
    Stage.APPROVED: "simferry execute {run}",
    Stage.BEGUN: "simferry execute {run}",
    Stage.FINISHED: "simferry reconcile {run}",
}

_NOT_BEGUN = (Stage.PLANNED, Stage.APPROVED)
_GO_ON = (Outcome.AWAITING, Outcome.NOT_STARTED)  # of the last reconciliation: there is more to do than to report


def run(asked: argparse.Namespace) -> Exit:
    """Tell how runs stand; exit code 0."""
    around = here()
    found = (
        [facts(open_run(around.home, asked.run), around.journal_url)]
        if asked.run
        else runs(around.home, around.journal_url)
    )
    stands = _stands(around, found[0]) if asked.run else None
    tokens = {each.name: _tokens(around, each) for each in found}
    now = datetime.now(UTC)
    text = "\n".join(
        line
        for each in found
        for line in (
            *_lines(each, stands),
            *_then(each, around.home / each.name),
            *_counted_down(each, tokens[each.name], now, whole=bool(asked.run)),
        )
    )
    told: dict[str, object] = {
        "runs": [asdict(each) | {"tokens": tokens[each.name].to_dicts()} for each in found],
    }
    told |= facts_of(found[0].name, stands) if stands else {}
    say(asked, text or f"There are no runs in {around.home} yet.", told)
    return Exit.OK


def _stands(around: Surroundings, each: RunFacts) -> Standing | None:
    """How far each SIM of a run has come, where any of them can have come anywhere."""
    return done_so_far(around, each.name) if each.last and each.stage != Stage.DAMAGED else None


def _tokens(around: Surroundings, each: RunFacts) -> pl.DataFrame:
    """The run's tokens (TOKENS) that wait to be accepted; none where it has ended, or knows no tokens."""
    by_tokens = any(part in TOKEN_PARTS for way in each.ways for part in parts_of(way))
    if not by_tokens or each.last is None or each.stage not in {Stage.BEGUN, Stage.STOPPED}:
        return pl.DataFrame(schema=TOKENS)
    plan, _ = open_run(around.home, each.name).load_plan()
    return tokens_waiting(around, plan)


def _counted_down(each: RunFacts, waiting: pl.DataFrame, now: datetime, *, whole: bool) -> Iterator[str]:
    """Until when its tokens can be accepted: each of them, or the first."""
    if whole:
        yield from countdown(waiting, each.name, now)
    elif line := soonest(waiting, now):
        yield line


def _lines(each: RunFacts, stands: Standing | None) -> Iterator[str]:
    yield f"{each.name}  {each.stage}"
    if each.words:
        yield f"  {each.words}"
    yield from standing(each)
    if each.counts:
        steps = ", ".join(f"{step} {each.counts[step]:,}" for step in Step if each.counts[step])
        parent = f" by {each.parent}" if each.parent else ""
        listed = f"{each.list_file}, " if each.list_file else ""
        yield f"  {listed}{each.provider}, {each.source} → {each.target}{parent}: {steps}"
    if set(each.ways) - {str(Part.MOVE)}:
        yield f"  {', '.join(f'{way(parts)} {count:,}' for parts, count in each.ways.items())}"
    if each.approval:
        yield f"  approved by {each.approval.by}, {each.approval.at[:16]}Z"
    if stands is not None:
        yield f"  {stands}"
    if each.last and each.last_at and each.stage in {Stage.BEGUN, Stage.STOPPED}:
        batch, part = each.last
        yield f"  last record {each.last_at[:19]}Z, batch {batch:,}, {part}"
    if each.stopped:
        cause, words = each.stopped
        yield f"  stopped: {words}. Go on with:  simferry execute {each.name} --resume-after {cause}"
    if each.totals:
        when = f" before the last record, at {each.reconciled_at[:16]}Z" if each.is_outdated else ""
        yield f"  reconciled{when}: {telling.of_counts(each.totals)}"


def _then(each: RunFacts, folder: Path) -> Iterator[str]:
    """What to do now."""
    if each.stage in _NOT_BEGUN and not each.counts.get(Step.MOVE):
        yield from _nothing_moves(each, folder)
        return
    again, next_step = f"simferry reconcile {each.name}", _NEXT.get(each.stage, "").format(run=each.name)
    if each.is_outdated and next_step != again:
        yield f"  what there is by now is reported by:  {again}"
    totals = {} if each.is_outdated else each.totals
    if next_step and not each.stopped and (not totals or any(totals.get(outcome) for outcome in _GO_ON)):
        yield f"  next:  {next_step}"


def _nothing_moves(each: RunFacts, folder: Path) -> Iterator[str]:
    """What is said of a plan by which no SIM is moved; it need not be approved to be reconciled."""
    yield "  there is nothing to carry out: no SIM is moved by this plan"
    if each.counts.get(Step.ASSIST) and (not each.totals or each.totals.get(Outcome.ASSISTED)):
        yield f"  {sims(each.counts[Step.ASSIST])} left to support: send {folder / TEXT} with {WORKBOOK} beside it"
        yield f"  what support has transferred by now is found by:  simferry reconcile {each.name}"
    elif not each.totals:
        yield f"  what became of each row is reported by:  simferry reconcile {each.name}"
