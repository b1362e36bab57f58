"""What a fault makes of an answer: pure steps around the provider's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson

from sandbox.exchange import JSON, Answer, Asked
from sandbox.faults import Act, Rule

WEB_PAGE = b"<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>"
FOREIGN_BODY = 8_900_000_000_000_000_000  # bodies from here on are nobody's in the books
FOREIGN_ID = 900_000_000

Provider = Callable[[Asked, bool], Answer]


def answered_otherwise(  # noqa: C901, PLR0911, PLR0912 - one case per act
    rule: Rule, asked: Asked, provider: Provider
) -> Answer | None:
    """The answer that a fault lets out; None where the connection is to be cut.

    `provider(asked, keep)` is the undisturbed provider; what it does is undone where `keep` is false.
    """
    match rule.act:
        case Act.THROTTLE:
            return throttled(rule.retry_after_s)
        case Act.ERROR_BEFORE:
            return broken()
        case Act.DROP_BEFORE:
            return None
        case Act.ERROR_AFTER:
            provider(asked, True)
            return broken()
        case Act.DROP_AFTER:
            provider(asked, True)
            return None
        case Act.PARTIAL:
            provider(replace(asked, first_only=rule.count), True)
            return broken()
        case Act.LIE:
            return provider(asked, False)
        case Act.TRUNCATE:
            whole = provider(asked, True)
            return replace(whole, body=whole.body[: len(whole.body) // 2])
        case Act.NOT_JSON:
            provider(asked, True)
            return Answer(200, WEB_PAGE, content_type="text/html; charset=utf-8")
        case Act.OMIT:
            return _with_sims(provider(asked, True), lambda sims: sims[: max(0, len(sims) - rule.count)])
        case Act.FOREIGN:
            return _with_sims(provider(asked, True), lambda sims: _renamed(sims, rule.count))
        case Act.WRONG_PAGES:
            return _wrong_page(rule, asked, provider)
        case _:
            raise AssertionError(f"{rule.act} surrounds an answer and is no answer itself")


def broken() -> Answer:
    """A 500 as a gateway gives it."""
    return Answer.of(500, {"message": "Internal Server Error"})


def throttled(retry_after_s: int | None) -> Answer:
    """A 429, without Retry-After unless the script says so."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    value: JSON = {"error_code": 1105, "error_token": "TooManyRequests", "message": "Too many requests"}
    return Answer.of(429, value, headers)


def _with_sims(answer: Answer, change: Callable[[list[JSON]], list[JSON]]) -> Answer:
    """The answer with its SIMs changed: a bare array, or the `sims` of an object; counts stay as they were."""
    if answer.status != 200:
        return answer
    body: JSON = orjson.loads(answer.body)
    if isinstance(body, list):
        return replace(answer, body=orjson.dumps(change(body)))
    if isinstance(body, dict) and isinstance(sims := body.get("sims"), list):
        return replace(answer, body=orjson.dumps(body | {"sims": change(sims)}))
    return answer


def _renamed(sims: list[JSON], count: int) -> list[JSON]:
    """The first `count` SIMs under ids and ICCIDs of nobody."""
    foreign = [
        sim | {"id": FOREIGN_ID + place, "iccid": str(FOREIGN_BODY + place)} if isinstance(sim, dict) else sim
        for place, sim in enumerate(sims[:count])
    ]
    return foreign + sims[count:]


def _wrong_page(rule: Rule, asked: Asked, provider: Provider) -> Answer:
    if rule.repeat:
        page = int(asked.query.get("page", "1"))
        answer = provider(replace(asked, query={**asked.query, "page": str(max(1, page - rule.count))}), True)
        return replace(answer, headers={**answer.headers, "X-Current-Page": str(page)})
    answer = provider(asked, True)
    total = int(answer.headers.get("X-Total-Count", "0"))
    return replace(answer, headers={**answer.headers, "X-Total-Count": str(total + rule.count)})
