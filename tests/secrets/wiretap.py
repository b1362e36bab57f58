"""A listener between simferry and a sandbox, who knows every secret that passes, and swaps marked ones for the real.

simferry ── marked credentials ──► wiretap ── those of the sandbox ──► sandbox
         ◄──────── tokens ────────    │    ◄──────── tokens ─────────
                                      ▼
                               every secret by name
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

SECRET_KEYS = frozenset({"auth_token", "refresh_token", "access_token", "mfa_token", "apiKey", "token"})
SECRET_HEADERS = ("X-Soracom-API-Key", "X-Soracom-Token")
CHARS_MIN = 12  # what is shorter is no secret that a login or a transfer gives
OURS = ("host", "connection", "content-length", "transfer-encoding", "authorization")


def sha1(text: str) -> str:
    """What emnify wants in the place of a password."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Wiretap:
    """`real` are the sandbox's credentials by the marks that stand for them; `heard` are secrets and where each was."""

    upstream: str
    real: Mapping[str, str] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)
    base_url: str = ""

    def __post_init__(self) -> None:
        self.real = {**self.real, **{sha1(mark): sha1(real) for mark, real in self.real.items()}}
        for mark in self.real:
            self.heard[mark] = "a marked credential, or its SHA-1"

    def hear(self, where: str, secret: str) -> None:
        if len(secret) >= CHARS_MIN:
            self.heard.setdefault(secret, where)

    def true(self, given: str) -> str:
        """The sandbox's own credential where a mark stands for one."""
        return self.real.get(given, given)

    def headers_for(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request as the sandbox is to get them."""
        sent = {name: value for name, value in headers.items() if name.lower() not in OURS}
        for name in SECRET_HEADERS:
            self.hear(name, headers.get(name, ""))
        scheme, _, value = headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
            self.hear("Basic", value)
            value = base64.b64encode(f"{user}:{self.true(password)}".encode()).decode()
        elif scheme:
            self.hear(scheme, value)
        return sent | ({"Authorization": f"{scheme} {value}"} if scheme else {})

    def body_for(self, body: bytes, kind: str) -> bytes:
        """The body of a request as the sandbox is to get it."""
        if "json" in kind:
            said = json.loads(body)
            if isinstance(said, dict):
                said = {name: self.true(value) if isinstance(value, str) else value for name, value in said.items()}
            return json.dumps(said).encode()
        if "form" in kind:
            return urlencode([(name, self.true(value)) for name, value in parse_qsl(body.decode())]).encode()
        return body

    def listen(self, where: str, said: object) -> None:
        """Hear every secret of an answer."""
        match said:
            case dict():
                for name, value in said.items():
                    if name in SECRET_KEYS and isinstance(value, str):
                        self.hear(f"{name} of {where}", value)
                    self.listen(where, value)
            case list():
                for value in said:
                    self.listen(where, value)


@contextmanager
def tapping(upstream: str, real: Mapping[str, str]) -> Iterator[Wiretap]:
    """A wiretap before the sandbox at that address, for as long as the block lasts."""
    tap = Wiretap(upstream, real)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tap))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    tap.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield tap
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(tap: Wiretap) -> type[BaseHTTPRequestHandler]:
    place = urlsplit(tap.upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = tap.body_for(body, self.headers.get("Content-Type", "")) if body else body
            try:
                status, headers, answer = self._asked(sent)
            except (OSError, http.client.HTTPException):  # the sandbox cut it off; so do we
                self.close_connection = True
                return
            with suppress(ValueError):
                tap.listen(self.path, json.loads(answer))
            with suppress(OSError):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in OURS:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
            try:
                connection.request(self.command, self.path, body or None, tap.headers_for(dict(self.headers.items())))
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                connection.close()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            pass

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815 - the library's names

    return Handler
