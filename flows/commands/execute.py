"""`simferry execute`: the flow of that name, then what the journal says was done."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from domain.errors import Exit
from domain.outcomes import Deed
from flows.arguments import accounts_asked
from flows.engaged import engaged
from flows.said import say
from flows.standing import done_so_far
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


def refuse_early(asked: argparse.Namespace) -> None:
    """Raise what `execute` would refuse for anyway, before anybody waits for the engine."""
    around = here(accounts_asked(asked))
    folder = open_run(around.home, asked.run)
    plan, _ = folder.load_plan()
    approved(folder, plan, datetime.now(UTC))
    accounts = read_accounts(around.accounts)
    for party in (plan.source, plan.target):
        pick(accounts, party.name)


def execute(run_name: str, asked: argparse.Namespace) -> str:
    """The run's whole name, after its execution."""
    from flows.execute import execute as flow  # noqa: PLC0415 - the engine is imported while its server starts

    return flow(run_name, accounts_asked(asked), getattr(asked, "resume_after", None))


def tell(asked: argparse.Namespace, name: str) -> Exit:
    """Print how many SIMs arrived, and what the others are."""
    deeds = done_so_far(here(), name)
    arrived, of = deeds.get(Deed.ARRIVED, 0), sum(deeds.values())
    others = ", ".join(f"{count:,} {deed.replace('_', ' ')}" for deed, count in deeds.items() if deed != Deed.ARRIVED)
    text = f"{arrived:,} of {of:,} SIMs arrived{'; ' + others if others else ''}. Next:  simferry reconcile {name}"
    say(asked, text, {"run": name, "sims": of, "deeds": deeds})
    return Exit.OK if arrived == of else Exit.UNCONFIRMED
