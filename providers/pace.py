"""A provider's request limits as one budget per host, shared by every thread of the process.

The limits are counted per address by the provider; another process on this machine spends from the same ones, which
is seen as 429 and waited out.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from providers.clock import Clock

ON_THE_WAY_S = 1.0  # requests may bunch up between here and the provider's counter


class Limit(Protocol):
    """One limit; not thread-safe by itself, the budget holds the lock."""

    def wait_s(self, now_s: float) -> float:
        """Seconds until one more request fits; 0 where it fits now."""

    def take(self, now_s: float) -> None:
        """Count one request."""


@dataclass(slots=True)
class Window:
    """At most `requests` within any `span_s`, counted exactly."""

    requests: int
    span_s: float
    taken: deque[float] = field(default_factory=deque)

    def wait_s(self, now_s: float) -> float:
        """As in `Limit`."""
        while self.taken and self.taken[0] + self.span_s <= now_s:
            self.taken.popleft()
        return 0.0 if len(self.taken) < self.requests else self.taken[0] + self.span_s - now_s

    def take(self, now_s: float) -> None:
        """As in `Limit`."""
        self.taken.append(now_s)


@dataclass(slots=True)
class Bucket:
    """`per_s` requests a second on the long run, `burst` at once."""

    per_s: float
    burst: float
    tokens: float = field(init=False)
    at_s: float | None = None

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait_s(self, now_s: float) -> float:
        """As in `Limit`."""
        if self.at_s is not None:
            self.tokens = min(self.burst, self.tokens + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        # What is missing by rounding alone is not worth another sleep.
        return 0.0 if self.tokens >= 1.0 - 1e-6 else (1.0 - self.tokens) / self.per_s

    def take(self, now_s: float) -> None:
        """As in `Limit`."""
        self.tokens -= 1.0
        self.at_s = now_s


class Budget:
    """Limits by kind of call; the kind "" is every call's."""

    def __init__(self, limits: Mapping[str, Limit], clock: Clock) -> None:
        self._limits = dict(limits)
        self._clock = clock
        self._lock = threading.Lock()
        self._not_before_s = float("-inf")

    def wait(self, kind: str = "") -> None:
        """Come back when one more call of this kind fits into every limit, with it counted."""
        limits = [self._limits[name] for name in {"", kind} if name in self._limits]
        while True:
            with self._lock:
                now_s = self._clock.steady_s()
                pause_s = max([self._not_before_s - now_s, *(limit.wait_s(now_s) for limit in limits)])
                if pause_s <= 0:
                    for limit in limits:
                        limit.take(now_s)
                    return
            self._clock.sleep(pause_s)

    def hold(self, pause_s: float) -> None:
        """Let nobody through for so long: the provider has just said that it is too much."""
        with self._lock:
            self._not_before_s = max(self._not_before_s, self._clock.steady_s() + pause_s)
