"""`simferry register`: the flow of that name, then the plan's summary; approved and executed as a move is."""

from __future__ import annotations

import argparse

from domain.errors import Exit, ListError
from domain.lists import ListLimits
from flows.arguments import accounts_asked
from flows.commands import plan
from flows.engaged import engaged
from flows.move_arguments import numbers_asked
from providers.accounts import pick, read_accounts
from tasks.asked import ListAsked, here
from validation.tables import registration_rules


def run(asked: argparse.Namespace) -> Exit:
    """Make a plan; exit code 3 where rows were rejected or SIMs refused."""
    refuse_early(asked)
    with engaged(asked):
        return plan.tell(asked, make(asked), "Read it, then:")


def refuse_early(asked: argparse.Namespace) -> None:
    """Raise for what is not there, or where nobody registers SIMs, before anybody waits for the engine."""
    account = pick(read_accounts(here(accounts_asked(asked)).accounts), asked.target)
    registration_rules(account.provider, ListLimits())
    if not asked.list.is_file():
        raise ListError(f"There is no file {asked.list}. Name a CSV, xlsx, xlsm or Parquet file.")


def make(asked: argparse.Namespace) -> str:
    """The new run's name."""
    from flows.register import register  # noqa: PLC0415 - the engine is imported while its server starts

    return register(
        str(asked.list), asked.target, accounts_asked(asked), registration_asked(asked), numbers_asked(asked)
    )


def registration_asked(asked: argparse.Namespace) -> ListAsked:
    """How the list is to be read, as it was typed."""
    return ListAsked(
        asked.sheet,
        asked.column,
        encoding=asked.encoding,
        separator=asked.separator,
        code_column=asked.code_column,
    )
