"""One running emnify: its books, clock, switches and what it remembers of its callers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.emnify.limits import Limits
from sandbox.emnify.tokens import LIFE_S, Caller, bearer, issue
from sandbox.emnify.view import View
from sandbox.emnify.words import ADMINISTRATOR
from sandbox.exchange import Asked
from sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class Workspace:
    """One of emnify's workspaces."""

    id: int
    name: str
    enterprise: bool
    brazilian: bool


@dataclass(slots=True)
class Service:
    """What the handlers stand on."""

    books: Books[View]
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)
    secret: bytes = b""
    generation: int = 0
    workspaces: dict[int, Workspace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secret = bytes.fromhex(self._meta("token_secret"))
        self.generation = int(self._meta("token_generation"))
        rows = self.books.live.execute("SELECT id, name, enterprise, brazilian FROM workspace ORDER BY id")
        self.workspaces = {row[0]: Workspace(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows}

    def caller(self, asked: Asked) -> Caller:
        """Who asks; raises a 401."""
        return bearer(asked, self.secret, self.clock.now_s(), self.generation, self.switches.unauthorised_body)

    def token(self, caller: Caller) -> str:
        """A fresh auth_token."""
        return issue(self.secret, caller, self.clock.now_s(), LIFE_S, self.generation)

    def expire_tokens(self) -> None:
        """Reject every auth_token issued so far."""
        self.generation += 1
        with self.books.change() as books:
            books.execute("UPDATE meta SET value = ? WHERE key = 'token_generation'", (str(self.generation),))

    def switch(self, **changes: str) -> None:
        """Set some switches and leave the others."""
        self.switches = Switches.parse(self.switches.as_dict() | changes)

    def reading(self) -> View:
        """What reads see now, which may lag."""
        return self.books.reading(self.clock.now_s())

    def roles(self, user_id: int) -> dict[int, str]:
        """The user's role by workspace."""
        rows = self.books.live.execute("SELECT workspace_id, name FROM role WHERE account_id = ?", (user_id,))
        return dict(rows.fetchall())

    def administers(self, user_id: int) -> frozenset[int]:
        """The workspaces where the user is Administrator."""
        return frozenset(place for place, role in self.roles(user_id).items() if role == ADMINISTRATOR)

    def home(self, user_id: int) -> Caller:
        """The user in their own default workspace."""
        row = self.books.live.execute("SELECT home_id FROM account WHERE id = ?", (user_id,)).fetchone()
        return Caller(user_id, row[0])

    def last_request(self) -> int:
        """The highest request number the ledger knows."""
        return int(self.books.live.execute("SELECT coalesce(max(request), 0) FROM ledger").fetchone()[0])

    def _meta(self, key: str) -> str:
        return str(self.books.live.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
