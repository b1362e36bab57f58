"""Standard output and error that nobody may listen to: whoever reads us may leave early, and the run goes on."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console

STANDARD_ERROR = 2  # the last of the three numbers


class Patient(Console):
    """A console that falls silent where nobody listens any more: a command neither ends nor fails for that."""

    def on_broken_pipe(self) -> None:
        """Say nothing from now on."""
        self.quiet = True
        forget(self.file)


def write(stream: TextIO, text: str) -> None:
    """Write a line, to whoever still listens."""
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        forget(stream)


def forget(stream: object) -> None:
    """Let what is left in the buffer of a standard stream go nowhere, so that the end of the process is no failure."""
    for number, standard in enumerate((sys.stdout, sys.stderr), start=1):
        if stream is standard:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def open_ends() -> None:
    """Give a process that was started without standard input, output or error ones that lead nowhere.

    Else the first files opened would take their numbers, and what is printed would land in a journal. A terminal that
    has no letters for our words gets codes in their place.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
        pass
    os.close(number)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
