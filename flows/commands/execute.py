"""`simferry execute`: the flow of that name, then what the journal says was done."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from domain.errors import Exit
from flows.arguments import accounts_asked
from flows.engaged import engaged
from flows.said import say
from flows.standing import Standing, done_so_far, facts_of
from flows.tokens_waiting import first_deadline, tokens_waiting
from flows.transfer_told import is_transfer
from journal.approval import approved
from journal.folder import open_run
from providers.accounts import pick, read_accounts
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """Execute or resume; exit code 4 where SIMs are not confirmed."""
    refuse_early(asked)
    with engaged(asked):
        name = execute(asked.run, asked)
    return tell(asked, name)


def refuse_early(asked: argparse.Namespace, *, moves: bool = True) -> None:
    """Raise what the command (`moves`: one that sends SIMs) would refuse for, before anybody waits for the engine."""
    around = here(accounts_asked(asked))
    folder = open_run(around.home, asked.run)
    plan, _ = folder.load_plan()
    approved(folder, plan, datetime.now(UTC), moves=moves)
    accounts = read_accounts(around.accounts)
    for party in plan.accounts:
        pick(accounts, party.name)


def execute(run_name: str, asked: argparse.Namespace) -> str:
    """The run's whole name, after its execution."""
    from flows.execute import execute as flow  # noqa: PLC0415 - the engine is imported while its server starts

    return flow(run_name, accounts_asked(asked), getattr(asked, "resume_after", None))


def tell(asked: argparse.Namespace, name: str) -> Exit:
    """Print how many SIMs arrived, what the others are, and what now."""
    stands = done_so_far(here(), name)
    plan, _ = open_run(here().home, name).load_plan()
    waiting = tokens_waiting(here(), plan) if is_transfer(plan) and stands.goes_on else None
    if waiting is None or waiting.is_empty():
        end, facts = _next(name, stands), facts_of(name, stands)
    else:
        end = "\n" + first_deadline(waiting, plan, datetime.now(UTC))
        facts = facts_of(name, stands) | {"tokens": waiting.to_dicts()}
    say(asked, f"{stands}.{end}", facts)
    return Exit.OK if stands.arrived == stands.sims else Exit.UNCONFIRMED


def _next(name: str, stands: Standing) -> str:
    """What to do now: what is accepted or was not sent is taken up by another execution."""
    if not stands.goes_on:
        return f" Next:  simferry reconcile {name}"
    return (
        f"\nWhat was accepted is looked at again, and what was not sent is sent, by:  simferry execute {name}"
        f"\nWhat there is by now is reported by:  simferry reconcile {name}"
    )
