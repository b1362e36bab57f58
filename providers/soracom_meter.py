"""How many requests one group of Soracom's calls may still take this minute, by what its answers tell.

    X-Soracom-Ratelimit-Remaining: 999    X-Soracom-Ratelimit-Seconds-Before-Refresh: 60

The limits are per operator and group of calls, and not published. So nothing is held back until an answer says that
nothing is left. No clock, no lock: `Traffic` has those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus

from providers.wire import Answer

REMAINING = "x-soracom-ratelimit-remaining"
REFRESH = "x-soracom-ratelimit-seconds-before-refresh"
REFRESH_S_MAX = 300.0
REFRESH_S_MIN = 0.05  # whole seconds may be cut down to none
SAME_WINDOW_S = 1.5  # ends that lie so close are one, told in whole seconds


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says: requests that are left until the next refresh, and seconds until then."""

    remaining: int
    refresh_s: float


@dataclass(slots=True)
class Meter:
    """One group's requests; times in seconds on one steady clock."""

    under_way: int = 0
    _left: int | None = None  # requests that may still go, those under way taken off; None where nothing is known
    _remaining: int = 0  # as last told
    _until_s: float = float("-inf")

    def wait_s(self, now_s: float) -> float | None:
        """Seconds until one more may go, 0 where it may now; None where the answers under way will tell.

        Which requests an answer has counted is not known. So those under way are taken off what it says is left, and
        the last few go one by one.
        """
        if self._left is None or now_s >= self._until_s:
            self._left = None
            return 0.0
        if self._left > 0 or (self._remaining > 0 and not self.under_way):
            return 0.0
        return None if self._remaining > 0 else self._until_s - now_s

    def enter(self) -> None:
        """Count one more under way."""
        self.under_way += 1
        self._left = None if self._left is None else self._left - 1

    def leave(self, told: Told | None, now_s: float) -> None:
        """Count one less, and take in what its answer says; one from a window that is over says nothing."""
        self.under_way -= 1
        if told is None:
            return
        until_s = now_s + told.refresh_s
        known = self._left is not None and now_s < self._until_s
        if known and until_s < self._until_s - SAME_WINDOW_S:
            return
        left = told.remaining - self.under_way
        if known and self._left is not None and until_s <= self._until_s + SAME_WINDOW_S:
            self._left = min(self._left, left)
            self._remaining = min(self._remaining, told.remaining)
        else:
            self._left, self._remaining = left, told.remaining
        if not known or told.remaining == 0 or until_s > self._until_s + SAME_WINDOW_S:
            self._until_s = until_s


def told_in(answer: Answer) -> Told | None:
    """What the answer's headers say of requests that are left; None where they don't, or say it wrongly.

    A 429 that tells no number has none left.
    """
    seconds = _number(answer.headers.get(REFRESH))
    remaining = _number(answer.headers.get(REMAINING))
    if remaining is None and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        remaining = 0
    if seconds is None or remaining is None:
        return None
    return Told(int(max(0.0, remaining)), min(max(seconds, REFRESH_S_MIN), REFRESH_S_MAX))


def group_of(path: str) -> str:
    """The group of calls that a path belongs to: its first piece after the version."""
    return "/".join(path.partition("?")[0].split("/")[1:3])


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
