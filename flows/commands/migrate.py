"""`simferry migrate`: plan, approval, execution and reconciliation in one go, under one engine."""

from __future__ import annotations

import argparse

from domain.errors import Exit
from domain.plan import Step
from flows.commands import approve, execute, plan, reconcile
from flows.engaged import engaged
from flows.plan_told import of_plan
from flows.said import ask
from journal.folder import open_run
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """Carry a list across, stopping for the approval; the exit code is the reconciliation's."""
    plan.refuse_early(asked)
    with engaged(asked):
        name = plan.make(asked)
        folder = open_run(here().home, name)
        made, _ = folder.load_plan()
        if asked.sims is not None or not made.counts[Step.MOVE]:
            ask(of_plan(made, folder.path) + "\n")  # else the approval shows it
        if made.counts[Step.MOVE]:
            approve.give(made, asked)
            execute.execute(name, asked)
        reconcile.reconcile(name, asked)
    return reconcile.tell(asked, name)
