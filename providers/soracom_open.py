"""Soracom's eyes and hands on two operators, opened for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from providers.accounts import Account
from providers.clock import Clock
from providers.opening import Means
from providers.protocol import Crew, Reader
from providers.secrets import Secret
from providers.soracom import SoracomReader
from providers.soracom_auth import Credentials, by_key, by_password, by_user
from providers.soracom_destination import Destination
from providers.soracom_post import Post
from providers.soracom_preflight import who
from providers.soracom_session import Session
from providers.soracom_traffic import InTraffic, Traffic
from providers.soracom_transferor import SoracomTransferor
from providers.soracom_words import CALLS_IN_FLIGHT, TOKEN_LIFE_S
from providers.wire import Wire

# The limits are the provider's on an operator, and logins are limited by address, so that whoever opens an operator in
# this process shares what was found out of it, and the token that a login gave.
_traffics: dict[tuple[str, str, int, Clock], Traffic] = {}
_sessions: dict[tuple[str, str, Credentials, Clock], Session] = {}
_lock = threading.Lock()


@contextmanager
def reader(source: Account, target: Account, parent: Account | None, means: Means) -> Iterator[Reader]:
    """Eyes on both operators."""
    with crew(source, target, parent, means) as opened:
        yield opened.reader


@contextmanager
def crew(source: Account, target: Account, _parent: Account | None, means: Means) -> Iterator[Crew]:
    """Eyes and hands over the same logins; a target without credentials is one that only its own people open."""
    life_s = float(source.numbers.get("token_life_s", TOKEN_LIFE_S))
    with closing(Wire(source.base_url, means.clock, means.transport)) as wire:
        most = min(_most(source), _most(target))
        here = _post(source, wire, most, means)
        there = Destination(
            operator=target.account_id,
            name=target.name,
            email=means.text(target, "email"),
            post=None if target.is_blind else _post(target, wire, most, means),
        )
        eyes, hands = SoracomReader(here, there, source.coverage, most, life_s), SoracomTransferor(here, there)
        yield Crew(eyes, hands, eyes, hands)


def whoami(account: Account, means: Means) -> str:
    """A sentence on who the account's credentials are."""
    if account.is_blind:
        return f"Account {account.name}: operator {account.account_id}, without credentials: a target, and no more."
    with closing(Wire(account.base_url, means.clock, means.transport)) as wire:
        return who(_post(account, wire, _most(account), means))


def _post(account: Account, wire: Wire, most: int, means: Means) -> Post:
    credentials = _credentials(account, means)
    place = (account.base_url, account.account_id)
    session = Session(credentials, account.account_id, account.name, means.clock)
    traffic = Traffic(most, means.clock)
    with _lock:
        session = _sessions.setdefault((*place, credentials, means.clock), session)
        traffic = _traffics.setdefault((*place, most, means.clock), traffic)
    return Post(
        operator=account.account_id,
        name=account.name,
        session=session,
        wire=wire,
        sender=InTraffic(wire, traffic, means.clock),
        clock=means.clock,
        ask_code=means.ask_code,
    )


def _credentials(account: Account, means: Means) -> Credentials:
    secret: Secret | None = means.secret(account, account.way_in)
    assert secret is not None
    match account.way_in:
        case "password":
            return by_password(means.text(account, "email"), secret)
        case "auth_key":
            return by_key(means.text(account, "auth_key_id"), secret)
        case _:
            return by_user(account.account_id, means.text(account, "user"), secret)


def _most(account: Account) -> int:
    """Requests at once that the adaptive limit may rise to."""
    return account.numbers.get("calls_in_flight", CALLS_IN_FLIGHT)
