"""`simferry approve`: a person reads the plan and types how many SIMs will move."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from domain.errors import Exit, UsageError
from domain.plan import Plan, Step
from flows.plan_told import of_plan
from flows.said import ask, say
from flows.wording import sims
from journal.approval import Approval, approve
from journal.folder import open_run
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """Show the plan, ask for the number, write the approval."""
    plan, _ = open_run(here().home, asked.run).load_plan()
    given = give(plan, asked)
    then = "execute" if given.sims else "reconcile"  # where nothing moves, only what others have done can be found out
    text = f"Approved by {given.by}: {sims(given.sims)}. Next:  simferry {then} {plan.run}"
    say(asked, text, asdict(given) | {"run": plan.run})
    return Exit.OK


def give(plan: Plan, asked: argparse.Namespace) -> Approval:
    """The approval of this plan, once somebody has named its number of SIMs; it is in the run's folder."""
    around = here()
    folder = open_run(around.home, plan.run)
    if asked.sims is None:
        ask(of_plan(plan, folder.path) + "\n")
    number = asked.sims if asked.sims is not None else ask_number(plan)
    return approve(folder, plan, number, asked.by or around.who, datetime.now(UTC))


def ask_number(plan: Plan) -> int:
    """The number of SIMs that a person types; raises `UsageError` where nobody is there to ask."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"Nobody is here to approve {plan.run}. Give the number of SIMs that it is for: "
            f"simferry approve {plan.run} --sims N"
        )
    will = "be registered" if plan.is_registration else "move"
    sys.stderr.write(f"{plan.source.name} → {plan.target.name}. Type the number of SIMs that will {will}: ")
    sys.stderr.flush()
    typed = sys.stdin.readline().strip().replace(",", "")
    if not typed.isascii() or not typed.isdigit():
        planned = f"{plan.counts[Step.MOVE]:,} will {will}"
        raise UsageError(f"“{typed}” is no number of SIMs: not approved. By the plan, {planned}.")
    return int(typed)
