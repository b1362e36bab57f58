"""Busy processes beside the trials, so that a machine is loaded; they end with the block, or with this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SPIN = """
import os, sys, threading
def end():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=end, daemon=True).start()
while True:
    sum(range(10_000))
"""


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that each take what they can of a core."""
    running = [subprocess.Popen([sys.executable, "-c", SPIN], stdin=subprocess.PIPE) for _ in range(processes)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.communicate()
