"""Pages with opaque tokens, and the absolute URLs of a list's `meta` on the host that was asked."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sandbox.exchange import JSON, Answer, Asked
from sandbox.supersim.asking import number_of, query_of
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.words import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Code

PAGING = ("PageSize", "Page", "PageToken")
NUMBER_MAX = 999_999_999
TOKEN = re.compile(r"P(?P<way>[AB])(?P<place>[0-9a-f]{1,15})\.(?P<seal>[0-9a-f]{24})", re.ASCII)
FIRST = -1  # a place before any other


@dataclass(frozen=True, slots=True)
class Page:
    """What a list request wants: `size` rows behind `place` (before it, when `backwards`)."""

    base: str  # scheme, host and path
    filters: Mapping[str, str]
    size: int
    number: int  # "simply for client state"
    place: int
    backwards: bool
    secret: bytes
    whose: int  # the account

    def answer(self, key: str, rows: list[JSON], ends: tuple[int, int] | None, *, more: bool) -> Answer:
        """The list; `ends` are the places of its first and last row, and `more` that there are rows beyond."""
        following = earlier = None
        if ends is not None and (more or self.backwards):
            following = self._url(self.number + 1, self._token("A", ends[1]))
        if ends is not None and self.number > 0 and (not self.backwards or more):
            earlier = self._url(self.number - 1, self._token("B", ends[0]))
        meta: dict[str, JSON] = {
            "first_page_url": self._url(0, None),
            "key": key,
            "next_page_url": following,
            "page": self.number,
            "page_size": self.size,
            "previous_page_url": earlier,
            "url": self._url(self.number, None if self.place == FIRST else self._own_token()),
        }
        return Answer.of(200, {"meta": meta, key: rows})

    def of_all(self, key: str, rows: Sequence[JSON]) -> Answer:
        """A page of a list that is there as a whole; places are positions in it."""
        if self.backwards:
            start, end = max(0, self.place - self.size), self.place
            shown, more = list(rows[start:end]), start > 0
        else:
            start = self.place + 1
            shown, more = list(rows[start : start + self.size]), len(rows) > start + self.size
        return self.answer(key, shown, (start, start + len(shown) - 1) if shown else None, more=more)

    def _own_token(self) -> str:
        return self._token("B" if self.backwards else "A", self.place)

    def _token(self, way: str, place: int) -> str:
        return f"P{way}{place:x}.{self._seal(way, place)}"

    def _seal(self, way: str, place: int) -> str:
        sealed = "\n".join([way, str(place), str(self.whose), self.base.partition("//")[2].partition("/")[2]])
        sealed += "\n" + urlencode(sorted(self.filters.items()))
        return hmac.new(self.secret, sealed.encode(), hashlib.sha256).hexdigest()[:24]

    def _url(self, number: int, token: str | None) -> str:
        paging = {"PageSize": str(self.size), "Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{self.base}?{urlencode({**self.filters, **paging})}"

    def at(self, token: str) -> Page:
        """This page at a token's place; one that was not given out for this list and account is refused."""
        found = TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(self._seal(found["way"], int(found["place"], 16)), found["seal"]):
            refuse(Code.INVALID_VALUE, "PageToken is not valid for this request")
        place, backwards = int(found["place"], 16), found["way"] == "B"
        return Page(
            self.base, self.filters, self.size, self.number, place, backwards, secret=self.secret, whose=self.whose
        )


def page_asked(service: Service, asked: Asked, whose: int, filters: Collection[str] = ()) -> Page:
    """The page that a list request wants; refuses unknown parameters, sizes out of bounds and foreign tokens."""
    query = query_of(service, asked, {*filters, *PAGING})
    first = Page(
        base=f"http://{asked.headers.get('host', '')}{quote(asked.path)}",
        filters={name: value for name, value in query.items() if name in filters},
        size=number_of(query.get("PageSize", str(PAGE_SIZE_DEFAULT)), "PageSize", 1, PAGE_SIZE_MAX),
        number=number_of(query.get("Page", "0"), "Page", 0, NUMBER_MAX),
        place=FIRST,
        backwards=False,
        secret=service.secret,
        whose=whose,
    )
    return first.at(query["PageToken"]) if "PageToken" in query else first
