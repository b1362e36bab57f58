"""Which hosts a secret may be sent to, and whether a URL that an answer gives is at the host we asked."""

from __future__ import annotations

import ipaddress
import re

import httpx

from domain.errors import UsageError


def check_base_url(base_url: str) -> bool:
    """Whether the URL is this machine's own; raises `UsageError` unless it is https, or http to this machine."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise UsageError(f"The base URL {base_url} is none. Write it as https://HOST.") from error
    loopback = _is_loopback(url.host)
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise UsageError(f"The base URL {base_url} would send secrets in the clear. Write it with https://.")
    if (
        not re.fullmatch(r"[A-Za-z0-9.:-]+", url.host)
        or url.userinfo
        or url.query
        or url.fragment
        or url.path not in {"", "/"}
    ):
        raise UsageError(f"The base URL of {url.host or 'an account'} is more than https://HOST[:PORT]. Cut the rest.")
    return loopback


def cut(url: str) -> tuple[str, str]:
    """A URL as base URL and path with its query; raises `UsageError` where the base is none that may be used."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UsageError(f"The URL {url} is none. Write it as https://HOST/PATH.") from error
    base_url = str(parsed.copy_with(raw_path=b"/", fragment=None)).rstrip("/")
    check_base_url(base_url)
    return base_url, parsed.raw_path.decode("ascii")


def path_at(base_url: str, url: str) -> str | None:
    """Path and query, as they stand, of a URL at the host of `base_url`; None where it is elsewhere, or is none."""
    try:
        known, given = httpx.URL(base_url), httpx.URL(url)
    except httpx.InvalidURL:
        return None
    same = (given.scheme, given.host, given.port) == (known.scheme, known.host, known.port)
    return given.raw_path.decode("ascii") if same and not given.userinfo else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
