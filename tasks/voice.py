"""How a run tells people where it is: the command line's screen, or the engine's log on a worker."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Voice(Protocol):
    """What a flow speaks through; never given an identifier or a secret."""

    def say(self, text: str) -> None:
        """One line."""

    def progress(self, title: str, done: int, of: int) -> None:
        """How far something is; `of` is 0 while the total is unknown."""


class Logged:
    """Speaks into a log: the engine's for a flow run on a worker."""

    def __init__(self) -> None:
        self._log = logging.getLogger("prefect.flow_runs")

    def say(self, text: str) -> None:
        """One line."""
        self._log.info(text)

    def progress(self, title: str, done: int, of: int) -> None:
        """Nothing: a worker's progress is an artifact."""


_VOICE: ContextVar[Voice | None] = ContextVar("voice", default=None)


def voice() -> Voice:
    """The voice in use: the command line's if it set one, else the engine's log."""
    return _VOICE.get() or Logged()


@contextmanager
def speaking(through: Voice) -> Iterator[None]:
    """Let everything inside speak through that voice."""
    token = _VOICE.set(through)
    try:
        yield
    finally:
        _VOICE.reset(token)
