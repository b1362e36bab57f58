"""The server's own process: serves until its standard input ends, which it does when the parent is gone.

Started as `python -m sandbox.child SETTINGS`; prints one line, the port, when it listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
import uvicorn

from sandbox.app import App
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.homes import FILES, books_in
from sandbox.scripts import read_script
from sandbox.table import PROVIDERS
from sandbox.traffic import Traffic
from sandbox.wire import CuttableProtocol

HOST = "127.0.0.1"
KEEP_ALIVE_S = 75
GRACE_S = 1
BACKLOG = 1_024
STANDARD_INPUT = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server is started with."""

    home: str
    port: int = 0
    latency_ms: float = 0.0
    rate_scale: float = 1.0
    faults: str | None = None
    switches: dict[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """One argument for the child's command line."""
        return orjson.dumps(asdict(self)).decode()


def build(settings: Settings) -> App:
    """The application over the books in the home; raises `UsageError` for a bad fault script or switch."""
    faults, clock, home = Faults(), Clock(), Path(settings.home)
    if settings.faults is not None:
        faults.replace(read_script(Path(settings.faults)))
    providers = tuple(PROVIDERS[name].open(home / FILES[name], clock, settings.rate_scale) for name in books_in(home))
    first = max((provider.last_request() for provider in providers), default=0) + 1
    app = App(providers, clock, faults, Traffic(first), settings.latency_ms)
    app.switch(settings.switches)
    return app


def serve(settings: Settings) -> None:
    """Serve until standard input ends."""
    app = build(settings)
    # asyncio switches off Nagle only for sockets that say TCP; with it small answers wait 40 ms for an ACK
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, settings.port))
    listening.listen(BACKLOG)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    asyncio.run(_run(app, server, listening))
    for provider in app.providers:
        provider.close()


async def _run(app: App, server: uvicorn.Server, listening: socket.socket) -> None:
    """Serve, and keep time beside it; an error there ends the server and is raised."""

    def end(_: asyncio.Task[None]) -> None:
        server.should_exit = True

    keeping_time = asyncio.create_task(app.keep_time())
    keeping_time.add_done_callback(end)
    await server.serve([listening])
    keeping_time.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping_time


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    while os.read(STANDARD_INPUT, 1):  # not sys.stdin, whose lock would be in the way of an exit by signal
        pass
    server.should_exit = True


if __name__ == "__main__":
    serve(Settings(**orjson.loads(sys.argv[1])))
