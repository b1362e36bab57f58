"""Rate limits as the simulated provider keeps them, per client address."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Window:
    """At most `count_max` admissions in any `span_s` seconds."""

    count_max: float
    span_s: float
    admitted: deque[float] = field(default_factory=deque)

    def admit(self, now_s: float) -> bool:
        """Whether one more fits; it is counted if so."""
        while self.admitted and self.admitted[0] <= now_s - self.span_s:
            self.admitted.popleft()
        if len(self.admitted) >= self.count_max:
            return False
        self.admitted.append(now_s)
        return True


@dataclass(slots=True)
class Bucket:
    """`rate_per_s` on average, with a burst of at most `burst`."""

    rate_per_s: float
    burst: float
    level: float | None = None  # tokens left; None: still full
    last_s: float = 0.0

    def admit(self, now_s: float) -> bool:
        """Whether one more fits; it is counted if so."""
        level = self.burst if self.level is None else self.level + max(0.0, now_s - self.last_s) * self.rate_per_s
        self.level, self.last_s = min(level, self.burst), now_s
        if self.level < 1:
            return False
        self.level -= 1
        return True
