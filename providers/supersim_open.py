"""Super SIM's eyes and hands on a family of accounts, opened for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from domain.errors import UsageError
from providers.accounts import Account
from providers.clock import Clock
from providers.hosts import cut
from providers.lanes import InLanes, Lanes
from providers.opening import Means
from providers.pace import Budget
from providers.protocol import Crew, Reader
from providers.supersim import SuperSimReader
from providers.supersim_auth import TOKEN_URL, Client, Login, Password
from providers.supersim_mover import SuperSimMover
from providers.supersim_post import Post
from providers.supersim_preflight import who
from providers.supersim_registry import SuperSimRegistry
from providers.supersim_words import CALLS_IN_FLIGHT, SIGNS
from providers.wire import Wire

# The limit is the provider's on an account, so every login of this process to one shares what was found out of it.
_lanes: dict[tuple[str, str, int, Clock], Lanes] = {}
_lanes_lock = threading.Lock()


@contextmanager
def reader(source: Account, target: Account, parent: Account | None, means: Means) -> Iterator[Reader]:
    """Eyes on both accounts."""
    with crew(source, target, parent, means) as opened:
        yield opened.reader


@contextmanager
def crew(source: Account, target: Account, parent: Account | None, means: Means) -> Iterator[Crew]:
    """Eyes and hands over the same logins; raises `UsageError` where no account is the parent."""
    mover = parent or _parent_among(source, target)
    with _posts((source, target, mover), means) as posts:
        here, there, above = (posts[account.name] for account in (source, target, mover))
        told = (account.texts.get("callback_url", "") for account in (mover, source, target))
        yield Crew(
            SuperSimReader(here, there, above, _most((source, target, mover))),
            SuperSimMover(here, there, above, next(filter(None, told), "")),
        )


@contextmanager
def registrar(account: Account, means: Means) -> Iterator[Crew]:
    """Eyes and hands on one account, for SIMs that are in none yet."""
    with _posts((account,), means) as posts:
        post = posts[account.name]
        yield Crew(SuperSimRegistry(post, _most((account,))), SuperSimMover(post, post, post))


def whoami(account: Account, means: Means) -> str:
    """A sentence on the account that the credentials open."""
    with _posts((account,), means) as posts:
        return who(posts[account.name])


@contextmanager
def _posts(accounts: Sequence[Account], means: Means) -> Iterator[dict[str, Post]]:
    """By name; over one set of connections, with one login per account."""
    with ExitStack() as stack:
        wire = stack.enter_context(closing(Wire(accounts[0].base_url, means.clock, means.transport)))
        most = _most(accounts)
        posts: dict[str, Post] = {}
        for account in accounts:
            if account.name not in posts:
                posts[account.name] = Post(
                    base_url=account.base_url,
                    account_sid=account.account_id,
                    name=account.name,
                    login=_login(account, means, stack),
                    sender=InLanes(wire, _lanes_of(account, most, means.clock), SIGNS, means.clock),
                    budget=Budget({}, means.clock),
                    clock=means.clock,
                )
        yield posts


def _login(account: Account, means: Means, stack: ExitStack) -> Login:
    secret = means.secret(account, account.way_in)
    assert secret is not None
    if account.way_in == "auth_token":
        return Password(means.text(account, "username", account.account_id), secret)
    base_url, path = cut(account.texts.get("token_url", TOKEN_URL))
    wire = stack.enter_context(closing(Wire(base_url, means.clock, means.transport)))
    return Client(means.text(account, "client_id"), secret, path, wire, means.clock)


def _parent_among(source: Account, target: Account) -> Account:
    for one, other in ((source, target), (target, source)):
        if one.parent == other.name:
            return other
    raise UsageError(
        f"Neither of {source.name} and {target.name} is the other's parent, and no third account was named. "
        'Write parent = "…" in the accounts file, at each child.'
    )


def _most(accounts: Sequence[Account]) -> int:
    """Requests at once that the adaptive limit may rise to: the least that one of the accounts says."""
    return min(account.numbers.get("calls_in_flight", CALLS_IN_FLIGHT) for account in accounts)


def _lanes_of(account: Account, most: int, clock: Clock) -> Lanes:
    with _lanes_lock:
        return _lanes.setdefault((account.base_url, account.account_id, most, clock), Lanes(most, clock))
