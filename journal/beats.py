"""Signs of life at regular intervals, for as long as a process lives and says nothing else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread


class Beats:
    """Calls `beat` every `every_s`, from a thread of its own that ends with the process."""

    def __init__(self, beat: Callable[[], None], every_s: float) -> None:
        self._beat = beat
        self._every_s = every_s
        self._is_over = Event()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Beat from now on; a second time does nothing."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True, name="signs of life")
            self._thread.start()

    def end(self) -> None:
        """Beat no more; when this returns, none is under way."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._every_s):
            self._beat()
