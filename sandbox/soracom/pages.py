"""Lists by pages: the key of the last row leads on, in a header, in a link, or in both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.exchange import JSON, Answer, Asked
from sandbox.soracom.asking import number_in, query_of
from sandbox.soracom.service import Service
from sandbox.soracom.switches import ListEnd, NextPage, PageFill
from sandbox.soracom.words import PAGE_ROWS_MAX

PAGING = ("limit", "last_evaluated_key")
KEY_HEADER, LINK_HEADER = "x-soracom-next-key", "link"
SHORT_SHARE = 2 / 3  # of the rows that were asked for, where pages are short

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """What a list request wants: `rows` rows behind the key, or the first ones where that is ""."""

    asked: Asked
    rows: int
    key: str
    next_page: NextPage
    list_end: ListEnd

    def of(self, found: Sequence[T], show: Callable[[T], JSON], key_of: Callable[[T], str]) -> Answer:
        """The answer of up to `rows + 1` rows that are there behind the key."""
        shown = found[: self.rows]
        more = len(found) > self.rows or (self.list_end is ListEnd.EMPTY_PAGE and len(shown) == self.rows)
        headers = self.headers(key_of(shown[-1])) if shown and more else {}
        return Answer.of(200, [show(row) for row in shown], headers)

    def headers(self, key: str) -> dict[str, str]:
        """What leads to the page behind a key."""
        query = urlencode({**self.asked.query, "last_evaluated_key": key})
        link = f"<{self.asked.path}?{query}>; rel=next"
        both = {KEY_HEADER: key, LINK_HEADER: link}
        match self.next_page:
            case NextPage.BOTH:
                return both
            case NextPage.HEADER:
                return {KEY_HEADER: key}
            case NextPage.LINK:
                return {LINK_HEADER: link}


def page_asked(service: Service, asked: Asked, filters: Collection[str] = (), default: int = PAGE_ROWS_MAX) -> Page:
    """The page that a list request wants; refuses unknown parameters, and limits out of bounds."""
    query = query_of(asked, {*filters, *PAGING})
    rows = number_in(query, "limit", 1, PAGE_ROWS_MAX, default)
    if service.switches.page_fill is PageFill.SHORT:
        rows = max(1, int(rows * SHORT_SHARE))
    key = query.get("last_evaluated_key", "")
    return Page(asked, rows, key, service.switches.next_page, service.switches.list_end)
