"""`simferry status`: runs at a glance, or one of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from domain.errors import Exit
from domain.plan import Step
from flows import telling
from flows.said import say
from journal.folder import open_run
from journal.status import RunFacts, Stage, facts, runs
from tasks.asked import here

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
    text = "\n".join(line for each in found for line in _lines(each)) or f"There are no runs in {around.home} yet."
    say(asked, text, {"runs": [asdict(each) for each in found]})
    return Exit.OK


def _lines(each: RunFacts) -> Iterator[str]:
    yield f"{each.name}  {each.stage}"
    if each.words:
        yield f"  {each.words}"
    if each.counts:
        steps = ", ".join(f"{step} {each.counts[step]:,}" for step in Step if each.counts[step])
        yield f"  {each.list_file}, {each.provider}, {each.source} → {each.target}: {steps}"
    if each.approval:
        yield f"  approved by {each.approval.by}, {each.approval.at[:16]}Z"
    if each.stopped:
        cause, words = each.stopped
        yield f"  stopped: {words}. Go on with:  simferry execute {each.name} --resume-after {cause}"
    if each.totals:
        yield f"  reconciled: {telling.of_counts(each.totals)}"
    elif not each.stopped:
        yield f"  next:  {_NEXT[each.stage].format(run=each.name)}"
