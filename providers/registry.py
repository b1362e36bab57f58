"""Which provider stands behind an account, opened for a while: eyes, or eyes and hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx

from domain.errors import UsageError
from providers import emnify_open, soracom_open, supersim_open
from providers.account_shapes import SHAPES
from providers.accounts import Account
from providers.clock import Clock
from providers.emnify_session import AskCode
from providers.opening import Means
from providers.protocol import Crew, Reader
from providers.secrets import Blocks


@dataclass(frozen=True, slots=True)
class Provider:
    """How one provider's accounts are opened; `registrar` only where SIMs are claimed with a code."""

    reader: Callable[[Account, Account, Account | None, Means], AbstractContextManager[Reader]]
    crew: Callable[[Account, Account, Account | None, Means], AbstractContextManager[Crew]]
    whoami: Callable[[Account, Means], str]
    registrar: Callable[[Account, Means], AbstractContextManager[Crew]] | None = None


PROVIDERS = {
    "emnify": Provider(emnify_open.reader, emnify_open.crew, emnify_open.whoami),
    "soracom": Provider(soracom_open.reader, soracom_open.crew, soracom_open.whoami),
    "supersim": Provider(
        supersim_open.reader, supersim_open.crew, supersim_open.whoami, registrar=supersim_open.registrar
    ),
}


@contextmanager
def open_reader(
    source: Account,
    target: Account,
    parent: Account | None = None,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Reader]:
    """Eyes on two accounts; raises `UsageError` where they cannot work together. Nothing is sent before it is used.

    `parent` is the account whose credentials move SIMs, where it is neither of the two. `ask_code` asks a person for
    a second factor; without it that ends in an error that names the ways out.
    """
    _check_pair(source, target)
    means = Means(ask_code, blocks, clock or Clock(), transport)
    with PROVIDERS[source.provider].reader(source, target, parent, means) as reader:
        yield reader


@contextmanager
def open_eyes(
    account: Account,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Reader]:
    """Eyes on one account alone, to survey it (as `Side.SOURCE`) and nothing else; nothing is sent before that.

    Raises `UsageError` where it has no credentials.
    """
    if account.is_blind:
        raise UsageError(
            f"{account.name} has no credentials in the accounts file, so nobody can look into it. Add them, or leave "
            "the account out."
        )
    means = Means(ask_code, blocks, clock or Clock(), transport)
    with PROVIDERS[account.provider].reader(account, account, account, means) as reader:
        yield reader


@contextmanager
def open_mover(
    source: Account,
    target: Account,
    parent: Account | None = None,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Crew]:
    """Eyes and hands over the same logins; for `execute` alone. Raises as `open_reader` does."""
    _check_pair(source, target)
    means = Means(ask_code, blocks, clock or Clock(), transport)
    with PROVIDERS[source.provider].crew(source, target, parent, means) as crew:
        yield crew


@contextmanager
def open_registrar(
    account: Account,
    *,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Crew]:
    """Eyes and hands on one account, for SIMs that are claimed with a code; raises `UsageError` where none are."""
    opened = PROVIDERS[account.provider].registrar
    if opened is None:
        raise UsageError(
            f"SIMs of {account.provider} are not registered with a code, they come with the account {account.name}. "
            "Name a Super SIM account."
        )
    with opened(account, Means(None, blocks, clock or Clock(), transport)) as crew:
        yield crew


def whoami(account: Account, *, ask_code: AskCode | None = None, blocks: Blocks | None = None) -> str:
    """A sentence on who the account's credentials are; logs in, and raises as that does."""
    return PROVIDERS[account.provider].whoami(account, Means(ask_code, blocks))


def _check_pair(source: Account, target: Account) -> None:
    if source.provider != target.provider:
        raise UsageError(
            f"{source.name} is at {source.provider}, {target.name} at {target.provider}: SIMs do not move between "
            "providers. Name two accounts of one."
        )
    if source.is_blind:
        ways = SHAPES[source.provider].ways_in.items()
        named = " or ".join(f"{key} (with {' and '.join(way.needs)})" if way.needs else key for key, way in ways)
        raise UsageError(
            f"{source.name} has no credentials, so SIMs can go there, and none can be moved from it. Give it {named} "
            "in the accounts file, or name another account with --from."
        )
    if source.coverage != target.coverage:
        raise UsageError(
            f"{source.name} is an account of {source.coverage} coverage and {target.name} of {target.coverage}: SIMs "
            "do not move between the two. Correct coverage in the accounts file, or name two accounts of one."
        )
    if source.base_url != target.base_url:
        raise UsageError(
            f"{source.name} and {target.name} have different base URLs, and a move happens within one host. "
            "Correct base_url in the accounts file."
        )
    if source.account_id.lower() == target.account_id.lower():
        raise UsageError(f"{source.name} and {target.name} are one and the same ({source.account_id}). Name two.")
