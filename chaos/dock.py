"""A provider's process that can be killed and started again where it was, on the same books and the same port."""

from __future__ import annotations

import os
import signal
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from chaos.worlds import World
from sandbox.remote import Sandbox
from sandbox.serve import running

LATEST_S = 1.1  # by which everything that a script lets happen later has happened


@dataclass(slots=True)
class Dock:
    """The sandbox of one trial; `script` is the file of its faults."""

    world: World
    home: Path
    script: Path
    stack: ExitStack = field(default_factory=ExitStack)
    port: int = 0
    sandbox: Sandbox = field(init=False)

    def open(self) -> None:
        """Start it, without faults."""
        self.sandbox = self.stack.enter_context(
            running(
                self.home,
                port=self.port,
                latency_ms=self.world.latency_ms,
                rate_scale=0,
                switches=self.world.switches,
            )
        )
        self.port = urlsplit(self.sandbox.base_url).port or 0

    def begin_faults(self) -> None:
        """Put the script in force; its rules count from here."""
        self.sandbox.set_faults(tomllib.loads(self.script.read_text(encoding="utf-8"))["rules"])

    def kill(self, down_s: float) -> None:
        """SIGKILL; so long later it is there again, and its faults count anew."""
        os.kill(self.sandbox.pid, signal.SIGKILL)
        self.stack.close()
        time.sleep(down_s)
        self.open()
        self.begin_faults()

    def wait_until_quiet(self) -> None:
        """Let pass what the script may still let happen."""
        time.sleep(LATEST_S)


@contextmanager
def docked(world: World, home: Path, script: Path) -> Iterator[Dock]:
    """A dock over the books in `home`, closed on leaving."""
    dock = Dock(world, home, script)
    try:
        dock.open()
        yield dock
    finally:
        dock.stack.close()
