"""`simferry restore`: the flow of that name, then how many SIMs are set as they are wanted."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from domain.errors import Exit
from domain.plan import Step
from flows.arguments import accounts_asked
from flows.commands.execute import refuse_early
from flows.engaged import engaged
from flows.said import say
from flows.wording import sims
from journal.approval import approval_of, refuse_if_not_begun
from journal.folder import open_run
from tasks.asked import here

if TYPE_CHECKING:
    from tasks.restoring_run import Restored  # the engine comes with it


def run(asked: argparse.Namespace) -> Exit:
    """Put back what SIMs were set to; exit code 4 where not all of the run are in the target and as wanted."""
    folder = open_run(here().home, asked.run)
    plan, _ = folder.load_plan()
    if not plan.counts.get(Step.ASSIST):
        refuse_if_not_begun(folder, "nothing has been moved by it yet, so there is nothing to put back.")
    elif approval_of(folder) is None:  # what support moves is put back without an execution
        refuse_if_not_begun(
            folder,
            "nothing has been moved by it yet. What support has transferred is put back once the plan is approved:  "
            f"simferry approve {plan.run}",
        )
    refuse_early(asked, moves=False)
    with engaged(asked):
        done = restore(asked)
    return tell(asked, done)


def restore(asked: argparse.Namespace) -> Restored:
    """How many SIMs there are to see to, and how many are as wanted now."""
    from flows.restore import restore as flow  # noqa: PLC0415 - the engine is imported while its server starts

    return flow(asked.run, accounts_asked(asked))


def tell(asked: argparse.Namespace, done: Restored) -> Exit:
    """Print how far it came, and what now."""
    plan, _ = open_run(here().home, asked.run).load_plan()
    differ = done.there - done.as_wanted
    lines = [f"{done.as_wanted:,} of {sims(done.there)} in {plan.target.name} are set as they are wanted."]
    if done.elsewhere:
        lines.append(f"{sims(done.elsewhere)} of the run {'is' if done.elsewhere == 1 else 'are'} not there.")
    lines.append(f"Each setting, before and after, is reported by:  simferry reconcile {plan.run}")
    text = "\n".join(lines)
    say(asked, text, {"run": plan.run} | asdict(done))
    return Exit.UNCONFIRMED if differ else Exit.OK
