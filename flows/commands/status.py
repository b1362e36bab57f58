"""`simferry status`: runs at a glance, or one of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from domain.errors import Exit
from domain.orders import Part
from domain.plan import Step
from flows import telling
from flows.said import say
from flows.standing import Standing, done_so_far, facts_of
from flows.wording import way
from journal.folder import open_run
from journal.status import RunFacts, Stage, facts, runs
from tasks.asked import Surroundings, here

_NEXT = {
    Stage.UNPLANNED: "simferry plan",
    Stage.DAMAGED: "simferry plan",
    Stage.PLANNED: "simferry approve {run}",
    Stage.APPROVED: "simferry execute {run}",
    Stage.BEGUN: "simferry execute {run}",
    Stage.FINISHED: "simferry reconcile {run}",
}


def run(asked: argparse.Namespace) -> Exit:
    """Tell how runs stand; exit code 0."""
    around = here()
    found = (
        [facts(open_run(around.home, asked.run), around.journal_url)]
        if asked.run
        else runs(around.home, around.journal_url)
    )
    stands = _stands(around, found[0]) if asked.run else None
    text = "\n".join(line for each in found for line in _lines(each, stands))
    told: dict[str, object] = {"runs": [asdict(each) for each in found]}
    told |= facts_of(found[0].name, stands) if stands else {}
    say(asked, text or f"There are no runs in {around.home} yet.", told)
    return Exit.OK


def _stands(around: Surroundings, each: RunFacts) -> Standing | None:
    """How far each SIM of a run has come, where any of them can have come anywhere."""
    return done_so_far(around, each.name) if each.last and each.stage != Stage.DAMAGED else None


def _lines(each: RunFacts, stands: Standing | None) -> Iterator[str]:
    yield f"{each.name}  {each.stage}"
    if each.words:
        yield f"  {each.words}"
    if each.counts:
        steps = ", ".join(f"{step} {each.counts[step]:,}" for step in Step if each.counts[step])
        parent = f" by {each.parent}" if each.parent else ""
        yield f"  {each.list_file}, {each.provider}, {each.source} → {each.target}{parent}: {steps}"
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
        yield f"  reconciled: {telling.of_counts(each.totals)}"
    elif not each.stopped:
        yield f"  next:  {_NEXT[each.stage].format(run=each.name)}"
