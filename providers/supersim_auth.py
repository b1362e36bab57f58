"""Super SIM's two ways in: a password with every request (Twilio), or a token that is fetched and renewed (KORE)."""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from domain.errors import CredentialsRefused
from providers.bodies import object_of, parsed, text_of
from providers.calls import Call, Sender, Unauthorised, Unreadable, perform, required
from providers.clock import Clock
from providers.pace import Budget
from providers.secrets import Secret
from providers.supersim_words import SIGNS, complaint_of
from providers.wire import FORM, Answer, Request

TOKEN_URL = "https://api.korewireless.com/api-services/v1/auth/token"  # noqa: S105 - documented; an address, no secret
LIFE_S = 600.0  # assumed, only where a token does not say
RENEW_AHEAD_S = 300.0
RENEW_AHEAD_SHARE = 0.1  # of a life shorter than 50 minutes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how long it lasts, in seconds from when it was issued."""

    secret: Secret
    life_s: float


class Login(Protocol):
    """How an account's requests are let in; safe to share between threads."""

    def signed(self, call: Call[T]) -> Call[T]:
        """The call with what lets it in; raises `CredentialsRefused`."""

    def renewed(self, call: Call[T]) -> Call[T]:
        """A signed call that was not let in, signed afresh; raises `CredentialsRefused`."""


class Password:
    """HTTP basic: the account's sid with its auth token, or an API key's sid with its secret."""

    def __init__(self, username: str, secret: Secret) -> None:
        self._basic = Secret(base64.b64encode(f"{username}:{secret.reveal()}".encode()).decode())

    def signed(self, call: Call[T]) -> Call[T]:
        """As in `Login`."""
        return replace(call, request=replace(call.request, basic=self._basic))

    def renewed(self, call: Call[T]) -> Call[T]:
        """As in `Login`: there is nothing to renew."""
        raise CredentialsRefused(f"{call.name}: not let in. Check the account's secret.")


class Client:
    """OAuth2 client credentials (RFC 6749 §4.4): one token for all threads, renewed ahead of its expiry."""

    def __init__(self, client_id: str, secret: Secret, path: str, wire: Sender, clock: Clock) -> None:
        self._client_id = client_id
        self._secret = secret
        self._path = path
        self._wire = wire
        self._clock = clock
        self._token: Secret | None = None
        self._until_s = 0.0
        self._lock = threading.Lock()

    def signed(self, call: Call[T]) -> Call[T]:
        """As in `Login`."""
        with self._lock:
            if self._token is None or self._until_s <= self._clock.steady_s():
                self._fetch()
            assert self._token is not None
            return call.bearing(self._token)

    def renewed(self, call: Call[T]) -> Call[T]:
        """As in `Login`; a token that another thread has just replaced is not fetched again."""
        with self._lock:
            if self._token is call.request.bearer:
                self._token = None
        return self.signed(call)

    def _fetch(self) -> None:
        call = token_call(self._client_id, self._secret, self._path)
        asked_s = self._clock.steady_s()
        outcome = perform(call, self._wire, Budget({}, self._clock), self._clock)
        assert not isinstance(outcome, Unauthorised)  # only a call with a token can end so
        token = required(outcome)
        ahead_s = min(RENEW_AHEAD_S, token.life_s * RENEW_AHEAD_SHARE)
        self._token, self._until_s = token.secret, asked_s + token.life_s - ahead_s


def token_call(client_id: str, secret: Secret, path: str) -> Call[Token]:
    """A token for a client."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret.reveal()}
    request = Request("POST", path, body=urlencode(form).encode(), body_type=FORM)
    return Call("KORE login", request, _read_token, repeatable=True, signs=SIGNS)


def _read_token(answer: Answer) -> Token:
    """The token; raises `CredentialsRefused` for any no, and never quotes a body that has one."""
    if answer.status == HTTPStatus.OK:
        body = object_of(parsed(answer))
        token, life = body.get("access_token"), text_of(body.get("expires_in"))
        if not isinstance(token, str) or not token:
            raise Unreadable("no token in it")
        return Token(Secret(token), float(life) if life is not None and life.isdecimal() else LIFE_S)
    complaint = complaint_of(answer)  # its words are not shown: they may quote what was sent
    code = f", code {complaint.code}" if complaint.code else ""
    raise CredentialsRefused(
        f"KORE does not let this client in (HTTP {answer.status}{code}). "
        "Check client_id and what client_secret points to, then:  simferry accounts --check"
    )
