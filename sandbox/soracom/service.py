"""One running Soracom: its books, clock, switches and counters, and who is asking."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.exchange import Asked
from sandbox.positions import as_texts, parse
from sandbox.soracom import tokens
from sandbox.soracom.codes import Code
from sandbox.soracom.parties import Caller, Group, Operator
from sandbox.soracom.quota import Quota
from sandbox.soracom.refusals import refuse
from sandbox.soracom.switches import Switches
from sandbox.soracom.view import View
from sandbox.soracom.words import Payment


@dataclass(slots=True)
class Service:
    """What the handlers stand on; operators, credentials and groups don't change while it runs."""

    books: Books[View]
    clock: Clock = field(default_factory=Clock)
    quota: Quota = field(default_factory=Quota)
    switches: Switches = field(default_factory=Switches)
    secret: bytes = b""
    generation: int = 0
    operators: dict[int, Operator] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    groups_by_id: dict[str, Group] = field(default_factory=dict)
    payments: dict[int, Payment] = field(default_factory=dict)  # by operator

    def __post_init__(self) -> None:
        live = self.books.live
        self.secret = bytes.fromhex(self._meta("token_secret"))
        self.generation = int(self._meta("token_generation"))
        for row in live.execute("SELECT id, operator, name, email, coverage, created_s, payment FROM operator"):
            self.operators[row[0]] = Operator(*row[:6])
            self.payments[row[0]] = Payment(row[6])
        for row in live.execute("SELECT id, group_id, operator_id, name, created_ms FROM sim_group"):
            self.groups[row[0]] = self.groups_by_id[row[1]] = Group(*row)

    def caller(self, asked: Asked) -> Caller:
        """Who asks; raises a 401."""
        found = self.recognised(asked)
        if found is None:
            refuse(Code.NOT_LET_IN)
        return found

    def recognised(self, asked: Asked) -> Caller | None:
        """Who asks, if API key and token are there, belong together and are still good."""
        claims = self.claims(asked)
        if claims is None or claims.until_s <= self.clock.now_s() or claims.generation < self.generation:
            return None
        return Caller(self.operators[claims.operator_id], claims.user)

    def claims(self, asked: Asked) -> tokens.Claims | None:
        """What the token says that goes with the API key, however old it is."""
        claims = tokens.read(self.secret, asked.headers.get("x-soracom-token", ""))
        if claims is None:
            return None
        key = tokens.api_key(self.secret, claims.operator_id, claims.user)
        return (
            claims if hmac.compare_digest(key.encode(), asked.headers.get("x-soracom-api-key", "").encode()) else None
        )

    def new_token(self, operator: Operator, user: str, life_s: int, number: int) -> str:
        """An API token of that life, for the request of that number."""
        claims = tokens.Claims(operator.id, user, self.clock.now_s() + life_s, self.generation)
        return tokens.issue(self.secret, claims, number)

    def operator_of(self, name: str) -> Operator | None:
        """The operator of that id or name."""
        return next((one for one in self.operators.values() if name in {one.operator, one.name}), None)

    def name_of_operator(self, operator_id: int) -> str:
        """The operator's id as the API knows it."""
        return self.operators[operator_id].operator

    def id_of_group(self, group_id: int | None) -> str | None:
        """The group's id as the API knows it."""
        return None if group_id is None else self.groups[group_id].group_id

    def set_payment(self, operator: Operator, payment: Payment) -> None:
        """Give an operator another payment method, or none."""
        self.payments[operator.id] = payment
        with self.books.change() as books:
            books.execute("UPDATE operator SET payment = ? WHERE id = ?", (payment, operator.id))

    def expire_tokens(self) -> None:
        """Reject every API token issued so far."""
        self.generation += 1
        with self.books.change() as books:
            books.execute("UPDATE meta SET value = ? WHERE key = 'token_generation'", (str(self.generation),))

    def switch(self, changes: Mapping[str, str]) -> None:
        """Set some switches and leave the others."""
        self.switches = parse(Switches, as_texts(self.switches) | dict(changes))

    def reading(self) -> View:
        """What reads see now, which may lag."""
        return self.books.reading(self.clock.now_s())

    def last_request(self) -> int:
        """The highest request number the ledger knows."""
        return int(self.books.live.execute("SELECT coalesce(max(request), 0) FROM ledger").fetchone()[0])

    def _meta(self, key: str) -> str:
        return str(self.books.live.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
