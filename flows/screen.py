"""What an operator sees: bars on a terminal, plain lines elsewhere; everything but results goes to standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.patient import Patient

PLAIN_LINE_EVERY_S = 10.0


class Screen:
    """A voice on this terminal; a progress bar per title, or a line now and then where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: dict[str, TaskID] = {}
        self._spoken_at: dict[str, float] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def progress(self, title: str, done: int, of: int) -> None:
        """Move the title's bar; without a terminal, a line at most every few seconds."""
        if self._console.is_terminal:
            bar = self._bars.get(title)
            if bar is None:
                bar = self._bars[title] = self._progress.add_task(title, total=of or None)
            self._progress.update(bar, completed=done, total=of or None)
            if of and done >= of:
                self._progress.update(bar, visible=False)
                del self._bars[title]
        elif time.monotonic() - self._spoken_at.get(title, -PLAIN_LINE_EVERY_S) >= PLAIN_LINE_EVERY_S:
            self._spoken_at[title] = time.monotonic()
            self.say(f"{title}: {done:,} of {of:,}" if of else f"{title}: {done:,}")


@contextmanager
def screen(*, quiet: bool) -> Iterator[Screen]:
    """A screen on standard error for as long as a command runs; a quiet one shows nothing."""
    shown = Screen(Patient(stderr=True, quiet=quiet))
    with shown._progress:  # noqa: SLF001 - the bars live exactly as long as the screen
        yield shown
