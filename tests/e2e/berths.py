"""Commands that are only waited for start from processes which have imported Prefect: most of what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp
from types import TracebackType
from typing import Self

from chaos.launcher import Ended, Launcher, launcher


class Berths:
    """As many as commands are under way at once; Prefect's settings are those of their own environment."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._free: SimpleQueue[Launcher] = SimpleQueue()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, words: tuple[str, ...], environment: Mapping[str, str], s_max: float) -> Ended:
        """How the command ended; raises `Broken` where it takes longer."""
        berth = self._taken()
        ended = berth.start(words, environment).end(s_max)
        self._free.put(berth)
        return ended

    def _taken(self) -> Launcher:
        try:
            return self._free.get_nowait()
        except Empty:
            folder = Path(mkdtemp(dir=self._folder))
            return self._stack.enter_context(launcher(folder, self._environment))
