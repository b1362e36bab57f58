"""A small HTTP server that believes signed callbacks alone, and lets each of them do one thing: leave a mark.

    path? ── method? ── size? ── signature? ── names a SIM? ──► ring, 204
      404      405        413        403            400

It keeps counts; what a callback says is neither kept nor shown.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import UsageError
from providers.supersim_callbacks import Desk
from providers.supersim_signatures import KORE_HEADER, METHODS, TWILIO_HEADER, Arrived, is_signed, sim_of

BODY_BYTES_MAX = QUERY_BYTES_MAX = 16 * 1024  # a callback has some 200
READ_S_MAX = 10.0
REQUESTS_AT_ONCE_MAX = 256
KEEP_ALIVE_S = 5
GRACE_S = 1
BACKLOG = 1_024


class Verdict(StrEnum):
    """What became of one request."""

    WOKEN = "woken"
    UNMARKED = "unmarked"  # believed, and the mark could not be left
    PATH = "path"
    METHOD = "method"
    SIZE = "size"
    SLOW = "slow"
    GONE = "gone"  # the caller went away while it was read
    SIGNATURE = "signature"
    SHAPE = "shape"


STATUS = {
    Verdict.WOKEN: 204,
    Verdict.UNMARKED: 503,  # which asks the provider to try once more
    Verdict.PATH: 404,
    Verdict.METHOD: 405,
    Verdict.SIZE: 413,
    Verdict.SLOW: 408,
    Verdict.GONE: 400,
    Verdict.SIGNATURE: 403,
    Verdict.SHAPE: 400,
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """The application. `ring` leaves the mark, or raises `OSError`; `hint` hears the first verdict of each kind."""

    desk: Desk
    ring: Callable[[str], None]
    hint: Callable[[Verdict], None]
    counts: Counter[Verdict] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request, do what it asks for, answer and count."""
        verdict = await self._judge(Request(scope, receive))
        self.counts[verdict] += 1
        if self.counts[verdict] == 1:
            self.hint(verdict)
        if verdict is not Verdict.GONE:
            headers = {"Allow": ", ".join(METHODS)} if verdict is Verdict.METHOD else {}
            await Response(status_code=STATUS[verdict], headers=headers)(scope, receive, send)

    async def _judge(self, request: Request) -> Verdict:
        # from the scope, since starlette builds its URL with the host that the caller claims
        path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
        urls = [url for url in self.desk.urls if url.path == path]
        if not urls:
            return Verdict.PATH
        if request.method not in METHODS:
            return Verdict.METHOD
        body = await _body(request) if len(query) <= QUERY_BYTES_MAX else Verdict.SIZE
        if isinstance(body, Verdict):
            return body
        signatures = (request.headers.get(name, "") for name in (TWILIO_HEADER, KORE_HEADER))
        arrived = Arrived(request.method, query, body, *signatures)
        return (
            self._mark(arrived) if any(is_signed(arrived, url, self.desk.keys) for url in urls) else Verdict.SIGNATURE
        )

    def _mark(self, believed: Arrived) -> Verdict:
        """Leave the mark; not in a thread, where marks would wait for each other's lock longer than one takes."""
        sim_id = sim_of(believed)
        if sim_id is None:
            return Verdict.SHAPE
        try:
            self.ring(sim_id)
        except OSError:
            return Verdict.UNMARKED
        return Verdict.WOKEN


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, on any free port for 0; raises `UsageError` where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(
            f"Nothing can listen at {host}, port {port}: {error.strerror or error}. Choose another: --host, --port."
        ) from error


def serve(receiver: Receiver, listening: socket.socket) -> None:
    """Answer until SIGINT or SIGTERM; then raises `KeyboardInterrupt`, as those do elsewhere."""
    settings = uvicorn.Config(
        receiver,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # else each scanner that speaks no HTTP is a line
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks who called, or how
        limit_concurrency=REQUESTS_AT_ONCE_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    asyncio.run(uvicorn.Server(settings).serve([listening]))


async def _body(request: Request) -> bytes | Verdict:
    """The whole body, or why there is none."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S_MAX):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    return Verdict.SIZE
    except TimeoutError:
        return Verdict.SLOW
    except ClientDisconnect:
        return Verdict.GONE
    return bytes(body)
