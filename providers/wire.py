"""The network: a request goes out, an answer or what became of it comes back; only here is the HTTP library known."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx

from domain.orders import Fate
from providers.clock import Clock
from providers.hosts import check_base_url
from providers.leftovers import left_over
from providers.secrets import Secret

BODY_BYTES_MAX = 32 * 1024 * 1024  # a page of 2,500 SIMs is about 1 MB
CONNECT_S_MAX = 10.0
POOL_S_MAX = 60.0
CONNECTIONS_MAX = 128
IDLE_S_MAX = 15.0  # shorter than what servers usually keep, so that a connection is rarely found dead

# Failures before a byte of the request left: nothing can have been acted on.
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)

HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "simferry"}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent; `bearer` or `basic` (user:password in base64) goes into Authorization; times in seconds.

    `path` may carry a query of its own, as a URL that the provider gave does; `query` is appended to one that doesn't.
    `path_end` is its last piece where that is a secret; `headers` are a provider's own.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)  # it may hold a password or a code
    bearer: Secret | None = None
    basic: Secret | None = None
    body_type: str = JSON
    answer_s_max: float = 60.0
    path_end: Secret | None = None
    headers: tuple[tuple[str, str | Secret], ...] = ()

    @property
    def bears_token(self) -> bool:
        """Whether it carries a token, in Authorization or in a header of the provider's own."""
        return self.bearer is not None or any(isinstance(value, Secret) for _, value in self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)  # of a login or a transfer it holds a token


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer: NOT_SENT or SILENT, and the kind of failure in a word (never a URL or a body)."""

    fate: Fate
    words: str


class Wire:
    """Connections to one base URL; TLS is verified always, redirects are never followed.

    A client of the library per connection, and a stack of those that are idle: one client for all looks at every
    connection whenever a request ends, and so gets slower the more are under way.
    """

    def __init__(self, base_url: str, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        loopback = check_base_url(base_url)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines carry whole URLs, with ids in them
        logging.getLogger("httpcore").setLevel(logging.WARNING)  # its DEBUG lines carry headers, with tokens in them
        self.base_url = base_url
        self._clock = clock
        self._transport = transport
        self._trust_env = not loopback  # a proxy for the outside has no way to this machine's own ports
        self._verify = httpx.create_ssl_context(trust_env=self._trust_env)
        self._idle: deque[httpx.Client] = deque()
        self._made: deque[httpx.Client] = deque()
        self._places = threading.BoundedSemaphore(CONNECTIONS_MAX)
        self._is_closed = False

    def send(self, request: Request) -> Answer | Lost:
        """The answer, read whole within its limits of time and size, or what became of the request.

        Once it is closed nothing is sent: a thread that waited to ask again may outlive the run that it asks for.
        """
        if self._is_closed:
            return Lost(Fate.NOT_SENT, "Closed")
        if not self._places.acquire(timeout=POOL_S_MAX):
            return Lost(Fate.NOT_SENT, "PoolTimeout")
        try:
            client = self._client()
            try:
                return self._exchange(client, request)
            except NEVER_LEFT as error:
                return Lost(Fate.NOT_SENT, type(error).__name__)
            except httpx.RequestError as error:  # also DecodingError and TooManyRedirects, which are no TransportError
                return Lost(Fate.SILENT, type(error).__name__)
            finally:
                self._put_back(client)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the connections, for good."""
        self._is_closed = True
        for client in self._made:
            client.close()

    def _client(self) -> httpx.Client:
        """The one that was used last, since its connection is the least likely to be dead; else a new one."""
        with suppress(IndexError):
            return self._idle.pop()
        client = httpx.Client(
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_S_MAX),
            verify=self._verify,
            trust_env=self._trust_env,
            transport=self._transport,
        )
        self._made.append(client)
        return client

    def _put_back(self, client: httpx.Client) -> None:
        """Among the idle, unless its next answer would be one that has come already."""
        if left_over(client, self.base_url):
            log.warning("more came than one answer: that connection is not used again")
            self._made.remove(client)
            client.close()
        else:
            self._idle.append(client)

    def _exchange(self, client: httpx.Client, request: Request) -> Answer | Lost:
        deadline_s = self._clock.steady_s() + request.answer_s_max
        response = client.send(_built(self.base_url, request), stream=True)
        try:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > BODY_BYTES_MAX:
                    return Lost(Fate.SILENT, "AnswerTooLarge")
                if self._clock.steady_s() > deadline_s:
                    return Lost(Fate.SILENT, "AnswerTooSlow")
        finally:
            response.close()
        headers = {name.lower().decode("ascii"): text.decode("latin-1") for name, text in response.headers.raw}
        return Answer(response.status_code, headers, bytes(body))


def _built(base_url: str, request: Request) -> httpx.Request:
    """The request in the library's form, made directly: the client's own builder costs as much as the sending."""
    headers = dict(HEADERS)
    if request.bearer is not None:
        headers["Authorization"] = f"Bearer {request.bearer.reveal()}"
    elif request.basic is not None:
        headers["Authorization"] = f"Basic {request.basic.reveal()}"
    for name, value in request.headers:
        headers[name] = value.reveal() if isinstance(value, Secret) else value
    if request.body is not None:
        headers["Content-Type"] = request.body_type
    end = "" if request.path_end is None else quote(request.path_end.reveal(), safe="")
    query = f"?{urlencode(request.query)}" if request.query else ""
    within_s: dict[str, float | None] = {
        "connect": CONNECT_S_MAX,
        "read": request.answer_s_max,
        "write": request.answer_s_max,
        "pool": POOL_S_MAX,
    }
    return httpx.Request(
        request.method,
        f"{base_url}{request.path}{end}{query}",
        content=request.body,
        headers=headers,
        extensions={"timeout": within_s},
    )
