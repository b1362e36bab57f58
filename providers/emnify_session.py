"""One login at emnify: tokens per workspace, renewed ahead of their expiry and once after a refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import CredentialsRefused, UsageError
from providers.calls import Call, Heard, Unauthorised, Unheard, perform, required
from providers.clock import Clock
from providers.emnify_auth import (
    LIFE_S,
    Claims,
    Tokens,
    by_application,
    by_code,
    by_password,
    by_refresh,
    claims_of,
    to_workspace,
)
from providers.pace import Budget
from providers.secrets import Secret
from providers.wire import Wire

RENEW_AHEAD_S = 300.0
RENEW_AHEAD_SHARE = 0.1  # of a life shorter than 50 minutes

T = TypeVar("T")

# Asks a person for the code of the second factor; the text says for whom.
AskCode = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Resolved credentials of one account: exactly one of password, refresh token, application token."""

    username: str = ""
    password: Secret | None = None
    refresh: Secret | None = None
    application: Secret | None = None
    fingerprint: Secret | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A token in hand; `until_s` on the steady clock is when to renew it."""

    token: Secret
    claims: Claims
    until_s: float


class Session:
    """Calls of one login, for any of its user's workspaces; safe to share between threads."""

    def __init__(
        self, credentials: Credentials, wire: Wire, budget: Budget, clock: Clock, ask_code: AskCode | None = None
    ) -> None:
        self._credentials = credentials
        self._refresh = credentials.refresh
        self._wire = wire
        self._budget = budget
        self._clock = clock
        self._ask_code = ask_code
        self._held: dict[int, Held] = {}
        self._lock = threading.RLock()

    @property
    def by_application(self) -> bool:
        """Whether these are an application's credentials, bound to one workspace."""
        return self._credentials.application is not None

    def claims(self, workspace: int) -> Claims:
        """What the token for a workspace says about itself; logs in where needed."""
        self.token(workspace)
        return self._held[workspace].claims

    def token(self, workspace: int) -> Secret:
        """A token for the workspace that is not about to expire; raises `CredentialsRefused`."""
        with self._lock:
            held = self._held.get(workspace)
            if held is None or held.until_s <= self._clock.steady_s():
                held = self._held[workspace] = self._obtain(workspace)
            return held.token

    def renewed(self, workspace: int, refused: Secret) -> Secret:
        """Another token than the refused one: all of this login's are dropped, unless another thread just did."""
        with self._lock:
            held = self._held.get(workspace)
            if held is not None and held.token is refused:
                self._held.clear()
            return self.token(workspace)

    def call(self, call: Call[T], workspace: int) -> Heard[T] | Unheard:
        """The call with a token; a 401 is answered by one renewal and one repeat, which cannot have been acted on.

        Raises `CredentialsRefused` where no token can be had or the fresh one is refused too.
        """
        token = self.token(workspace)
        outcome = perform(call.bearing(token), self._wire, self._budget, self._clock)
        if isinstance(outcome, Unauthorised):
            token = self.renewed(workspace, token)
            outcome = perform(call.bearing(token), self._wire, self._budget, self._clock)
        if not isinstance(outcome, Unauthorised):
            return outcome
        raise CredentialsRefused(
            f"{call.name}: emnify refuses a token that it has only just issued (HTTP 401). "
            "Check the user's rights in the portal, then:  simferry accounts --check"
        )

    def _obtain(self, workspace: int) -> Held:
        """A token for the workspace from one we hold, by renewal, or by logging in, in this order."""
        now_s = self._clock.steady_s()
        base = next((held for held in self._held.values() if held.until_s > now_s), None)
        if base is None:
            base = self._hold(self._renew_or_log_in())
        if base.claims.workspace == workspace:
            return base
        if self.by_application:
            if base.claims.workspace is None:
                return base
            raise UsageError(
                f"The application token belongs to workspace {base.claims.workspace}, the account says {workspace}. "
                "Correct `workspace` in the accounts file, or use the other workspace's token."
            )
        return self._switched(base, workspace)

    def _switched(self, base: Held, workspace: int) -> Held:
        """A token for another workspace; a base that was recalled since is replaced once."""
        for first in (True, False):
            call = to_workspace(workspace).bearing(base.token)
            outcome = perform(call, self._wire, self._budget, self._clock)
            if not isinstance(outcome, Unauthorised):
                return self._arrived(self._hold(required(outcome)), workspace)
            self._held.clear()
            if first:
                base = self._hold(self._renew_or_log_in())
        raise CredentialsRefused(
            f"emnify refuses a token that it has only just issued, when asked for workspace {workspace}. "
            "Check the user's rights in the portal, then:  simferry accounts --check"
        )

    def _arrived(self, held: Held, workspace: int) -> Held:
        if held.claims.workspace not in {None, workspace}:
            raise CredentialsRefused(
                f"emnify was asked for workspace {workspace} and issued a token for {held.claims.workspace}. "
                "Check the workspace in the accounts file."
            )
        return held

    def _renew_or_log_in(self) -> Tokens:
        if self._refresh is not None:
            try:
                return self._authenticated(by_refresh(self._refresh))
            except CredentialsRefused as error:
                self._refresh = None
                if self._credentials.password is None:
                    raise CredentialsRefused(
                        "emnify does not accept the refresh token any more. Log in once in the portal or with a "
                        "password, and put the new refresh token where the account points to."
                    ) from error
        return self._log_in()

    def _log_in(self) -> Tokens:
        known = self._credentials
        if known.application is not None:
            return self._authenticated(by_application(known.application))
        if known.password is None:
            raise CredentialsRefused("The refresh token was refused before. Put a new one where the account points to.")
        tokens = self._authenticated(by_password(known.username, known.password, known.fingerprint))
        if tokens.auth is None and tokens.mfa is not None:
            tokens = self._authenticated(by_code(tokens.mfa, self._code(), known.fingerprint))
        self._refresh = tokens.refresh
        return tokens

    def _code(self) -> str:
        if self._ask_code is None:
            raise CredentialsRefused(
                f"emnify asks for a second factor for {self._credentials.username}, and nobody is here to type it. "
                "Register a trusted device by running  simferry accounts --check  on a terminal with `fingerprint` set "
                "in the account (it holds 90 days), or give the account a `refresh_token`."
            )
        return self._ask_code(f"emnify code for {self._credentials.username}").strip()

    def _authenticated(self, call: Call[Tokens]) -> Tokens:
        outcome = perform(call, self._wire, self._budget, self._clock)
        if isinstance(outcome, Unauthorised):  # only calls with a bearer can end so
            raise CredentialsRefused(f"{call.name}: refused. Check the account's secret.")
        return required(outcome)

    def _hold(self, tokens: Tokens) -> Held:
        if tokens.auth is None:
            raise CredentialsRefused("emnify asked for a second factor twice. Check the code, and start again.")
        claims = claims_of(tokens.auth, self._clock.wall_s())
        life_s = LIFE_S if claims.life_s is None else claims.life_s
        ahead_s = min(RENEW_AHEAD_S, life_s * RENEW_AHEAD_SHARE)
        return Held(tokens.auth, claims, self._clock.steady_s() + life_s - ahead_s)
