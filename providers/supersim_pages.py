"""Lists of Super SIM: page after page by the URL that each gives for the next, at the host that was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from domain.errors import ProviderUnavailable
from providers.bodies import Json, object_of, parsed
from providers.calls import Unreadable
from providers.hosts import path_at
from providers.supersim_post import Post, good, is_absent
from providers.supersim_words import PAGES_MAX
from providers.wire import Answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page, and the URL of the next as it stands there; None after the last."""

    rows: list[T]
    next_url: str | None


def page_of(answer: Answer, key: str, read: Callable[[Json], T]) -> Page[T]:
    """A page whose rows are under `key`; raises `Unreadable` where that or the next page's URL is not even there."""
    body = object_of(parsed(good(answer)))
    entries, following = body.get(key), object_of(body.get("meta")).get("next_page_url", False)
    if not isinstance(entries, list):
        raise Unreadable(f"no {key} in it")
    if following is not None and not (isinstance(following, str) and following):
        raise Unreadable("it does not say whether there is a next page")
    if following is not None and not entries:
        raise Unreadable("a page without rows that is not the last")  # rows that are missing would not be missed
    return Page([read(entry) for entry in entries], following)


def page_if_there(answer: Answer, key: str, read: Callable[[Json], T]) -> Page[T]:
    """As `page_of`; a last page without rows where what the list hangs on is not there, or out of sight."""
    return Page([], None) if is_absent(answer) else page_of(answer, key, read)


def pages(
    post: Post,
    path: str,
    key: str,
    read: Callable[[Json], T],
    page_of: Callable[[Answer, str, Callable[[Json], T]], Page[T]] = page_of,
) -> Iterator[Page[T]]:
    """The list's pages in their order, each read by `page_of`; ends after the last.

    Raises `ProviderUnavailable` for a next page elsewhere, where the credentials would go too, for one that was read
    before, and after PAGES_MAX pages; `read` raises `Unreadable`.
    """
    seen: set[str] = set()
    for _ in range(PAGES_MAX):
        marks = _marks(path)
        if seen & marks:
            raise _no_list(post, key, "leads back to a page that was read already, so it has no end")
        seen |= marks
        page = post.require(post.get(f"list of {key}", path, lambda answer: page_of(answer, key, read)))
        yield page
        if page.next_url is None:
            return
        following = path_at(post.base_url, page.next_url)
        if following is None:
            raise _no_list(post, key, f"goes on at another place than {post.base_url}, where nothing is sent")
        path = following
    raise _no_list(post, key, f"has more than {PAGES_MAX:,} pages, which are the most that are read")


def whole(post: Post, path: str, key: str, read: Callable[[Json], T]) -> list[T]:
    """All rows of a short list; raises as `pages` does."""
    return [row for page in pages(post, path, key, read) for row in page.rows]


def whole_if_there(post: Post, path: str, key: str, read: Callable[[Json], T]) -> list[T]:
    """As `whole`; none where what the list hangs on is not there, or out of sight."""
    return [row for page in pages(post, path, key, read, page_if_there) for row in page.rows]


def _marks(path: str) -> set[str]:
    """What must not come twice: the URL, and the token in it wherever it leads."""
    return {path, *(f"token {token}" for token in parse_qs(urlsplit(path).query).get("PageToken", []))}


def _no_list(post: Post, key: str, what: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"The list of {key} of account {post.name} at Super SIM {what}. Nothing was changed by this. "
        "Run the command again; if it says so again, report it to the provider."
    )
