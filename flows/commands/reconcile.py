"""`simferry reconcile`: the flow of that name, then SIMs per outcome and where the reports are."""

from __future__ import annotations

import argparse

from domain.errors import Exit
from domain.outcomes import Outcome, totals
from flows import telling
from flows.arguments import accounts_asked
from flows.engaged import engaged
from flows.said import say
from flows.standing import UNCONFIRMED, outcomes_of
from journal.folder import open_run
from reports.balance import closing_lines
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """Reconcile; exit code 4 where SIMs are not confirmed, 3 where rows were rejected or refused."""
    open_run(here().home, asked.run).refuse_if_forgotten()  # before anybody waits for the engine
    with engaged(asked):
        name = reconcile(asked.run, asked)
    return tell(asked, name)


def reconcile(run_name: str, asked: argparse.Namespace) -> str:
    """The run's whole name, after its reconciliation."""
    from flows.reconcile import reconcile as flow  # noqa: PLC0415 - the engine is imported while its server starts

    return flow(run_name, accounts_asked(asked))


def tell(asked: argparse.Namespace, name: str) -> Exit:
    """Print what became of the list, and where the reports are."""
    around = here()
    outcomes = outcomes_of(around, name)
    counts = totals(outcomes)
    folder = open_run(around.home, name)
    text = f"{telling.of_outcomes(outcomes, closing_lines(outcomes))}\nReport:  {folder.report}  ·  {folder.page}"
    say(asked, text, {"run": name, "outcomes": counts, "lines": outcomes.height, "folder": folder.path})
    if any(counts[outcome] for outcome in UNCONFIRMED):
        return Exit.UNCONFIRMED
    stood = (Outcome.REJECTED, Outcome.REFUSED, Outcome.ASSISTED)
    return Exit.ROWS if any(counts[outcome] for outcome in stood) else Exit.OK
