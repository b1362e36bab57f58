"""Super SIM accounts in memory, answering as the vendors' pages say, and orders for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from domain.identifiers import printed
from domain.orders import Options, Order, Part, Sim
from providers.calls import Call
from providers.clock import Clock
from providers.pace import Budget
from providers.secrets import Secret
from providers.supersim_auth import Password
from providers.supersim_post import Post
from providers.wire import Answer, Lost, Request
from tests.providers.doubles import Timepiece, answer

HOST = "https://supersim.test"
NORTH, SOUTH, DEPOT = (f"AC{digit * 32}" for digit in "123")
FLEET = "HF" + "f" * 32


def sid(number: int) -> str:
    return f"HS{number:032x}"


def body_of(number: int) -> str:
    """The 19 digits of an ICCID."""
    return str(8988307000010000000 + number)


def a_sim(number: int, **more: object) -> Sim:
    key = body_of(number)
    known: dict[str, object] = {"status": "new", "parts": (Part.MOVE,)} | more
    return Sim(key, sid(number), printed(key), **known)  # type: ignore[arg-type] # as the test says


def an_order(*sims: Sim, part: Part = Part.MOVE, attempt: int = 1, codes: Mapping[str, str] | None = None) -> Order:
    return Order(1, attempt, sims, Options(), part, codes or {})


def shown(number: int, account: str = NORTH, **changes: object) -> dict[str, object]:
    """A Sim as the provider shows it."""
    return {
        "sid": sid(number),
        "unique_name": None,
        "account_sid": account,
        "iccid": printed(body_of(number)),
        "status": "new",
        "fleet_sid": None,
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": f"{HOST}/v1/Sims/{sid(number)}",
        "links": {"billing_periods": f"{HOST}/v1/Sims/{sid(number)}/BillingPeriods"},
    } | changes


def refusal(status: int, code: int | None, message: str = "no") -> Answer:
    body = {"message": message, "status": status} | ({} if code is None else {"code": code, "more_info": ""})
    return answer(status, body)


def page(rows: list[dict[str, object]], next_url: str | None, key: str = "sims") -> Answer:
    return answer(200, {key: rows, "meta": {"key": key, "next_page_url": next_url, "page": 0}})


@dataclass
class Books:
    """One account's Sims as a server that keeps `page_size` rows to a page; every request is kept."""

    sims: list[dict[str, object]]
    page_size: int = 10
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer | Lost:
        self.sent.append(request)
        url = urlsplit(request.path)
        query = parse_qs(url.query) | {name: [text] for name, text in request.query}
        if url.path != "/v1/Sims":
            name = url.path.rpartition("/")[2]
            found = [sim for sim in self.sims if name in {sim["sid"], sim["unique_name"]}]
            return answer(200, found[0]) if found else refusal(404, 20404)
        if "Iccid" in query:
            return page([sim for sim in self.sims if sim["iccid"] == query["Iccid"][0]], None)
        start = int(query.get("PageToken", ["0"])[0])
        end = start + self.page_size
        url_next = f"{HOST}/v1/Sims?PageSize=1000&Page=1&PageToken={end}" if end < len(self.sims) else None
        return page(self.sims[start:end], url_next)

    @property
    def pages_sent(self) -> int:
        return sum("PageSize" in request.path for request in self.sent)

    @property
    def lookups_sent(self) -> int:
        return len(self.sent) - self.pages_sent


@dataclass
class Answers:
    """Answers by what is asked for, each kept for ever; every request is kept."""

    of: Callable[[Request], Answer | Lost]
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer | Lost:
        self.sent.append(request)
        return self.of(request)


def a_post(sender: Books | Answers, account: str = NORTH, clock: Clock | None = None, name: str = "north") -> Post:
    clock = clock or Timepiece().clock()
    return Post(HOST, account, name, Password(account, Secret("t0ken")), sender, Budget({}, clock), clock)


def read(call: Call[object], got: Answer) -> object:
    """What a call makes of an answer."""
    return call.read(got)
