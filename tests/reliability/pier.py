"""The sandbox's own application, reached without a socket: one request after the other."""

from __future__ import annotations

from pathlib import Path
from typing import cast
from urllib.parse import unquote

import httpx
from starlette.types import Message, Scope

from sandbox.app import App
from sandbox.faults import Faults, Rule
from sandbox.homes import FILES, Name
from sandbox.table import PROVIDERS
from tests.reliability.points import Points
from tests.reliability.tide import Tide

BASE_URL = "http://127.0.0.1:1"


class Pier(httpx.BaseTransport):
    """A provider's sandbox over the books in a home, for as long as it is not closed; a request passes two points."""

    def __init__(self, home: Path, name: Name, tide: Tide, points: Points) -> None:
        clock = tide.of_the_sandbox()
        self._provider = PROVIDERS[name].open(home / FILES[name], clock, 0.0)
        self._faults = Faults()
        self._app = App((self._provider,), clock, self._faults)
        self._tide, self._points = tide, points

    def begin_faults(self, rules: tuple[Rule, ...]) -> None:
        self._faults.replace(rules)

    def control(self, name: str, body: dict[str, str | int]) -> None:
        """What others do beside the API; see the sandbox's `controls.py`."""
        answer = self._provider.control(name, dict(body))
        assert answer is not None
        assert answer.status < httpx.codes.BAD_REQUEST, answer.body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path}"
        self._points.at(f"before {what}")
        self._provider.due()
        left_s, served = self._tide.at_s, _Served()
        self._tide.run(self._app(_scope(request, served), _Sent(request), served.send))
        self._points.at(f"before the answer to {what} is seen")
        if self._tide.at_s - left_s > request.extensions["timeout"]["read"]:
            raise httpx.ReadTimeout("too late", request=request)
        if served.is_cut:
            raise httpx.RemoteProtocolError("cut", request=request)
        return httpx.Response(served.status, headers=served.headers, content=served.body)

    def stop(self) -> None:
        """Close the books; connections of simferry's come and go without that."""
        self._provider.close()


class _Sent:
    """The request's body, in one piece."""

    def __init__(self, request: httpx.Request) -> None:
        self._body = request.read()

    async def __call__(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}


class _Served:
    """What comes back, and the connection as far as faults reach for it."""

    def __init__(self) -> None:
        self.status, self.headers, self.body, self.is_cut = 0, list[tuple[bytes, bytes]](), b"", False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = cast("int", message["status"])
            self.headers = list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def abort(self) -> None:
        self.is_cut = True

    def hold(self) -> None:
        """A second answer reaches nobody where each request has a connection of its own."""

    def let_go_twice(self) -> None:
        """As `hold`."""


def _scope(request: httpx.Request, served: _Served) -> Scope:
    path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
        "state": {"transport": served},
    }
