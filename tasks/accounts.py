"""The two accounts of a move, opened for a while: for looking, or for changing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from domain.errors import RefusedToRun
from domain.plan import Party, Plan, nobody
from providers.accounts import Account, parent_of, pick, read_accounts
from providers.emnify_session import AskCode
from providers.protocol import Crew, Reader
from providers.registry import open_mover, open_reader, open_registrar
from providers.secrets import is_reference
from tasks.asked import Surroundings


@dataclass(frozen=True, slots=True)
class Parties:
    """What a plan remembers of the accounts that it is between, and of the one whose credentials carry it out."""

    source: Party
    target: Party
    parent: Party | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The two accounts of a move, as configured, and the one whose credentials carry it out where that is another."""

    source: Account
    target: Account
    parent: Account | None = None

    @property
    def parties(self) -> Parties:
        """What a plan remembers of them."""
        return Parties(party(self.source), party(self.target), party(self.parent) if self.parent else None)


@contextmanager
def looking(around: Surroundings, source: str, target: str) -> Iterator[tuple[Pair, Reader]]:
    """Both accounts by name, and eyes on them."""
    pair = _pair(around, source, target)
    with open_reader(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as reader:
        yield pair, reader


@contextmanager
def looking_at(around: Surroundings, account: str) -> Iterator[tuple[Parties, Reader]]:
    """The account, by name, that SIMs are to be registered in, and eyes on it."""
    found = pick(read_accounts(around.accounts), account)
    with open_registrar(found, blocks=block) as crew:
        yield _registering(found), crew.reader


@contextmanager
def looking_again(around: Surroundings, plan: Plan) -> Iterator[Reader]:
    """Eyes on the accounts of a plan; raises `RefusedToRun` where they are configured otherwise by now."""
    if plan.is_registration:
        with _registrar(around, plan) as crew:
            yield crew.reader
    else:
        pair = _same(around, plan)
        with open_reader(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as reader:
            yield reader


@contextmanager
def manned(around: Surroundings, plan: Plan) -> Iterator[Crew]:
    """Eyes and hands on the accounts of a plan, for `execute` alone; raises as `looking_again` does."""
    if plan.is_registration:
        with _registrar(around, plan) as crew:
            yield crew
    else:
        pair = _same(around, plan)
        with open_mover(pair.source, pair.target, pair.parent, ask_code=ask_code(), blocks=block) as crew:
            yield crew


def party(account: Account) -> Party:
    """What a plan remembers of an account."""
    email = "" if is_reference(account.texts.get("email", "")) else account.texts.get("email", "")
    return Party(account.name, account.account_id, account.base_url, email, account.coverage)


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


def _registrar(around: Surroundings, plan: Plan) -> AbstractContextManager[Crew]:
    account = pick(read_accounts(around.accounts), plan.target.name)
    _refuse_others(around, plan, _registering(account))
    return open_registrar(account, blocks=block)


def _registering(account: Account) -> Parties:
    return Parties(nobody(account.base_url), party(account))


def _same(around: Surroundings, plan: Plan) -> Pair:
    pair = _pair(around, plan.source.name, plan.target.name)
    _refuse_others(around, plan, pair.parties)
    return pair


def _refuse_others(around: Surroundings, plan: Plan, now: Parties) -> None:
    """Raise unless the accounts are those of the plan, at the same hosts."""
    if now == Parties(plan.source, plan.target, plan.parent):
        return
    sides = [each.name for each in (plan.source, plan.target) if each in plan.accounts]
    what = (
        f"The account {sides[0]} is not what it was"
        if len(sides) == 1
        else (f"The accounts {' and '.join(sides)} are not what they were")
    )
    raise RefusedToRun(
        f"{what} when {plan.run} was planned: {around.accounts} names another account or host now. Mend it, or make a "
        "new plan.",
        "accounts",
    )
