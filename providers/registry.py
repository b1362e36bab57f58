"""Which provider stands behind an account, opened for a while: eyes, or eyes and hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from domain.errors import UsageError
from providers.accounts import Account
from providers.clock import Clock
from providers.emnify import EmnifyMover, EmnifyReader
from providers.emnify_post import Post
from providers.emnify_preflight import who
from providers.emnify_session import AskCode, Credentials, Session
from providers.emnify_words import REQUESTS_PER_5_MIN, budget_of
from providers.pace import Budget
from providers.protocol import Crew, Reader
from providers.secrets import Blocks, Places, Secret, is_reference, resolve
from providers.wire import Wire

CALLS_IN_FLIGHT = 1  # emnify's advice on its other bulk calls

# The documented limits are per address, so every login of this process to a host spends from one budget.
_budgets: dict[tuple[str, int], Budget] = {}
_budgets_lock = threading.Lock()


@contextmanager
def open_reader(
    source: Account,
    target: Account,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Reader]:
    """Eyes on two accounts; raises `UsageError` where they cannot work together. Nothing is sent before it is used.

    `ask_code` asks a person for a second factor; without it that ends in an error that names the ways out.
    """
    with _posts(source, target, ask_code, blocks, clock or Clock(), transport) as (here, there):
        yield EmnifyReader(here, there, source.numbers.get("calls_in_flight", CALLS_IN_FLIGHT))


@contextmanager
def open_mover(
    source: Account,
    target: Account,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Crew]:
    """Eyes and hands over the same logins; for `execute` alone. Raises as `open_reader` does."""
    with _posts(source, target, ask_code, blocks, clock or Clock(), transport) as (here, there):
        reader = EmnifyReader(here, there, source.numbers.get("calls_in_flight", CALLS_IN_FLIGHT))
        here.require_user()
        yield Crew(reader, EmnifyMover(here, there))


def whoami(
    account: Account,
    *,
    ask_code: AskCode | None = None,
    blocks: Blocks | None = None,
) -> str:
    """A sentence on who the account's credentials are; logs in, and raises as that does."""
    clock = Clock()
    wire = Wire(account.base_url, clock)
    try:
        return who(_post(account, _session(account, wire, clock, ask_code, blocks)))
    finally:
        wire.close()


@contextmanager
def _posts(
    source: Account,
    target: Account,
    ask_code: AskCode | None,
    blocks: Blocks | None,
    clock: Clock,
    transport: httpx.BaseTransport | None,
) -> Iterator[tuple[Post, Post]]:
    """Both sides over one set of connections, and over one login where both accounts name the same credentials."""
    _check_pair(source, target)
    wire = Wire(source.base_url, clock, transport)
    try:
        session = _session(source, wire, clock, ask_code, blocks)
        same = (source.texts, source.secrets, source.folder) == (target.texts, target.secrets, target.folder)
        other = session if same else _session(target, wire, clock, ask_code, blocks)
        yield _post(source, session), _post(target, other)
    finally:
        wire.close()


def _check_pair(source: Account, target: Account) -> None:
    if source.provider != target.provider:
        raise UsageError(
            f"{source.name} is at {source.provider}, {target.name} at {target.provider}: SIMs do not move between "
            "providers. Name two accounts of one."
        )
    if source.base_url != target.base_url:
        raise UsageError(
            f"{source.name} and {target.name} have different base URLs, and a move happens within one host. "
            "Correct base_url in the accounts file."
        )
    if source.account_id == target.account_id:
        raise UsageError(
            f"{source.name} and {target.name} are one and the same workspace ({source.account_id}). Name two."
        )


def _session(account: Account, wire: Wire, clock: Clock, ask_code: AskCode | None, blocks: Blocks | None) -> Session:
    places = Places(account.folder, blocks=blocks)

    def secret(name: str) -> Secret | None:
        return resolve(account.secrets[name], places) if name in account.secrets else None

    username = account.texts.get("username", "")
    credentials = Credentials(
        username=resolve(username, places).reveal() if is_reference(username) else username,
        password=secret("password"),
        refresh=secret("refresh_token"),
        application=secret("application_token"),
        fingerprint=secret("fingerprint"),
    )
    return Session(credentials, wire, _budget(account, clock), clock, ask_code)


def _post(account: Account, session: Session) -> Post:
    return Post(session, int(account.account_id), account.name, account.numbers.get("user_id"))


def _budget(account: Account, clock: Clock) -> Budget:
    requests = account.numbers.get("requests_per_5_min", REQUESTS_PER_5_MIN)
    with _budgets_lock:
        return _budgets.setdefault((account.base_url, requests), budget_of(requests, clock))
