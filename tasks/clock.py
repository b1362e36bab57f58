"""The one clock that what takes time is given."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


class WallClock:
    """The machine's."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds; Ctrl-C interrupts it."""
        time.sleep(seconds)
