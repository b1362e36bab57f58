"""What a run shows in Prefect: how far it is, and how it ended. Counts and a path, never an identifier or a secret.

A view is worth no run: where Prefect does not take an artifact, the run goes on without.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.logging import get_logger

UPDATE_S_MIN = 1.0  # between two updates of one progress artifact
MARKDOWN_CHARS_MAX = 20_000


class Progress:
    """How far one wave of work is, as an artifact of the flow run; nothing outside of one."""

    def __init__(self, description: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._description = description
        self._clock = clock
        self._artifact: UUID | None = None
        self._shown_at = 0.0
        with _without_harm():
            if _in_flow_run():
                made = create_progress_artifact(0.0, description=description)
                self._artifact = made if isinstance(made, UUID) else None  # a coroutine in an async flow: we have none
                self._shown_at = clock()

    def update(self, done: int, of: int) -> None:
        """Show `done` of `of`, at most once in UPDATE_S_MIN; the last one is always shown."""
        if self._artifact is None or (done < of and self._clock() - self._shown_at < UPDATE_S_MIN):
            return
        self._shown_at = self._clock()
        share = 100.0 * done / of if of else 100.0
        with _without_harm():
            update_progress_artifact(self._artifact, min(share, 100.0), f"{self._description}: {done:,} of {of:,}")


def progress(description: str) -> Progress:
    """A progress artifact at 0 %, of the flow run we are in."""
    return Progress(description)


def final(run: str, markdown: str, report_path: Path) -> None:
    """Put the run's summary and where its report lies into the flow run's artifacts."""
    with _without_harm():
        if _in_flow_run():
            create_markdown_artifact(markdown[:MARKDOWN_CHARS_MAX], key=_key(run, "summary"), description=f"Run {run}")
            link = report_path.resolve().as_uri()
            create_link_artifact(link, link_text=report_path.name, key=_key(run, "report"), description=f"Run {run}")


def _key(run: str, what: str) -> str:
    """A key as Prefect takes it: lower-case letters, digits and dashes."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in run.lower())
    return f"simferry-{plain}-{what}"


def _in_flow_run() -> bool:
    """Whether we run in a flow that Prefect knows."""
    context = FlowRunContext.get()
    return context is not None and context.flow_run is not None


@contextmanager
def _without_harm() -> Iterator[None]:
    """Within the block an engine that is slow, gone or unwilling is a line in the log and no more."""
    try:
        yield
    except (PrefectException, httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as trouble:
        get_logger("simferry").info("Prefect did not take an artifact: %s", type(trouble).__name__)
