"""emnify's eyes and hands on two workspaces, opened for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from providers.accounts import Account
from providers.clock import Clock
from providers.emnify import EmnifyMover, EmnifyReader
from providers.emnify_post import Post
from providers.emnify_preflight import who
from providers.emnify_session import Credentials, Session
from providers.emnify_words import REQUESTS_PER_5_MIN, budget_of
from providers.opening import Means
from providers.pace import Budget
from providers.protocol import Crew, Reader
from providers.wire import Wire

CALLS_IN_FLIGHT = 1  # emnify's advice on its other bulk calls

# The documented limits are per address, so every login of this process to a host spends from one budget.
_budgets: dict[tuple[str, int], Budget] = {}
_budgets_lock = threading.Lock()


@contextmanager
def reader(source: Account, target: Account, _parent: Account | None, means: Means) -> Iterator[Reader]:
    """Eyes on both workspaces."""
    with _posts(source, target, means) as (here, there):
        yield EmnifyReader(here, there, source.numbers.get("calls_in_flight", CALLS_IN_FLIGHT))


@contextmanager
def crew(source: Account, target: Account, _parent: Account | None, means: Means) -> Iterator[Crew]:
    """Eyes and hands over the same logins; raises `UsageError` where the login is no user's."""
    with _posts(source, target, means) as (here, there):
        eyes = EmnifyReader(here, there, source.numbers.get("calls_in_flight", CALLS_IN_FLIGHT))
        here.require_user()
        yield Crew(eyes, EmnifyMover(here, there))


def whoami(account: Account, means: Means) -> str:
    """A sentence on who the account's credentials are."""
    wire = Wire(account.base_url, means.clock, means.transport)
    try:
        return who(_post(account, _session(account, wire, means)))
    finally:
        wire.close()


@contextmanager
def _posts(source: Account, target: Account, means: Means) -> Iterator[tuple[Post, Post]]:
    """Both sides over one set of connections, and over one login where both accounts name the same credentials."""
    wire = Wire(source.base_url, means.clock, means.transport)
    try:
        session = _session(source, wire, means)
        same = (source.texts, source.secrets, source.folder) == (target.texts, target.secrets, target.folder)
        other = session if same else _session(target, wire, means)
        yield _post(source, session), _post(target, other)
    finally:
        wire.close()


def _session(account: Account, wire: Wire, means: Means) -> Session:
    credentials = Credentials(
        username=means.text(account, "username"),
        password=means.secret(account, "password"),
        refresh=means.secret(account, "refresh_token"),
        application=means.secret(account, "application_token"),
        fingerprint=means.secret(account, "fingerprint"),
    )
    return Session(credentials, wire, _budget(account, means.clock), means.clock, means.ask_code)


def _post(account: Account, session: Session) -> Post:
    return Post(session, int(account.account_id), account.name, account.numbers.get("user_id"))


def _budget(account: Account, clock: Clock) -> Budget:
    requests = account.numbers.get("requests_per_5_min", REQUESTS_PER_5_MIN)
    with _budgets_lock:
        return _budgets.setdefault((account.base_url, requests), budget_of(requests, clock))
