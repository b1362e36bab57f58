"""One login at Soracom, shared by all threads: the token it holds, renewed ahead of its expiry."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.errors import CredentialsRefused
from providers.calls import Call, Heard, Sender, Unauthorised, Unheard, perform, required
from providers.clock import Clock
from providers.emnify_session import AskCode
from providers.pace import Budget
from providers.secrets import Secret
from providers.soracom_auth import Credentials, Granted, login_call, renewal_call
from providers.soracom_words import LANGUAGE, LOGIN_LIFE_S

RENEW_AHEAD_S = 300.0
KEY_HEADER, TOKEN_HEADER = "X-Soracom-API-Key", "X-Soracom-Token"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """A token in hand; on the steady clock, `renew_s` is when to renew it and `until_s` when it is none any more."""

    api_key: Secret
    token: Secret
    renew_s: float
    until_s: float


class Session:
    """Lets calls of one operator in; nothing but the login is sent until that has proven to be the operator's own."""

    def __init__(self, credentials: Credentials, operator: str, name: str, clock: Clock) -> None:
        self._credentials = credentials
        self._operator = operator
        self._name = name
        self._clock = clock
        self._held: Held | None = None
        self._lock = threading.Lock()

    def signed(self, call: Call[T], wire: Sender, ask_code: AskCode | None) -> Call[T]:
        """The call with what lets it in; raises `CredentialsRefused`."""
        with self._lock:
            if self._held is None or self._held.renew_s <= self._clock.steady_s():
                self._held = self._renewed(wire) or self._logged_in(wire, ask_code)
            return _bearing(call, self._held)

    def signed_afresh(self, call: Call[T], wire: Sender, ask_code: AskCode | None) -> Call[T]:
        """A signed call that was not let in, by another login; one that another thread just made is not made again."""
        with self._lock:
            if self._held is not None and (TOKEN_HEADER, self._held.token) in call.request.headers:
                self._held = None
        return self.signed(call, wire, ask_code)

    def _renewed(self, wire: Sender) -> Held | None:
        """A fresh token for the one in hand; None where there is none in hand, or none is to be had for it."""
        held = self._held
        if held is None or held.until_s <= self._clock.steady_s():
            return None
        asked_s = self._clock.steady_s()
        outcome = self._perform(_bearing(renewal_call(self._operator), held), wire)
        fresh = outcome.value if isinstance(outcome, Heard) else None
        return None if fresh is None else _held(held.api_key, fresh, asked_s)

    def _logged_in(self, wire: Sender, ask_code: AskCode | None) -> Held:
        asked_s = self._clock.steady_s()
        granted = self._granted(wire, "")
        if granted is None:
            granted = self._granted(wire, self._code(ask_code))
        if granted is None:
            raise CredentialsRefused(
                f"Soracom does not accept that code for {self._credentials.who}. Start again with a fresh one."
            )
        if granted.operator != self._operator:
            raise CredentialsRefused(
                f"The credentials of {self._name} are those of operator {granted.operator}, and the accounts file says "
                f"{self._operator}. Nothing was sent with them. Correct `operator`, or what the secret points to, "
                "then:  simferry accounts --check"
            )
        return _held(granted.api_key, granted.token, asked_s)

    def _granted(self, wire: Sender, code: str) -> Granted | None:
        outcome = self._perform(login_call(self._credentials, code), wire)
        assert not isinstance(outcome, Unauthorised)  # only a call with a token can end so
        return required(outcome)

    def _code(self, ask_code: AskCode | None) -> str:
        if ask_code is None:
            raise CredentialsRefused(
                f"Soracom asks for a second factor for {self._credentials.who}, and nobody is here to type it. Run the "
                "command at a terminal, or give the account auth_key_id and auth_key, which need none."
            )
        return ask_code(f"Soracom code for {self._credentials.who}").strip()

    def _perform(self, call: Call[T], wire: Sender) -> Heard[T] | Unheard | Unauthorised:
        return perform(call, wire, Budget({}, self._clock), self._clock)


def _bearing(call: Call[T], held: Held) -> Call[T]:
    headers = (*LANGUAGE, (KEY_HEADER, held.api_key), (TOKEN_HEADER, held.token))
    return replace(call, request=replace(call.request, headers=headers))


def _held(api_key: Secret, token: Secret, asked_s: float) -> Held:
    until_s = asked_s + LOGIN_LIFE_S
    return Held(api_key, token, until_s - RENEW_AHEAD_S, until_s)
