"""A command with the engine under it: quiet, on one server, speaking through this terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from flows.screen import screen
from tasks.engine import engine
from tasks.voice import speaking


@contextmanager
def engaged(asked: argparse.Namespace) -> Iterator[None]:
    """Within the block flows run; what fails in one is told once, by the command line, and not by the engine too."""
    with screen(quiet=asked.json) as shown, speaking(shown), engine(shown.say, meanwhile=_import_flows):
        yield


def _import_flows() -> None:
    """Import what this command may run, which takes as long as the server of its own that starts beside it."""
    for name in ("plan", "register", "execute", "reconcile", "cancel", "restore", "audit"):
        import_module(f"flows.{name}")
