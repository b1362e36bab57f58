"""The engine in one thread: what it hands to threads is done at once, so that the same draws make the same run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty
from typing import ParamSpec, Protocol, Self, TypeVar

import pytest

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")

POOLS = ("crossing", "handing", "issuing", "carry", "restoring", "stream", "cancelling")  # rooms of tasks/ with pools


class OnePool:
    """A pool without threads: what is submitted has ended when `submit` returns."""

    def __init__(self, max_workers: int = 1, thread_name_prefix: str = "") -> None:
        self.name = f"{thread_name_prefix}{max_workers}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, act: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(act(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as a thread of a pool does
            future.set_exception(error)
        return future

    def map(self, act: Callable[[A], T], over: Iterable[A]) -> Iterator[T]:
        ended = [self.submit(act, one) for one in over]
        return (future.result() for future in ended)

    def shutdown(self, *, wait: bool = True, cancel_futures: bool = False) -> None:
        """Nothing is left to do, whether or not it is to be taken back."""


class Work:
    """A queue of `tasks.stream`: whoever takes from it finds what is there, and is never kept waiting.

    One item at a time is given to a worker; where the other end waits for an answer, `serve` makes the next one.
    """

    def __init__(self) -> None:
        self.items: deque[object] = deque()
        self.given = 0
        self.serve: Callable[[], None] = lambda: None

    def put(self, item: object) -> None:
        self.items.append(item)

    def get(self, timeout: float | None = None) -> object:
        if timeout is not None:  # of answers
            if not self.items:
                self.serve()
            return self.get_nowait()
        if self.given or not self.items or self.items[0] is None:  # a worker that has done its one call
            self.given = 0
            return None
        self.given = 1
        return self.items.popleft()

    def get_nowait(self) -> object:
        if not self.items:
            raise Empty
        return self.items.popleft()


class Server(Protocol):
    """What a worker of `tasks.stream` works for."""

    _done: Work


class Worker:
    """A thread that works only while the other end of its stream waits for an answer."""

    def __init__(self, target: Callable[[], None], *, daemon: bool, name: str) -> None:
        self.name, self.daemon = name, daemon
        stream: Server = target.__self__  # type: ignore[attr-defined] # a method of the stream
        stream._done.serve = target

    def start(self) -> None:
        """Its work comes later."""

    def join(self, timeout: float) -> None:
        """It is not at work."""


class StandingStill:
    """The clock by which answers are recorded together: it stands, so that how many they are is no accident."""

    @staticmethod
    def monotonic() -> float:
        return 0.0


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the engine's rooms work without threads."""
    with pytest.MonkeyPatch.context() as patch:
        for room in POOLS:
            patch.setattr(f"tasks.{room}.ThreadPoolExecutor", OnePool)
        patch.setattr("tasks.handing.BATCHES_AT_ONCE", 1)
        patch.setattr("tasks.stream.SimpleQueue", Work)
        patch.setattr("tasks.stream.Thread", Worker)
        patch.setattr("tasks.stream.time", StandingStill)
        yield
