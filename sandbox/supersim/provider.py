"""Super SIM as the server around it sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import orjson

from domain.errors import UsageError
from domain.identifiers import printed
from sandbox.exchange import JSON, Answer, Asked
from sandbox.faults import INSIDE, Act, Rule
from sandbox.letters import Letter
from sandbox.positions import as_texts
from sandbox.provider import Rows
from sandbox.supersim import callbacks, routes, strays
from sandbox.supersim.refusals import RETRY_AFTER_S, refusal, too_many
from sandbox.supersim.service import Service
from sandbox.supersim.settling import settle, use_data
from sandbox.supersim.switches import RetryAfter
from sandbox.supersim.words import Code

FOREIGN_BODY = 8_988_307_900_000_000_000  # bodies from here on are nobody's in the books


@dataclass(slots=True)
class SuperSim:
    """A `sandbox.provider.Provider` over Super SIM's service."""

    service: Service
    prefixes: tuple[str, ...] = routes.PREFIXES

    def route_of(self, asked: Asked) -> str:
        """The name of the call."""
        return routes.route_of(asked)

    def sims_of(self, asked: Asked) -> tuple[str, ...]:
        """Sid, ICCID and unique name of the SIM in the path, or the ICCID that is asked for."""
        _, name = routes.find(asked)
        caller = self.service.recognised(asked)
        if not name or caller is None:
            form = dict(parse_qsl(asked.body.decode("utf-8", "replace")))
            return tuple(filter(None, (asked.query.get("Iccid"), asked.query.get("Sim"), form.get("Iccid"))))
        view = self.service.books.view
        sim = view.by_sid(name) or view.by_name(caller.account.id, name)
        return (name,) if sim is None else tuple(filter(None, (sim.sid, sim.iccid, sim.unique_name)))

    def carries(self, asked: Asked) -> frozenset[Act]:
        """What updates come to; an account is changed at once, so that is late only if the sandbox makes it so."""
        at_once = b"AccountSid=" in asked.body
        return INSIDE - ({Act.GOES_ACTIVE, Act.DONE_LATE} if at_once else {Act.GOES_ACTIVE})

    def admit(self, asked: Asked) -> Answer | None:
        """Count the caller's requests under way, and refuse one too many."""
        caller, switches = self.service.recognised(asked), self.service.switches
        if caller is None:
            return None
        account_id, under_way = caller.account.id, self.service.under_way
        if 0 < switches.calls_at_once_max <= sum(1 for whose in under_way.values() if whose == account_id):
            return too_many(RETRY_AFTER_S if switches.retry_after is RetryAfter.PRESENT else None)
        under_way[asked.number] = account_id
        return None

    def leave(self, asked: Asked) -> None:
        """Count one less."""
        self.service.under_way.pop(asked.number, None)

    def answer(self, asked: Asked, *, keep: bool = True) -> Answer:
        """The provider's answer."""
        return routes.answer(self.service, asked, keep=keep)

    def throttled(self, retry_after_s: int | None) -> Answer:
        """A 429, code 20429."""
        return too_many(retry_after_s)

    def broken(self) -> Answer:
        """A 500, code 20500."""
        return refusal(Code.BROKEN)

    def refused(self, code: int | str) -> Answer:
        """A refusal with that code."""
        return refusal(code)

    def with_rows(self, answer: Answer, change: Callable[[Rows], Rows]) -> Answer:
        """The list of an answer changed, or a lone SIM; a lone SIM that is left out leaves nothing but braces."""
        if answer.status >= 300:
            return answer
        body: JSON = orjson.loads(answer.body)
        if not isinstance(body, dict):
            return answer
        meta = body.get("meta")
        key = meta.get("key") if isinstance(meta, dict) else None
        if isinstance(key, str) and isinstance(rows := body.get(key), list):
            return replace(answer, body=orjson.dumps(body | {key: change(rows)}))
        return replace(answer, body=orjson.dumps(next(iter(change([body])), {})))

    def with_errors(self, answer: Answer, asked: Asked, count: int) -> Answer:  # noqa: ARG002 - the rows say enough
        """The body of a refusal in place of each row, or of the lone SIM."""
        failed: JSON = orjson.loads(refusal(Code.UPDATE_FAILED).body)
        return self.with_rows(answer, lambda rows: [failed for _ in rows[:count]] + rows[count:])

    def disturb(self, rule: Rule, asked: Asked) -> None:
        """See `sandbox.supersim.strays`."""
        strays.disturb(self.service, rule, self.sims_of(asked))

    def foreign(self, row: JSON, place: int) -> JSON:
        """The row under another sid and ICCID."""
        if not isinstance(row, dict) or "sid" not in row:
            return row
        return row | {"sid": f"{str(row['sid'])[:2]}{place:032x}", "iccid": printed(str(FOREIGN_BODY + place))}

    def wrong_page(self, rule: Rule, asked: Asked) -> Answer:
        """With `repeat` a page that leads to itself; else a page that has no rows and still a next one."""
        answer = self.answer(asked)
        body: JSON = orjson.loads(answer.body)
        meta = body.get("meta") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(meta, dict):
            return answer
        if not rule.repeat:
            return self.with_rows(answer, lambda _: [])
        return replace(answer, body=orjson.dumps(body | {"meta": meta | {"next_page_url": meta["url"]}}))

    def expire_tokens(self) -> None:
        """Every access token of KORE's issued so far."""
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
        """`usage`: let the SIM of an ICCID use some bytes, `{"iccid": …, "bytes": …}`."""
        if name != "usage":
            return None
        iccid, amount = (body.get("iccid"), body.get("bytes")) if isinstance(body, dict) else (None, None)
        if not isinstance(iccid, str) or not isinstance(amount, int):
            raise UsageError("The body must be an object with iccid (text) and bytes (a whole number).")
        settle(self.service)
        sim = self.service.books.view.by_iccid(iccid)
        if sim is None:
            raise UsageError(f"No SIM has the ICCID {iccid}.")
        with self.service.books.change():
            use_data(self.service, sim.id, amount)
        return Answer(204)

    def due(self) -> tuple[Letter, ...]:
        """End what is due, and give out the callbacks."""
        settle(self.service)
        return callbacks.take(self.service)

    def delivered(self, letter: Letter, status: int | None) -> None:
        """Write down what became of a callback."""
        callbacks.delivered(self.service, letter.number, status)

    def last_request(self) -> int:
        """The highest request number."""
        return self.service.last_request()

    def close(self) -> None:
        """Close the books."""
        self.service.books.close()
