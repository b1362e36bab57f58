"""One account of Super SIM and the login that opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from domain.errors import CredentialsRefused
from providers.calls import Call, Heard, Sender, Unauthorised, Unheard, Unreadable, perform, required
from providers.clock import Clock
from providers.pace import Budget
from providers.supersim_auth import Login
from providers.supersim_words import ABSENT, REFUSES_US, SIGNS, complaint_of
from providers.wire import Answer, Request

RENEWALS_MAX = 2  # of a token for one call: a fresh one may be recalled while the repeat is on its way

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)  # one account that is opened is one post
class Post:
    """An account at a host, its name here, what lets requests in and what they are sent through; for all threads."""

    base_url: str
    account_sid: str
    name: str
    login: Login
    sender: Sender
    budget: Budget
    clock: Clock

    def call(self, call: Call[T]) -> Heard[T] | Unheard:
        """The call, let in; a refused token is renewed and the call repeated, as it cannot have been acted on.

        Raises `CredentialsRefused` where no token can be had or fresh ones are refused too.
        """
        signed = self.login.signed(call)
        outcome = perform(signed, self.sender, self.budget, self.clock)
        for _ in range(RENEWALS_MAX):
            if not isinstance(outcome, Unauthorised):
                return outcome
            signed = self.login.renewed(signed)
            outcome = perform(signed, self.sender, self.budget, self.clock)
        if not isinstance(outcome, Unauthorised):
            return outcome
        raise CredentialsRefused(
            f"{call.name}: account {self.name}: a token that was only just issued is refused "
            f"(HTTP {outcome.answer.status}). Check what the client may do, then:  simferry accounts --check"
        )

    def require(self, call: Call[T]) -> T:
        """The value of a read; raises `ProviderUnavailable` and `CredentialsRefused`."""
        return required(self.call(call))

    def get(self, name: str, path: str, read: Callable[[Answer], T], *query: tuple[str, str]) -> Call[T]:
        """A read as a call; `read` is given answers of status 200, and of others those that it knows."""
        return Call(f"Super SIM, account {self.name}: {name}", Request("GET", path, query), read, True, signs=SIGNS)


def good(answer: Answer) -> Answer:
    """The answer if it is a 200; raises `CredentialsRefused` and `Unreadable` for what it says otherwise."""
    if answer.status == HTTPStatus.OK:
        return answer
    complaint = complaint_of(answer)
    if answer.status == HTTPStatus.UNAUTHORIZED or complaint.code in REFUSES_US:
        raise CredentialsRefused(
            f"Super SIM does not let us in (HTTP {answer.status}, {complaint.words}). "
            "Check the account's credentials:  simferry accounts --check"
        )
    raise Unreadable(" ".join(part for part in (complaint.code, complaint.words) if part))


def is_absent(answer: Answer) -> bool:
    """Whether the answer says that what was asked for is not there, or out of sight."""
    return answer.status >= HTTPStatus.BAD_REQUEST and complaint_of(answer).code in ABSENT
