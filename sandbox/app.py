"""The sandbox as an ASGI application: reads a request, lets faults stand before the provider, and answers in time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from sandbox import control
from sandbox.clock import Clock
from sandbox.exchange import Answer, Asked
from sandbox.faults import AROUND, Act, Faults, Rule
from sandbox.letters import Letter, deliver
from sandbox.provider import Provider
from sandbox.replies import cut, send_answer, send_twice, until
from sandbox.staged import answered_otherwise
from sandbox.traffic import Traffic

BODY_BYTES_MAX = 1_048_576
TICK_S = 0.01  # how late what happens by itself may be
NOBODY = Answer.of(404, {"message": "No provider of this sandbox serves such a path."})


@dataclass(slots=True)
class App:
    """The application; `latency_ms` is the least time from arrival to answer."""

    providers: tuple[Provider, ...]
    clock: Clock
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
            await send_answer(asked, scope, receive, send)
        elif asked.path.startswith(control.PREFIX):
            await send_answer(control.answer(self, asked), scope, receive, send)
        elif provider := self._provider(asked.path):
            await self._serve(provider, asked, arrived_s, scope, receive, send)
        else:
            await send_answer(NOBODY, scope, receive, send)

    async def keep_time(self) -> None:
        """Let happen, for as long as it runs, what happens without a request: due changes and callbacks."""
        posts: set[asyncio.Task[None]] = set()
        while True:
            for provider in self.providers:
                for letter in provider.due():
                    posts.add(post := asyncio.create_task(_post(provider, letter)))
                    post.add_done_callback(posts.discard)
            await asyncio.sleep(TICK_S)

    def switch(self, changes: Mapping[str, str]) -> None:
        """Set switches of whichever provider has them; raises `UsageError` for one that none has."""
        control.switch(self.providers, changes)

    def _provider(self, path: str) -> Provider | None:
        return next((provider for provider in self.providers if path.startswith(provider.prefixes)), None)

    async def _serve(
        self, provider: Provider, asked: Asked, arrived_s: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        fired = self.faults.fire(asked, provider.sims_of)
        entry = self.traffic.enter(asked, provider.route_of(asked), self.clock.stamp(), fired)
        status: int | None = None
        refusal = provider.admit(asked)
        try:
            answer = refusal or self._stage(provider, asked, fired)
            floor_s = max(self.latency_ms / 1000, *(rule.seconds for rule in fired if rule.act is Act.SLOW), 0.0)
            await until(arrived_s + floor_s)
            if answer is None:
                await cut(scope)
            elif any(rule.act is Act.ANSWER_TWICE for rule in fired):
                status = answer.status
                await send_twice(answer, scope, receive, send)
            else:
                status = answer.status
                await send_answer(answer, scope, receive, send)
        finally:
            if refusal is None:
                provider.leave(asked)
            self.traffic.leave(entry, status, loop.time() - arrived_s)

    def _stage(self, provider: Provider, asked: Asked, fired: tuple[Rule, ...]) -> Answer | None:
        """The answer after what has fired; None for a connection to cut."""
        carried = provider.carries(asked)
        asked = replace(asked, inside=tuple(one for one in fired if one.act in carried))
        for one in fired:
            match one.act:
                case Act.EXPIRE:
                    provider.expire_tokens()
                case Act.LAG:
                    provider.hold_reads(one.seconds)
                case Act.CHANGES | Act.VANISHES:
                    provider.disturb(one, asked)
                case _:
                    pass
        late = [one for one in fired if one.act is Act.DONE_LATE and one not in asked.inside]
        rule = next((one for one in (*late, *fired) if one in late or one.act not in AROUND), None)
        if rule is None:
            return provider.answer(asked)
        if rule.act in {Act.LATE, Act.DONE_LATE}:
            now = provider.answer(asked, keep=False) if rule.act is Act.DONE_LATE else provider.broken()
            asyncio.get_running_loop().call_later(rule.seconds, provider.answer, asked)
            return None if rule.drop else now
        return answered_otherwise(rule, asked, provider)

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
            path=scope["path"],
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            client=request.client.host if request.client else "",
        )


async def _post(provider: Provider, letter: Letter) -> None:
    provider.delivered(letter, await asyncio.to_thread(deliver, letter))
