"""Paging with emnify's quirks: a silent cap, and a page past the end that answers the last one again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sandbox.emnify.words import PER_PAGE_DEFAULT, PER_PAGE_MAX
from sandbox.exchange import JSON, Answer, Asked
from sandbox.shapes import refuse

NUMBER_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is answered, whatever was asked for."""

    number: int
    per_page: int
    total: int

    @property
    def skip(self) -> int:
        """Rows before it."""
        return (self.number - 1) * self.per_page

    def answer(self, rows: list[JSON]) -> Answer:
        """A bare array with the four headers."""
        return Answer.of(
            200,
            rows,
            {
                "X-Total-Count": str(self.total),
                "X-Total-Pages": str(-(-self.total // self.per_page)),
                "X-Current-Page": str(self.number),
                "X-Count-Per-Page": str(self.per_page),
            },
        )


def page_asked(asked: Asked, total: int, also: Collection[str]) -> Page:
    """The page to answer out of `total` rows; refuses query parameters beyond paging's own and `also`."""
    if unknown := sorted(set(asked.query) - {"page", "per_page", *also}):
        refuse(400, f"Unknown query parameters: {', '.join(unknown)}")
    per_page = min(_positive(asked, "per_page", PER_PAGE_DEFAULT), PER_PAGE_MAX)
    last = max(1, -(-total // per_page))
    return Page(min(_positive(asked, "page", 1), last), per_page, total)


def filters(asked: Asked) -> list[tuple[str, str]]:
    """Names and values of `q=field:value,field:value`."""
    pairs = [part.partition(":") for part in asked.query.get("q", "").split(",") if part]
    if any(not colon or not value for _, colon, value in pairs):
        refuse(400, "q is a list of field:value")
    return [(name, value) for name, _, value in pairs]


def number(text: str, name: str) -> int:
    """A number out of a query."""
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):
        refuse(400, f"{name} must be a number")
    return int(text)


def _positive(asked: Asked, name: str, default: int) -> int:
    value = number(asked.query.get(name, str(default)), name)
    if value < 1:
        refuse(400, f"{name} must be at least 1")
    return value
