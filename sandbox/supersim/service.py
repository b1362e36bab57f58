"""One running Super SIM: its books, clock, switches, and who is asking."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.exchange import Asked
from sandbox.positions import as_texts, parse
from sandbox.supersim import tokens
from sandbox.supersim.parties import Account, Caller, Fleet
from sandbox.supersim.refusals import denied, refuse
from sandbox.supersim.switches import Switches
from sandbox.supersim.view import View
from sandbox.supersim.words import Code, Vendor


@dataclass(slots=True)
class Service:
    """What the handlers stand on; accounts, credentials and fleets don't change while it runs."""

    books: Books[View]
    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    secret: bytes = b""
    generation: int = 0
    accounts: dict[int, Account] = field(default_factory=dict)
    fleets: dict[int, Fleet] = field(default_factory=dict)
    credentials: dict[str, tuple[Vendor, str, Account]] = field(default_factory=dict)
    under_way: dict[int, int] = field(default_factory=dict)  # request → account, while it is under way

    def __post_init__(self) -> None:
        live = self.books.live
        self.secret = bytes.fromhex(self._meta("token_secret"))
        self.generation = int(self._meta("token_generation"))
        for row in live.execute("SELECT id, sid, name, parent_id, inactive_moves FROM account"):
            self.accounts[row[0]] = Account(row[0], row[1], row[2], row[3], bool(row[4]))
        for row in live.execute("SELECT id, sid, account_id, unique_name, data_limit_mb, created FROM fleet"):
            self.fleets[row[0]] = Fleet(*row)
        for vendor, username, secret, account_id in live.execute(
            "SELECT vendor, username, secret, account_id FROM credential"
        ):
            self.credentials[username] = Vendor(vendor), secret, self.accounts[account_id]

    def caller(self, asked: Asked) -> Caller:
        """Who asks; raises Twilio's 401 or KORE's 403."""
        found = self.recognised(asked)
        if found is None and asked.headers.get("authorization", "").lower().startswith("bearer "):
            raise denied()
        if found is None:
            refuse(Code.UNAUTHORISED)
        return found

    def recognised(self, asked: Asked) -> Caller | None:
        """Who asks, if the credentials are good."""
        scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                return self._by_password(rest)
            case "bearer":
                client = tokens.client_of(rest.strip(), self.secret, self.clock.now_s(), self.generation)
                return None if client is None else Caller(self.credentials[client][2], Vendor.KORE)
            case _:
                return None

    def client(self, client_id: str, client_secret: str) -> bool:
        """Whether these are a KORE client's credentials."""
        known = self.credentials.get(client_id)
        return known is not None and known[0] is Vendor.KORE and _same(known[1], client_secret)

    def account_by_sid(self, sid: str) -> Account | None:
        """The account of that sid, of whatever family."""
        return next((account for account in self.accounts.values() if account.sid == sid), None)

    def fleet_of(self, account_id: int, name: str) -> Fleet | None:
        """The account's fleet of that sid or unique name."""
        return next(
            (
                one
                for one in self.fleets.values()
                if one.account_id == account_id and name in {one.sid, one.unique_name}
            ),
            None,
        )

    def sid_of_account(self, account_id: int | None) -> str | None:
        """The account's sid."""
        return None if account_id is None else self.accounts[account_id].sid

    def sid_of_fleet(self, fleet_id: int | None) -> str | None:
        """The fleet's sid."""
        return None if fleet_id is None else self.fleets[fleet_id].sid

    def signing_secret(self, account_id: int, vendor: Vendor) -> str:
        """The secret that signs an account's callbacks: the auth token of its sid, or its client's secret."""
        sid = self.accounts[account_id].sid
        return next(
            secret
            for username, (whose, secret, account) in self.credentials.items()
            if account.id == account_id and whose is vendor and (vendor is Vendor.KORE or username == sid)
        )

    def expire_tokens(self) -> None:
        """Reject every access token issued so far."""
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

    def _by_password(self, encoded: str) -> Caller | None:
        try:
            username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        known = self.credentials.get(username)
        if known is None or known[0] is not Vendor.TWILIO or not _same(known[1], password):
            return None
        return Caller(known[2], Vendor.TWILIO)

    def _meta(self, key: str) -> str:
        return str(self.books.live.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
