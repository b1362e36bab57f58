"""The transfer tokens that this process holds: by whose SIM each is, and until when it lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import NoReturn

from domain.events import Event, Kind
from domain.orders import Part, Sim
from domain.plan import utc_of

MARGIN_S_MAX = 60.0  # a token is not used so shortly before it ends that its end may overtake the request
MARGIN_SHARE = 0.05  # of its life, where that is shorter
TOKEN_PARTS = (Part.OFFER, Part.ISSUE)


class TokenBook:
    """Tokens by the SIMs that they are for; they show in no repr and no pickle."""

    __slots__ = ("_by_key", "_life", "_lock", "_tokens")

    def __init__(self, life_s: float) -> None:
        margin_s = min(MARGIN_S_MAX, MARGIN_SHARE * life_s)
        self._life = timedelta(seconds=life_s - margin_s)
        self._tokens: list[tuple[bytes, datetime]] = []
        self._by_key: dict[str, int] = {}
        self._lock = Lock()

    @classmethod
    def of(cls, events: Iterable[Event], life_s: float) -> TokenBook:
        """The tokens of a journal that was opened with its key; the last one of each SIM counts."""
        book = cls(life_s)
        intents: dict[tuple[int, int, str], tuple[str, ...]] = {}
        for event in events:
            at = (event.batch, event.attempt, event.part)
            if event.kind == Kind.INTENDED:
                intents[at] = event.sims
            elif event.kind == Kind.ANSWERED and event.secret is not None:
                book.add(event.sims or intents.get(at, ()), event.secret, utc_of(event.at))
        return book

    def add(self, keys: Iterable[str], token: bytes, issued_at: datetime) -> None:
        """Take in a token that was issued for these SIMs."""
        with self._lock:
            self._tokens.append((token, issued_at + self._life))
            self._by_key.update(dict.fromkeys(keys, len(self._tokens) - 1))

    def live(self, now: datetime) -> frozenset[str]:
        """SIMs whose token can still be used."""
        return frozenset(key for key, place in self._by_key.items() if self._tokens[place][1] > now)

    def by_token(self, sims: Sequence[Sim]) -> list[tuple[bytes, tuple[Sim, ...]]]:
        """The SIMs grouped by their tokens; those without one are left out."""
        grouped: dict[int, list[Sim]] = {}
        for sim in sims:
            if sim.key in self._by_key:
                grouped.setdefault(self._by_key[sim.key], []).append(sim)
        return [(self._tokens[place][0], tuple(some)) for place, some in grouped.items()]

    def __repr__(self) -> str:
        return f"TokenBook(… {len(self._tokens)} tokens)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Transfer tokens stay in the process that holds them; the journal has them encrypted.")
