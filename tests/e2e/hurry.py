"""A clock on which an hour passes in less than a minute, for waits that a test must go through and nobody sits out."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from providers.clock import Clock

TIMES_FASTER = 100.0


@dataclass
class Hurry:
    """The machine's time, and ahead of it by what was not slept; satisfies `tasks.clock.Clock`.

    Threads that sleep side by side bring it ahead by the longest of their sleeps, not by the sum.
    """

    skipped_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped_s)

    def sleep(self, seconds: float) -> None:
        wakes_s = time.monotonic() + self.skipped_s + seconds
        time.sleep(seconds / TIMES_FASTER)
        with self.lock:
            self.skipped_s = max(self.skipped_s, wakes_s - time.monotonic())

    def of_a_provider(self) -> Clock:
        """The same time as the provider's client reads it."""
        return Clock(
            steady_s=lambda: time.monotonic() + self.skipped_s,
            wall_s=lambda: time.time() + self.skipped_s,
            sleep=self.sleep,
            share_of=lambda span_s: span_s / 2,
        )
