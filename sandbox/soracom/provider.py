"""Soracom as the server around it sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from sandbox.exchange import JSON, Answer, Asked
from sandbox.faults import Act, Rule
from sandbox.letters import Letter
from sandbox.positions import as_texts
from sandbox.provider import Rows
from sandbox.soracom import controls, routes, stray
from sandbox.soracom.codes import Code
from sandbox.soracom.pages import KEY_HEADER
from sandbox.soracom.population import GLOBAL, sim_id_of
from sandbox.soracom.refusals import refusal
from sandbox.soracom.returning import settle
from sandbox.soracom.service import Service

FOREIGN_PLACE = 900_000_000  # SIMs from here on are nobody's in the books
TRANSFERRED = "transferredImsi"


@dataclass(slots=True)
class Soracom:
    """A `sandbox.provider.Provider` over Soracom's service."""

    service: Service
    prefixes: tuple[str, ...] = routes.PREFIXES

    def route_of(self, asked: Asked) -> str:
        """The name of the call."""
        return routes.route_of(asked)

    def sims_of(self, asked: Asked) -> tuple[str, ...]:
        """SIM id and primary IMSI of the SIM in the path."""
        pieces = asked.path.split("/")
        if len(pieces) < 4 or "transfer_token" in pieces:
            return ()
        view = self.service.books.view
        for name in pieces[3:5]:
            sim = view.by_sim_id(name)
            if sim is None and (known := view.by_imsi(name)):
                sim = known[0]
            if sim is not None:
                return tuple(dict.fromkeys((name, sim.sim_id, sim.imsi)))
        return ()

    def carries(self, asked: Asked) -> frozenset[Act]:  # noqa: ARG002 - of any request; most take no notice
        """What may happen to SIMs between issue and acceptance."""
        return frozenset({Act.GOES_ACTIVE})

    def admit(self, asked: Asked) -> Answer | None:  # noqa: ARG002 - as many at once as anybody likes
        """None, always: what is limited is how many come in a minute."""
        return None

    def leave(self, asked: Asked) -> None:
        """Nothing was begun."""

    def answer(self, asked: Asked, *, keep: bool = True) -> Answer:
        """The provider's answer."""
        return routes.answer(self.service, asked, keep=keep)

    def throttled(self, retry_after_s: int | None) -> Answer:
        """A 429, without the headers that tell of the minute: it comes from something in between."""
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        return replace(refusal(Code.TOO_MANY), headers=headers)

    def broken(self) -> Answer:
        """A 500."""
        return refusal(Code.BROKEN)

    def refused(self, code: int | str) -> Answer:
        """A refusal with that code, or the sandbox's of that number."""
        return refusal(code if isinstance(code, str) else f"SBX{code:04d}")

    def with_rows(self, answer: Answer, change: Callable[[Rows], Rows]) -> Answer:
        """The list of an answer changed, the IMSIs that were transferred, or a lone SIM."""
        if answer.status >= 300 or not answer.body:
            return answer
        body: JSON = orjson.loads(answer.body)
        if isinstance(body, list):
            return replace(answer, body=orjson.dumps(change(body)))
        if isinstance(body, dict) and isinstance(rows := body.get(TRANSFERRED), list):
            return replace(answer, body=orjson.dumps(body | {TRANSFERRED: change(rows)}))
        return replace(answer, body=orjson.dumps(next(iter(change([body])), {})))

    def with_errors(self, answer: Answer, asked: Asked, count: int) -> Answer:
        """An error in place of each row or IMSI or of the lone SIM; beside the token, the errors of its SIMs."""
        failed: JSON = orjson.loads(refusal(Code.NOT_READY).body)
        if answer.status >= 300 or not answer.body:
            return answer
        body: JSON = orjson.loads(answer.body)
        if isinstance(body, dict) and "token" in body:
            named: JSON = orjson.loads(asked.body).get("transferImsi", [])
            errors: list[JSON] = (
                [{"imsi": one, "error": failed} for one in named[:count]] if isinstance(named, list) else []
            )
            return replace(answer, body=orjson.dumps(body | {"errors": errors}))
        if isinstance(body, dict) and isinstance(rows := body.get(TRANSFERRED), list):
            return replace(answer, body=orjson.dumps(body | {"errors": [failed] * count, TRANSFERRED: rows}))
        return self.with_rows(answer, lambda rows: [failed for _ in rows[:count]] + rows[count:])

    def disturb(self, rule: Rule, asked: Asked) -> None:
        """See `sandbox.soracom.stray`."""
        stray.disturb(self.service, rule, asked, self.sims_of(asked))

    def foreign(self, row: JSON, place: int) -> JSON:
        """The row under another SIM id, or another IMSI."""
        if isinstance(row, str):
            return f"{GLOBAL.imsi_prefix}{FOREIGN_PLACE + place}"
        if not isinstance(row, dict) or "simId" not in row:
            return row
        return row | {"simId": sim_id_of(GLOBAL, FOREIGN_PLACE + place)}

    def wrong_page(self, rule: Rule, asked: Asked) -> Answer:
        """With `repeat` a page that leads to itself; else a page that has no rows and still a next one."""
        answer = self.answer(asked)
        if not rule.repeat:
            return self.with_rows(answer, lambda _: [])
        own = asked.query.get("last_evaluated_key", "")
        return replace(answer, headers={**answer.headers, KEY_HEADER: own}) if own else answer

    def expire_tokens(self) -> None:
        """Every API token issued so far."""
        self.service.expire_tokens()

    def hold_reads(self, seconds: float) -> None:
        """Let reads lag."""
        now_s = self.service.clock.now_s()
        self.service.books.hold(now_s, now_s + seconds)

    def switches(self) -> dict[str, str]:
        """The position of every switch."""
        return as_texts(self.service.switches)

    def switch(self, changes: Mapping[str, str]) -> None:
        """Set some switches."""
        self.service.switch(changes)

    def control(self, name: str, body: JSON) -> Answer | None:
        """See `sandbox.soracom.controls`."""
        return controls.control(self.service, name, body)

    def due(self) -> tuple[Letter, ...]:
        """Let offers run out; Soracom calls nobody."""
        settle(self.service)
        return ()

    def delivered(self, letter: Letter, status: int | None) -> None:
        """Nothing was sent."""

    def last_request(self) -> int:
        """The highest request number."""
        return self.service.last_request()

    def close(self) -> None:
        """Close the books."""
        self.service.books.close()
