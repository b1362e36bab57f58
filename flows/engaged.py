"""A command with the engine under it: quiet, on one server, speaking through this terminal."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flows.screen import screen
from tasks.engine import engine
from tasks.voice import speaking


@contextmanager
def engaged(asked: argparse.Namespace) -> Iterator[None]:
    """Within the block flows run; what fails in one is told once, by the command line, and not by the engine too."""
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    with screen(quiet=asked.json) as shown, speaking(shown), engine(shown.say):
        yield
