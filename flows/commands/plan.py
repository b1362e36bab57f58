"""`simferry plan`: the flow of that name, then the plan's summary."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from domain.errors import Exit, ListError
from domain.plan import Plan, Step
from flows.arguments import accounts_asked, list_asked
from flows.engaged import engaged
from flows.move_arguments import move_asked
from flows.plan_told import of_plan
from flows.said import say
from journal.folder import open_run
from providers.accounts import parent_of, pick, read_accounts
from tasks.asked import here
from tasks.suiting import refuse_unsuited


def run(asked: argparse.Namespace) -> Exit:
    """Make a plan; exit code 3 where rows were rejected or SIMs refused."""
    refuse_early(asked)
    with engaged(asked):
        return tell(asked, make(asked), "Read it, then:")


def refuse_early(asked: argparse.Namespace) -> None:
    """Raise for what is not there or does not go together, before anybody waits for the engine."""
    accounts = read_accounts(here(accounts_asked(asked)).accounts)
    source = pick(accounts, asked.source)
    parent_of(accounts, source, pick(accounts, asked.target))
    refuse_unsuited(source.provider, move_asked(asked))
    if not asked.list.is_file():
        raise ListError(f"There is no file {asked.list}. Name a CSV, xlsx, xlsm or Parquet file.")


def make(asked: argparse.Namespace) -> str:
    """The new run's name."""
    from flows.plan import plan  # noqa: PLC0415 - the engine is imported while its server starts

    return plan(
        str(asked.list), asked.source, asked.target, accounts_asked(asked), list_asked(asked), move_asked(asked)
    )


def tell(asked: argparse.Namespace, run_name: str, then: str) -> Exit:
    """Print the plan of a run, and what to do next."""
    folder = open_run(here().home, run_name)
    made, _ = folder.load_plan()
    nothing = f"\nThere is nothing to {'register' if made.is_registration else 'move'}."
    next_step = f"\n{then}  simferry approve {made.run}" if made.counts[Step.MOVE] else nothing
    say(asked, f"{of_plan(made, folder.path)}\n{next_step}", asdict(made))
    return exit_of(made)


def exit_of(plan: Plan) -> Exit:
    """3 where rows were rejected or SIMs are not touched, else 0."""
    return Exit.ROWS if plan.list.rows_rejected or plan.counts[Step.REFUSE] or plan.counts[Step.ASSIST] else Exit.OK
