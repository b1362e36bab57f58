"""What a fault makes of an answer: steps around the provider's own."""

from __future__ import annotations

from dataclasses import replace

from sandbox.exchange import Answer, Asked
from sandbox.faults import Act, Rule
from sandbox.provider import Provider, Rows

WEB_PAGE = b"<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>"


def answered_otherwise(  # noqa: C901, PLR0911, PLR0912 - one case per act
    rule: Rule, asked: Asked, provider: Provider
) -> Answer | None:
    """The answer that a fault lets out; None where the connection is to be cut."""
    match rule.act:
        case Act.THROTTLE:
            return provider.throttled(rule.retry_after_s)
        case Act.REFUSE:
            return provider.refused(rule.code)
        case Act.ERROR_BEFORE:
            return provider.broken()
        case Act.DROP_BEFORE:
            return None
        case Act.ERROR_AFTER:
            provider.answer(asked)
            return provider.broken()
        case Act.DROP_AFTER:
            provider.answer(asked)
            return None
        case Act.PARTIAL:
            provider.answer(replace(asked, first_only=rule.count))
            return provider.broken()
        case Act.LIE:
            return provider.answer(asked, keep=False)
        case Act.ARRIVE_TWICE:
            provider.answer(asked)
            return provider.answer(asked)
        case Act.ITEM_ERRORS:
            return provider.with_errors(provider.answer(replace(asked, spared=rule.count)), asked, rule.count)
        case Act.TRUNCATE:
            whole = provider.answer(asked)
            return replace(whole, body=whole.body[: len(whole.body) // 2])
        case Act.NOT_JSON:
            provider.answer(asked)
            return Answer(200, WEB_PAGE, content_type="text/html; charset=utf-8")
        case Act.KEYLESS:
            provider.answer(asked)
            return Answer.of(200, {})
        case Act.OMIT:
            return provider.with_rows(provider.answer(asked), lambda rows: rows[: max(0, len(rows) - rule.count)])
        case Act.FOREIGN:
            return provider.with_rows(provider.answer(asked), lambda rows: _renamed(provider, rows, rule.count))
        case Act.WRONG_PAGES:
            return provider.wrong_page(rule, asked)
        case _:
            raise AssertionError(f"{rule.act} surrounds an answer and is no answer itself")


def _renamed(provider: Provider, rows: Rows, count: int) -> Rows:
    """The first `count` SIMs under ids and ICCIDs of nobody."""
    return [provider.foreign(row, place) for place, row in enumerate(rows[:count])] + rows[count:]
