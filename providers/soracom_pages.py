"""Lists of Soracom: page after page by the key that each gives for the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from domain.errors import ProviderUnavailable
from providers.bodies import Json, parsed
from providers.calls import Unreadable
from providers.soracom_post import Post, good
from providers.soracom_words import PAGES_MAX, ROWS_PER_PAGE, is_absent
from providers.wire import Answer

KEY = "last_evaluated_key"
KEY_HEADER = "x-soracom-next-key"
_NEXT = re.compile(r"""<([^>]*)>[^,<]*;\s*rel\s*=\s*"?next\b""", re.IGNORECASE)  # RFC 8288 §3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page, as many as it has, and the key of the next; "" after the last."""

    rows: list[T]
    next_key: str


def first_page_of(answer: Answer, read: Callable[[Json], T]) -> Page[T]:
    """The first page; none of it where the answer is a 404, as is documented of a list of SIMs that has none."""
    return Page([], "") if is_absent(answer) else page_of(answer, read)


def page_of(answer: Answer, read: Callable[[Json], T]) -> Page[T]:
    """Any other page; raises `Unreadable` where it is no list."""
    entries = parsed(good(answer))
    if not isinstance(entries, list):
        raise Unreadable("the body is no list")
    return Page([read(entry) for entry in entries], next_key_of(answer))


def next_key_of(answer: Answer) -> str:
    """The next page's key, by its header or else by the link; "" where neither names one."""
    if key := answer.headers.get(KEY_HEADER, "").strip():
        return key
    link = _NEXT.search(answer.headers.get("link", ""))
    if link is None:
        return ""
    found = parse_qs(urlsplit(link[1]).query).get(KEY, [])
    if not found:
        raise Unreadable("its link to the next page has no key")
    return found[0]


def pages(post: Post, path: str, what: str, read: Callable[[Json], T]) -> Iterator[Page[T]]:
    """The list's pages in their order; ends after the last.

    Raises `ProviderUnavailable` where a key comes again, and after PAGES_MAX pages; `read` raises `Unreadable`.
    """
    limit = ("limit", str(ROWS_PER_PAGE))
    page = post.require(post.get(f"list of {what}", path, lambda answer: first_page_of(answer, read), limit))
    seen = set[str]()
    while page.next_key:
        yield page
        if page.next_key in seen:
            raise _no_list(post, what, "leads back to a page that was read already, so it has no end")
        if len(seen) >= PAGES_MAX:
            raise _no_list(post, what, f"has more than {PAGES_MAX:,} pages, which are the most that are read")
        seen.add(page.next_key)
        query = (limit, (KEY, page.next_key))
        page = post.require(post.get(f"list of {what}", path, lambda answer: page_of(answer, read), *query))
    yield page


def whole(post: Post, path: str, what: str, read: Callable[[Json], T]) -> list[T]:
    """All rows of a short list; raises as `pages` does."""
    return [row for page in pages(post, path, what, read) for row in page.rows]


def _no_list(post: Post, what: str, why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"The list of {what} of account {post.name} at Soracom {why}. Nothing was changed by this. "
        "Run the command again; if it says so again, report it to the provider."
    )
