"""The two kinds of task there are, so that what the engine may repeat is said in one place.

Neither is ever retried, cached or replayed by the engine: what may be sent again is the retry table's to say, and what
has been sent the journal's to remember. A bare `@task` would take Prefect's global defaults, which may say otherwise.
Neither has tags: Prefect asks its server for a slot per tag, before and after each task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

P = ParamSpec("P")
R = TypeVar("R")


def touching(*, name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that may change something at a provider or on disk: run once, whatever Prefect's settings are."""
    return task(name=name, retries=0, cache_policy=NO_CACHE, persist_result=False)


def reading(*, name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that only looks: its calls repeat themselves where that is right, so the engine does not either."""
    return task(name=name, retries=0, cache_policy=NO_CACHE, persist_result=False)
