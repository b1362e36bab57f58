"""The two accounts of a move, opened for a while: for looking, or for changing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from domain.errors import RefusedToRun
from domain.plan import Party, Plan
from providers.accounts import Account, parent_of, pick, read_accounts
from providers.emnify_session import AskCode
from providers.protocol import Crew, Reader
from providers.registry import open_mover, open_reader
from tasks.asked import Surroundings


@dataclass(frozen=True, slots=True)
class Pair:
    """The two accounts of a move, as configured, and the one whose credentials carry it out where that is another."""

    source: Account
    target: Account
    parent: Account | None = None


@contextmanager
def looking(around: Surroundings, source: str, target: str) -> Iterator[tuple[Pair, Reader]]:
    """Both accounts by name, and eyes on them."""
    pair = _pair(around, source, target)
    with open_reader(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as reader:
        yield pair, reader


@contextmanager
def looking_again(around: Surroundings, plan: Plan) -> Iterator[Reader]:
    """Eyes on the accounts of a plan; raises `RefusedToRun` where they are configured otherwise by now."""
    pair = _same(around, plan)
    with open_reader(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as reader:
        yield reader


@contextmanager
def manned(around: Surroundings, plan: Plan) -> Iterator[Crew]:
    """Eyes and hands on the accounts of a plan, for `execute` alone; raises as `looking_again` does."""
    pair = _same(around, plan)
    with open_mover(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as crew:
        yield crew


def party(account: Account) -> Party:
    """What a plan remembers of an account."""
    return Party(account.name, account.account_id, account.base_url)


def block(name: str) -> str:
    """The value of a Prefect Secret block."""
    from prefect.blocks.system import Secret  # noqa: PLC0415 - an operator without such a block needs no Prefect

    return str(Secret.load(name).get())  # type: ignore[union-attr] # the sync form gives a block


def ask_code() -> AskCode | None:
    """What asks for a second factor: the person at this terminal, or nobody."""
    return _from_terminal if sys.stdin.isatty() else None


def _from_terminal(words: str) -> str:
    sys.stderr.write(f"{words} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _pair(around: Surroundings, source: str, target: str) -> Pair:
    accounts = read_accounts(around.accounts)
    pair = Pair(pick(accounts, source), pick(accounts, target))
    return replace(pair, parent=parent_of(accounts, pair.source, pair.target))


def _same(around: Surroundings, plan: Plan) -> Pair:
    pair = _pair(around, plan.source.name, plan.target.name)
    parent = party(pair.parent) if pair.parent else None
    if (party(pair.source), party(pair.target), parent) != (plan.source, plan.target, plan.parent):
        raise RefusedToRun(
            f"The accounts {plan.source.name} and {plan.target.name} are not what they were when {plan.run} was "
            f"planned: {around.accounts} names another account or host now. Mend it, or make a new plan.",
            "accounts",
        )
    return pair
