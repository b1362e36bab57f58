"""What a run shows in Prefect: how far it is, and how it ended. Counts and a path, never an identifier or a secret.

A view is worth no run: where Prefect does not take an artifact, the run goes on without.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from uuid import UUID

import httpx
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.context import FlowRunContext, SettingsContext, get_settings_context
from prefect.exceptions import PrefectException
from prefect.logging import get_logger
from prefect.settings import PREFECT_API_REQUEST_TIMEOUT, PREFECT_CLIENT_MAX_RETRIES, Settings, temporary_settings

UPDATE_S_MIN = 5.0  # between two updates of one progress artifact, each of which holds the run up a little
MARKDOWN_CHARS_MAX = 20_000
ANSWER_S_MAX = 5.0  # for one artifact, without a second try: SIMs do not wait for a view


class Progress:
    """How far one piece of work is, as an artifact of the flow run; nothing outside of one."""

    def __init__(self, description: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._description = description
        self._clock = clock
        self._artifact: UUID | None = None
        self._shown_at = 0.0
        if _in_flow_run():
            _taken(self._begin)

    def _begin(self) -> None:
        made = create_progress_artifact(0.0, description=self._description)
        self._artifact = made if isinstance(made, UUID) else None  # a coroutine in an async flow: we have none
        self._shown_at = self._clock()

    def update(self, done: int, of: int) -> None:
        """Show `done` of `of`, at most once in UPDATE_S_MIN; the last one is always shown."""
        if self._artifact is None or (done < of and self._clock() - self._shown_at < UPDATE_S_MIN):
            return
        self._shown_at = self._clock()
        share = 100.0 * done / of if of else 100.0
        words = f"{self._description}: {done:,} of {of:,}"
        if not _taken(partial(update_progress_artifact, self._artifact, min(share, 100.0), words)):
            self._artifact = None  # an engine that fails once is not asked again


def progress(description: str) -> Progress:
    """A progress artifact at 0 %, of the flow run we are in."""
    return Progress(description)


def final(run: str, markdown: str, report_path: Path) -> None:
    """Put the run's summary and where its report lies into the flow run's artifacts."""
    if _in_flow_run():
        link, words = report_path.resolve().as_uri(), f"Run {run}"
        _taken(partial(create_markdown_artifact, markdown[:MARKDOWN_CHARS_MAX], _key(run, "summary"), words))
        _taken(partial(create_link_artifact, link, report_path.name, _key(run, "report"), words))


def counted(title: str, counts: Mapping[str, int], closing: str = "") -> str:
    """Markdown: a title, a table of SIMs by kind, the largest first and none of 0, and a last line."""
    largest = sorted(counts.items(), key=lambda pair: -pair[1])
    rows = [f"| {kind} | {sims:,} |" for kind, sims in largest if sims]
    return "\n".join([f"# {title}", "", "| | SIMs |", "| --- | ---: |", *rows, "", closing]).rstrip() + "\n"


def _key(run: str, what: str) -> str:
    """A key as Prefect takes it: lower-case letters, digits and dashes."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in run.lower())
    return f"simferry-{plain}-{what}"


def _in_flow_run() -> bool:
    """Whether we run in a flow that Prefect knows."""
    context = FlowRunContext.get()
    return context is not None and context.flow_run is not None


def _taken(show: Callable[[], object]) -> bool:
    """Whether Prefect took it; an engine that is slow, gone or unwilling is a line in the log and no more."""
    usual = get_settings_context()
    try:
        with SettingsContext(profile=usual.profile, settings=_hasty(usual.settings.api.url)):
            show()
    except (PrefectException, httpx.HTTPError, httpx.InvalidURL, OSError) as trouble:
        get_logger("simferry").info("Prefect did not take an artifact: %s", type(trouble).__name__)
        return False
    return True


@lru_cache(maxsize=1)
def _hasty(url: str | None) -> Settings:
    """The settings of now, without a second try; kept for this API's URL, since making them costs 0.1 s."""
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0, PREFECT_API_REQUEST_TIMEOUT: ANSWER_S_MAX}) as made:
        assert made.api.url == url
        return made
