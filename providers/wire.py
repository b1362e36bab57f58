"""The network: a request goes out, an answer or what became of it comes back; only here is the HTTP library known."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from domain.errors import UsageError
from domain.orders import Fate
from providers.clock import Clock
from providers.secrets import Secret

BODY_BYTES_MAX = 32 * 1024 * 1024  # a page of 2,500 SIMs is about 1 MB
CONNECT_S_MAX = 10.0
POOL_S_MAX = 60.0
CONNECTIONS_MAX = 16
IDLE_S_MAX = 15.0  # shorter than what servers usually keep, so that a connection is rarely found dead

# Failures before a byte of the request left: nothing can have been acted on.
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent: `body` is JSON, `bearer` goes into the Authorization header; times in seconds."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    bearer: Secret | None = None
    answer_s_max: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer: NOT_SENT or SILENT, and the kind of failure in a word (never a URL or a body)."""

    fate: Fate
    words: str


class Wire:
    """Connections to one base URL; TLS is verified always, redirects are never followed."""

    def __init__(self, base_url: str, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        loopback = check_base_url(base_url)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines carry whole URLs, with ids in them
        logging.getLogger("httpcore").setLevel(logging.WARNING)  # its DEBUG lines carry headers, with tokens in them
        self.base_url = base_url
        self._clock = clock
        self._client = httpx.Client(
            base_url=base_url,
            headers={"Accept": "application/json", "User-Agent": "simferry"},
            follow_redirects=False,
            timeout=httpx.Timeout(CONNECT_S_MAX, pool=POOL_S_MAX),
            limits=httpx.Limits(
                max_connections=CONNECTIONS_MAX,
                max_keepalive_connections=CONNECTIONS_MAX,
                keepalive_expiry=IDLE_S_MAX,
            ),
            trust_env=not loopback,  # a proxy for the outside has no way to this machine's own ports
            transport=transport,
        )

    def send(self, request: Request) -> Answer | Lost:
        """The answer, read whole within its limits of time and size, or what became of the request."""
        try:
            return self._exchange(request)
        except NEVER_LEFT as error:
            return Lost(Fate.NOT_SENT, type(error).__name__)
        except httpx.RequestError as error:  # also DecodingError and TooManyRedirects, which are no TransportError
            return Lost(Fate.SILENT, type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _exchange(self, request: Request) -> Answer | Lost:
        deadline_s = self._clock.steady_s() + request.answer_s_max
        headers = {}
        if request.bearer is not None:
            headers["Authorization"] = f"Bearer {request.bearer.reveal()}"
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        timeout = httpx.Timeout(request.answer_s_max, connect=CONNECT_S_MAX, pool=POOL_S_MAX)
        with self._client.stream(
            request.method,
            request.path,
            params=request.query or None,
            content=request.body,
            headers=headers,
            timeout=timeout,
        ) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > BODY_BYTES_MAX:
                    return Lost(Fate.SILENT, "AnswerTooLarge")
                if self._clock.steady_s() > deadline_s:
                    return Lost(Fate.SILENT, "AnswerTooSlow")
            return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))


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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
