"""emnify as the server around it sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from sandbox.emnify import routes, strays
from sandbox.emnify.service import Service
from sandbox.emnify.words import too_many
from sandbox.exchange import JSON, Answer, Asked
from sandbox.faults import Act, Rule
from sandbox.letters import Letter
from sandbox.provider import Rows

FOREIGN_BODY = 8_900_000_000_000_000_000  # bodies from here on are nobody's in the books
FOREIGN_ID = 900_000_000
ITEM_ERROR = 1599  # A: no document gives such an answer


@dataclass(slots=True)
class Emnify:
    """A `sandbox.provider.Provider` over emnify's service."""

    service: Service
    prefixes: tuple[str, ...] = ("/api/",)

    def route_of(self, asked: Asked) -> str:
        """The name of the call."""
        return routes.route_of(asked)

    def sims_of(self, asked: Asked) -> tuple[str, ...]:  # noqa: ARG002 - a request there is about many
        """None: scripts know emnify's requests by path, number and `dry_run`."""
        return ()

    def carries(self, asked: Asked) -> frozenset[Act]:  # noqa: ARG002 - of no request
        """None: what it does, it does before it answers."""
        return frozenset()

    def admit(self, asked: Asked) -> Answer | None:  # noqa: ARG002 - the documented limits are rates
        """Always; its rates are kept where it answers."""
        return None

    def leave(self, asked: Asked) -> None:
        """Nothing is counted."""

    def answer(self, asked: Asked, *, keep: bool = True) -> Answer:
        """The provider's answer."""
        return routes.answer(self.service, asked, keep=keep)

    def throttled(self, retry_after_s: int | None) -> Answer:
        """A 429 with the body of a rate that is passed."""
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        return replace(too_many(), headers=headers)

    def broken(self) -> Answer:
        """A 500."""
        return Answer.of(500, {"message": "Internal Server Error"})

    def refused(self, code: int | str) -> Answer:
        """A 422 with that code."""
        return Answer.of(422, {"error_code": code, "error_token": "Refused", "message": "Refused by the fault script"})

    def with_rows(self, answer: Answer, change: Callable[[Rows], Rows]) -> Answer:
        """A bare array, or the `sims` of an object."""
        if answer.status != 200:
            return answer
        body: JSON = orjson.loads(answer.body)
        if isinstance(body, list):
            return replace(answer, body=orjson.dumps(change(body)))
        if isinstance(body, dict) and isinstance(sims := body.get("sims"), list):
            return replace(answer, body=orjson.dumps(body | {"sims": change(sims)}))
        return answer

    def with_errors(self, answer: Answer, asked: Asked, count: int) -> Answer:  # noqa: ARG002 - the rows say enough
        """An error in each row, or in the lone SIM."""
        if answer.status != 200 or not answer.body:
            return answer
        body: JSON = orjson.loads(answer.body)
        if isinstance(body, dict) and "sims" not in body:
            return replace(answer, body=orjson.dumps(_failed(body)))
        return self.with_rows(answer, lambda rows: [_failed(row) for row in rows[:count]] + rows[count:])

    def disturb(self, rule: Rule, asked: Asked) -> None:
        """See `sandbox.emnify.strays`."""
        strays.disturb(self.service, rule, routes.with_ids(asked))

    def foreign(self, row: JSON, place: int) -> JSON:
        """The row under another id and body."""
        return row | {"id": FOREIGN_ID + place, "iccid": str(FOREIGN_BODY + place)} if isinstance(row, dict) else row

    def wrong_page(self, rule: Rule, asked: Asked) -> Answer:
        """X-Total-Count off by `count`, the page before once more, or a page without rows."""
        if rule.empty:
            return self.with_rows(self.answer(asked), lambda _: [])
        if rule.repeat:
            page = int(asked.query.get("page", "1"))
            answer = self.answer(replace(asked, query={**asked.query, "page": str(max(1, page - rule.count))}))
            return replace(answer, headers={**answer.headers, "X-Current-Page": str(page)})
        answer = self.answer(asked)
        total = int(answer.headers.get("X-Total-Count", "0"))
        return replace(answer, headers={**answer.headers, "X-Total-Count": str(total + rule.count)})

    def expire_tokens(self) -> None:
        """Every auth_token issued so far."""
        self.service.expire_tokens()

    def hold_reads(self, seconds: float) -> None:
        """Let reads lag."""
        now_s = self.service.clock.now_s()
        self.service.books.hold(now_s, now_s + seconds)

    def switches(self) -> dict[str, str]:
        """The position of every switch."""
        return self.service.switches.as_dict()

    def switch(self, changes: Mapping[str, str]) -> None:
        """Set some switches."""
        self.service.switch(**changes)

    def control(self, name: str, body: JSON) -> Answer | None:  # noqa: ARG002 - there is none
        """No control of its own."""
        return None

    def due(self) -> tuple[Letter, ...]:
        """Nothing happens by itself, and nobody is called back."""
        return ()

    def delivered(self, letter: Letter, status: int | None) -> None:
        """Nothing was sent."""

    def last_request(self) -> int:
        """The highest request number."""
        return self.service.last_request()

    def close(self) -> None:
        """Close the books."""
        self.service.books.close()


def _failed(row: JSON) -> JSON:
    """A SIM's row that says an error instead of where the SIM is."""
    sim = row if isinstance(row, dict) else {}
    named = {name: sim[name] for name in ("id", "iccid") if name in sim}
    return named | {"error_code": ITEM_ERROR, "error_token": "ItemFailed", "message": "The SIM was not changed"}
