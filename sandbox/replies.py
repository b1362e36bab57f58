"""How an answer leaves: at its instant, whole, or not at all."""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.exchange import Answer
from sandbox.wire import Line

SLEEP_GRAIN_S = 0.0015
TURNS_TO_CLOSE = 3  # turns of the event loop until a cut connection is known to be gone


async def until(due_s: float) -> None:
    """Wait for an instant of the loop's clock; its last stretch by turns, because sleeping is exact to 1 ms only."""
    loop = asyncio.get_running_loop()
    if (rest_s := due_s - loop.time() - SLEEP_GRAIN_S) > 0:
        await asyncio.sleep(rest_s)
    while loop.time() < due_s:  # noqa: ASYNC110 - it is an instant that is waited for, and no event tells it
        await asyncio.sleep(0)


async def send_answer(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer whole."""
    headers = dict(answer.headers)
    if answer.body:
        headers["Content-Type"] = answer.content_type
    await Response(answer.body, answer.status, headers)(scope, receive, send)


async def send_twice(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer whole, and the same bytes once more in the same piece."""
    line = cast("Line", scope["state"]["transport"])
    line.hold()
    try:
        await send_answer(answer, scope, receive, send)
    finally:
        line.let_go_twice()


async def cut(scope: Scope) -> None:
    """Close the connection under the client without an answer; `sandbox.wire` hands the transport over."""
    cast("Line", scope["state"]["transport"]).abort()
    for _ in range(TURNS_TO_CLOSE):
        await asyncio.sleep(0)
