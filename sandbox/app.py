"""The sandbox as an ASGI application: reads a request, lets faults stand before the provider, and answers in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox import control
from sandbox.emnify.routes import answer as emnify_answer
from sandbox.emnify.routes import route_of
from sandbox.emnify.service import Service
from sandbox.exchange import Answer, Asked
from sandbox.faults import Act, Faults, Rule
from sandbox.staged import answered_otherwise, broken
from sandbox.traffic import Traffic

BODY_BYTES_MAX = 1_048_576
SLEEP_GRAIN_S = 0.0015
TURNS_TO_CLOSE = 3  # turns of the event loop until a cut connection is known to be gone


@dataclass(slots=True)
class App:
    """The application; `latency_ms` is the least time from arrival to answer."""

    service: Service
    faults: Faults = field(default_factory=Faults)
    traffic: Traffic = field(default_factory=Traffic)
    latency_ms: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrived_s = asyncio.get_running_loop().time()
        try:
            asked = await self._read(scope, receive)
        except ClientDisconnect:
            return
        if isinstance(asked, Answer):
            await _send(asked, scope, receive, send)
        elif asked.path.startswith(control.PREFIX):
            await _send(control.answer(self, asked), scope, receive, send)
        else:
            await self._serve(asked, arrived_s, scope, receive, send)

    async def _serve(self, asked: Asked, arrived_s: float, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        fired = self.faults.fire(asked)
        entry = self.traffic.enter(asked, route_of(asked), self.service.clock.stamp(), fired)
        status: int | None = None
        try:
            answer = self._stage(asked, fired)
            floor_s = max(self.latency_ms / 1000, *(rule.seconds for rule in fired if rule.act is Act.SLOW), 0.0)
            await _until(arrived_s + floor_s)
            if answer is None:
                await _cut(scope)
            else:
                status = answer.status
                await _send(answer, scope, receive, send)
        finally:
            self.traffic.leave(entry, status, loop.time() - arrived_s)

    def _stage(self, asked: Asked, fired: tuple[Rule, ...]) -> Answer | None:
        """The answer after what has fired; None for a connection to cut."""
        rule = None
        for one in fired:
            match one.act:
                case Act.EXPIRE:
                    self.service.expire_tokens()
                case Act.LAG:
                    now_s = self.service.clock.now_s()
                    self.service.books.hold(now_s, now_s + one.seconds)
                case Act.SLOW:
                    pass
                case _:
                    rule = one
        if rule is None:
            return emnify_answer(self.service, asked)
        if rule.act is Act.LATE:
            asyncio.get_running_loop().call_later(rule.seconds, emnify_answer, self.service, asked)
            return None if rule.drop else broken()
        return answered_otherwise(rule, asked, self._provider)

    def _provider(self, asked: Asked, keep: bool) -> Answer:  # noqa: FBT001 - the one choice a fault has
        return emnify_answer(self.service, asked, keep=keep)

    async def _read(self, scope: Scope, receive: Receive) -> Asked | Answer:
        request = Request(scope, receive)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return Answer.of(413, {"message": "Request body too large"})
        return Asked(
            number=self.traffic.number(),
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            client=request.client.host if request.client else "",
        )


async def _until(due_s: float) -> None:
    """Wait for an instant of the loop's clock; its last stretch by turns, because sleeping is exact to 1 ms only."""
    loop = asyncio.get_running_loop()
    if (rest_s := due_s - loop.time() - SLEEP_GRAIN_S) > 0:
        await asyncio.sleep(rest_s)
    while loop.time() < due_s:  # noqa: ASYNC110 - it is an instant that is waited for, and no event tells it
        await asyncio.sleep(0)


async def _send(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    headers = dict(answer.headers)
    if answer.body:
        headers["Content-Type"] = answer.content_type
    await Response(answer.body, answer.status, headers)(scope, receive, send)


async def _cut(scope: Scope) -> None:
    """Close the connection under the client without an answer; `sandbox.wire` hands the transport over."""
    cast("asyncio.Transport", scope["state"]["transport"]).abort()
    for _ in range(TURNS_TO_CLOSE):
        await asyncio.sleep(0)
