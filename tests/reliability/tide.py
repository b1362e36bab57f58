"""Time that passes only when somebody waits: one clock for simferry, its provider clients and the sandbox."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import TypeVar

from providers.clock import Clock as ProviderClock
from sandbox.clock import Clock as SandboxClock

BEGAN_S = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
TURN_S = 0.0002  # that a turn of the event loop takes, so that whoever waits by turns comes to an end

T = TypeVar("T")


class Tide:
    """Satisfies `tasks.clock.Clock`; what is due in the sandbox happens while somebody sleeps."""

    def __init__(self, at_s: float = BEGAN_S) -> None:
        self.at_s = at_s
        self._loop = _Loop(self)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)

    def sleep(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    def run(self, work: Coroutine[object, object, T]) -> T:
        """What the coroutine returns, after as much time as it waits for."""
        return self._loop.run_until_complete(work)

    def of_a_provider(self) -> ProviderClock:
        """For one process: equal to no other, so that what a process finds out of a provider ends with it."""
        return ProviderClock(
            steady_s=lambda: self.at_s,
            wall_s=lambda: self.at_s,
            sleep=self.sleep,
            share_of=lambda span_s: span_s / 2,
        )

    def of_the_sandbox(self) -> SandboxClock:
        return _OfTheSandbox(self)

    def close(self) -> None:
        self._loop.close()


class _OfTheSandbox(SandboxClock):
    def __init__(self, tide: Tide) -> None:
        super().__init__()
        self._tide = tide

    def now_s(self) -> float:
        return self._tide.at_s + self.offset_s


class _Loop(asyncio.SelectorEventLoop):
    """An event loop by that time."""

    def __init__(self, tide: Tide) -> None:
        super().__init__(_Skipping(tide))
        self._tide = tide

    def time(self) -> float:
        return self._tide.at_s


class _Skipping(selectors.SelectSelector):
    """Where the loop would wait, time goes on at once."""

    def __init__(self, tide: Tide) -> None:
        super().__init__()
        self._tide = tide

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "the loop waits for what nobody brings"
        self._tide.at_s += max(timeout, TURN_S)
        return super().select(0)
