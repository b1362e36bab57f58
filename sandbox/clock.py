"""The sandbox's own time: the machine's, plus an offset that a test may move."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class Clock:
    """Time as the simulated provider sees it: token lives, lock-outs, rate limits and lag all read it."""

    offset_s: float = 0.0

    def now_s(self) -> float:
        """Seconds since the epoch, offset included."""
        return time.time() + self.offset_s

    def stamp(self) -> str:
        """The same instant as ISO 8601 with milliseconds and Z."""
        return datetime.fromtimestamp(self.now_s(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def stamp_s(self) -> str:
        """The same instant in whole seconds."""
        return datetime.fromtimestamp(self.now_s(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
