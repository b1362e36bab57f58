"""Callbacks: requests that the simulated provider itself sends, to this machine only."""

from __future__ import annotations

import http.client
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

ANSWER_S_MAX = 5.0
LOCAL_NAMES = frozenset({"localhost"})


@dataclass(frozen=True, slots=True)
class Letter:
    """One callback to be sent, whole."""

    number: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def is_local(url: str) -> bool:
    """Whether a URL is one that the sandbox would call: plain HTTP on loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "http":
        return False
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def deliver(letter: Letter) -> int | None:
    """The status of the answer; None where no answer came. Blocks, so it wants a thread of its own."""
    if not is_local(letter.url):
        return None
    parts = urlsplit(letter.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=ANSWER_S_MAX)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(letter.method, target, letter.body or None, dict(letter.headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
