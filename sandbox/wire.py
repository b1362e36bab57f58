"""uvicorn's HTTP/1.1 protocol, handing each request its connection, for faults that cut it or say things twice."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class Line(asyncio.Transport):
    """A connection that can hold back what is written to it, and then write it twice in one piece."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._held: bytearray | None = None

    def hold(self) -> None:
        """Keep from now on what is written."""
        self._held = bytearray()

    def let_go_twice(self) -> None:
        """Write what was kept, and once more; nothing is kept any longer."""
        if self._held is not None:
            held, self._held = bytes(self._held), None
            self._transport.write(held + held)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, or keep."""
        if self._held is None:
            self._transport.write(data)
        else:
            self._held += data

    def close(self) -> None:
        """Close behind what was written."""
        self.let_go_twice()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as asyncio has it
        """What asyncio knows of the connection."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Read nothing for a while."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


class CuttableProtocol(H11Protocol):
    """Puts the connection into the request's `state`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """Remember the connection where the application finds it."""
        line = Line(transport)
        super().connection_made(line)
        self.app_state = {**self.app_state, "transport": line}
