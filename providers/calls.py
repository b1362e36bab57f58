"""A call as data, and the table that says what may be repeated."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Generic, Protocol, TypeVar

from domain.errors import ProviderUnavailable
from domain.orders import Fate
from providers.clock import Clock
from providers.pace import Budget
from providers.secrets import Secret
from providers.wire import Answer, Lost, Request

TRIES_MAX = 5
TRIES_THROTTLED_MAX = 12  # with the waits below about five minutes, the span of the longest documented limit
WAIT_FIRST_S = 0.5
WAIT_S_MAX = 60.0
RETRY_AFTER_S_MAX = 300.0

log = logging.getLogger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Unreadable(Exception):
    """An answer is not what its call may get; says in words what is wrong with it, without quoting it."""


class Next(StrEnum):
    """What to do after a request met its fate."""

    READ = "read"
    AGAIN = "again"
    DOUBT = "doubt"


# Fate → what next for (a call that may be repeated, a call that may be sent once only).
NEXT: dict[Fate, tuple[Next, Next]] = {
    Fate.ANSWERED: (Next.READ, Next.READ),
    Fate.NOT_SENT: (Next.AGAIN, Next.AGAIN),
    Fate.THROTTLED: (Next.AGAIN, Next.AGAIN),  # emnify: refused by the limiter before anything is done
    Fate.BROKEN: (Next.AGAIN, Next.DOUBT),
    Fate.SILENT: (Next.AGAIN, Next.DOUBT),
}


def fate_by_status(answer: Answer) -> Fate:
    """What became of a request, by the HTTP status of its answer alone."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Fate.THROTTLED
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fate.BROKEN
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return Fate.SILENT  # from something in between: who knows what it passed on
    return Fate.SILENT if answer.status == HTTPStatus.REQUEST_TIMEOUT else Fate.ANSWERED


def refused_by_status(answer: Answer) -> bool:
    """Whether a token was not accepted, by the HTTP status alone."""
    return answer.status == HTTPStatus.UNAUTHORIZED


@dataclass(frozen=True, slots=True)
class Signs:
    """How a provider's answers show, before anybody reads them, their fate and that a token is not accepted."""

    fate: Callable[[Answer], Fate] = fate_by_status
    token_refused: Callable[[Answer], bool] = refused_by_status


BY_STATUS = Signs()


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One kind of request with how to read every answer to it; `read` raises `Unreadable`.

    `name` stands in messages; `pace` is the kind of limit it counts against beside everybody's.
    """

    name: str
    request: Request
    read: Callable[[Answer], T]
    repeatable: bool
    pace: str = ""
    signs: Signs = BY_STATUS

    def bearing(self, token: Secret) -> Call[T]:
        """The same call with a token."""
        return replace(self, request=replace(self.request, bearer=token))


@dataclass(frozen=True, slots=True)
class Heard(Generic[T_co]):
    """A call was answered and read."""

    value: T_co
    http_status: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """A call ended without an answer; `fate` NOT_SENT and THROTTLED mean that nothing was acted on."""

    name: str
    fate: Fate
    http_status: int | None
    words: str
    tries: int


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """The token was not accepted; nothing was acted on."""

    answer: Answer


class Sender(Protocol):
    """What a `Wire` does."""

    def send(self, request: Request) -> Answer | Lost:
        """The answer, or what became of the request."""


def perform(call: Call[T], wire: Sender, budget: Budget, clock: Clock) -> Heard[T] | Unheard | Unauthorised:
    """The call's answer, repeated as far as the table allows; a call that bears a token may end `Unauthorised`."""
    tries = throttled = 0
    while True:
        budget.wait(call.pace)
        tries += 1
        got = wire.send(call.request)
        if call.request.bears_token and isinstance(got, Answer) and call.signs.token_refused(got):
            return Unauthorised(got)
        fate, value, words = _judge(call, got)
        status = got.status if isinstance(got, Answer) else None
        match NEXT[fate][0 if call.repeatable else 1]:
            case Next.READ:
                assert value is not None
                return Heard(value.value, value.http_status)
            case Next.DOUBT:
                return Unheard(call.name, fate, status, words, tries)
            case Next.AGAIN:
                throttled += fate is Fate.THROTTLED
                if throttled >= TRIES_THROTTLED_MAX or tries - throttled >= TRIES_MAX:
                    return Unheard(call.name, fate, status, words, tries)
                log.info("%s: %s at try %d, asking again", call.name, words, tries)
                _pause(got, fate, tries, budget, clock)


def required(outcome: Heard[T] | Unheard) -> T:
    """The value of a call that has to work; raises `ProviderUnavailable`."""
    if isinstance(outcome, Heard):
        return outcome.value
    raise ProviderUnavailable(
        f"{outcome.name}: no usable answer in {outcome.tries} tries ({outcome.words}). "
        "Nothing was changed by this. See whether the provider reports an outage, and run the command again."
    )


def _judge(call: Call[T], got: Answer | Lost) -> tuple[Fate, Heard[T] | None, str]:
    """Fate, what was read where it was answered, and words for a message."""
    if isinstance(got, Lost):
        return got.fate, None, got.words
    fate = call.signs.fate(got)
    if fate is not Fate.ANSWERED:
        return fate, None, f"HTTP {got.status}{', too many requests' if fate is Fate.THROTTLED else ''}"
    try:
        return Fate.ANSWERED, Heard(call.read(got), got.status), ""
    except Unreadable as error:
        return Fate.SILENT, None, f"HTTP {got.status}, {error}"


def _pause(got: Answer | Lost, fate: Fate, tries: int, budget: Budget, clock: Clock) -> None:
    """Wait as long as the answer asks for, else a random share of a span that doubles."""
    asked_s = retry_after_s(got, clock.wall_s()) if isinstance(got, Answer) else None
    if asked_s is not None and fate is Fate.THROTTLED:
        budget.hold(asked_s)  # the others of this host would only be refused as well
    if asked_s is None:
        asked_s = clock.share_of(min(WAIT_S_MAX, WAIT_FIRST_S * 2.0 ** (tries - 1)))
    clock.sleep(asked_s)


def retry_after_s(answer: Answer, now_s: float) -> float | None:
    """Seconds that `Retry-After` asks for (RFC 9110 §10.2.3: seconds, or a date), from 0 to five minutes."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_S_MAX)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.fromtimestamp(now_s, UTC)).total_seconds()), RETRY_AFTER_S_MAX)
