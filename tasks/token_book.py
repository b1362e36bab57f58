"""The transfer tokens that this process holds: by whose SIM each is, and until when it lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import NoReturn

import polars as pl

from domain.events import Event, Kind
from domain.orders import Sim
from domain.plan import utc_of
from domain.tokens import TOKEN

MARGIN_S_MAX = 60.0  # a token is not used so shortly before it ends that its end may overtake the request
MARGIN_SHARE = 0.05  # of its life, where that is shorter


class TokenBook:
    """Tokens by the SIMs that they are for; they show in no repr and no pickle."""

    __slots__ = ("_by_key", "_life", "_lock", "_tokens")

    def __init__(self, life_s: float) -> None:
        margin_s = min(MARGIN_S_MAX, MARGIN_SHARE * life_s)
        self._life = timedelta(seconds=life_s - margin_s)
        self._tokens: list[tuple[bytes | None, datetime]] = []
        self._by_key: dict[str, int] = {}
        self._lock = Lock()

    @classmethod
    def of(cls, events: Iterable[Event], life_s: float) -> TokenBook:
        """The tokens of a journal, the last one of each SIM; where it was opened without its key, none can be used."""
        book = cls(life_s)
        intents: dict[tuple[int, int, str], tuple[str, ...]] = {}
        for event in events:
            at = (event.batch, event.attempt, event.part)
            if event.kind == Kind.INTENDED:
                intents[at] = event.sims
            elif event.kind == Kind.ANSWERED and (event.secret is not None or event.body.get(TOKEN) is True):
                book.add(event.sims or intents.get(at, ()), event.secret, utc_of(event.at))
        return book

    def add(self, keys: Iterable[str], token: bytes | None, issued_at: datetime) -> None:
        """Take in a token that was issued for these SIMs; None where it cannot be read."""
        with self._lock:
            self._tokens.append((token, issued_at + self._life))
            self._by_key.update(dict.fromkeys(keys, len(self._tokens) - 1))

    def live(self, now: datetime) -> pl.Series:
        """SIMs (keys) whose token can still be used by somebody who has it."""
        return pl.Series("key", (key for key, at in self._by_key.items() if self._tokens[at][1] > now), pl.String)

    def issued(self) -> pl.Series:
        """SIMs (keys) that a token came for, whatever has become of it."""
        return pl.Series("key", list(self._by_key), pl.String)

    def by_token(self, sims: Sequence[Sim]) -> list[tuple[bytes, tuple[Sim, ...]]]:
        """The SIMs grouped by their tokens; those without one that can be read are left out."""
        grouped: dict[int, list[Sim]] = {}
        for sim in sims:
            if sim.key in self._by_key:
                grouped.setdefault(self._by_key[sim.key], []).append(sim)
        known = ((self._tokens[place][0], some) for place, some in grouped.items())
        return [(token, tuple(some)) for token, some in known if token is not None]

    def __repr__(self) -> str:
        return f"TokenBook(… {len(self._tokens)} tokens)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Transfer tokens stay in the process that holds them; the journal has them encrypted.")
