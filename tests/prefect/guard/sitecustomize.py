"""Imported by every Python process of a test: writes down each way out of the machine that is tried, and bars it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in LOOPBACK:
        with Path(os.environ["GUARD_FILE"]).open("a", encoding="utf-8") as tried:
            tried.write(f"{host}\n")
        raise PermissionError(f"a test may not reach {host}")


if "GUARD_FILE" in os.environ:
    sys.addaudithook(_watch)
