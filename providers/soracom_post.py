"""One operator at Soracom and the login that opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from domain.errors import CredentialsRefused
from providers.calls import Call, Heard, Sender, Unauthorised, Unheard, Unreadable, perform, required
from providers.clock import Clock
from providers.emnify_session import AskCode
from providers.pace import Budget
from providers.soracom_session import Session
from providers.soracom_words import complaint_of
from providers.wire import Answer, Request

RENEWALS_MAX = 2  # of a token for one call: a fresh one may be recalled while the repeat is on its way

T = TypeVar("T")


class NotAllowed(CredentialsRefused):
    """We are let in, and may not read this."""


@dataclass(frozen=True, slots=True, eq=False)  # one account that is opened is one post
class Post:
    """An operator, its account's name here, and what its requests are let in by and sent through; for all threads.

    Logins go through `wire` itself: their limit is one on addresses.
    """

    operator: str
    name: str
    session: Session
    wire: Sender
    sender: Sender
    clock: Clock
    ask_code: AskCode | None = None
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "budget", Budget({}, self.clock))

    def call(self, call: Call[T]) -> Heard[T] | Unheard:
        """The call, let in; a refused token is replaced and the call repeated, as it cannot have been acted on.

        Raises `CredentialsRefused` where no token can be had or fresh ones are refused too.
        """
        signed = self.session.signed(call, self.wire, self.ask_code)
        outcome = perform(signed, self.sender, self.budget, self.clock)
        for _ in range(RENEWALS_MAX):
            if not isinstance(outcome, Unauthorised):
                return outcome
            signed = self.session.signed_afresh(signed, self.wire, self.ask_code)
            outcome = perform(signed, self.sender, self.budget, self.clock)
        if not isinstance(outcome, Unauthorised):
            return outcome
        raise CredentialsRefused(
            f"{call.name}: account {self.name}: a token that was only just issued is refused "
            f"(HTTP {outcome.answer.status}). Check what the user may do, then:  simferry accounts --check"
        )

    def require(self, call: Call[T]) -> T:
        """The value of a read; raises `ProviderUnavailable` and `CredentialsRefused`."""
        return required(self.call(call))

    def get(self, name: str, path: str, read: Callable[[Answer], T], *query: tuple[str, str]) -> Call[T]:
        """A read as a call; `read` is given whatever is answered, but for a 403, which is `NotAllowed`."""
        full = f"Soracom, account {self.name}: {name}"

        def allowed(answer: Answer) -> T:
            if answer.status == HTTPStatus.FORBIDDEN and complaint_of(answer).is_theirs:
                raise NotAllowed(
                    f"{full}: not allowed (HTTP 403, {complaint_of(answer).words}). Give the login the permission for "
                    f"GET {path} in Soracom's console, then:  simferry accounts --check"
                )
            return read(answer)

        return Call(full, Request("GET", path, query), allowed, repeatable=True)


def good(answer: Answer) -> Answer:
    """The answer if it is a 200; raises `Unreadable` for what it says otherwise."""
    if answer.status == HTTPStatus.OK:
        return answer
    complaint = complaint_of(answer)
    raise Unreadable(" ".join(part for part in (complaint.code, complaint.words) if part))
