"""Transfer tokens in the books: what is open, for whom, and how they and their SIMs end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sandbox.soracom.service import Service
from sandbox.soracom.words import Ended

COLUMNS = "id, token, source_id, target_id, issued_s, expires_s"


class Offer(NamedTuple):
    """A token that is still good; `expires_s` None is one that stays so."""

    id: int
    token: str
    source_id: int
    target_id: int
    issued_s: float
    expires_s: float | None


def by_token(service: Service, token: str) -> Offer | None:
    """The open offer of that token."""
    found = _open(service, "token = ?", (token,))
    return found[0] if found else None


def offered_to(service: Service, operator_id: int) -> list[Offer]:
    """The open offers to an operator, the latest first."""
    return _open(service, "target_id = ?", (operator_id,))


def run_out(service: Service, now_s: float) -> list[Offer]:
    """The open offers whose time is over."""
    return _open(service, "expires_s <= ?", (now_s,))


def leave(service: Service, token_id: int, sims: Sequence[int], state: Ended) -> None:
    """Let SIMs leave their token in this way; when the last one has left, the token has ended in this way too."""
    live = service.books.live
    live.executemany(
        "UPDATE token_sim SET state = ? WHERE token_id = ? AND sim_id = ?", [(state, token_id, sim) for sim in sims]
    )
    open_sims = "SELECT 1 FROM token_sim WHERE token_id = ? AND state = 'open' LIMIT 1"
    if live.execute(open_sims, (token_id,)).fetchone() is None:
        live.execute("UPDATE token SET state = ?, ended_s = ? WHERE id = ?", (state, service.clock.now_s(), token_id))


def _open(service: Service, where: str, values: Iterable[str | int | float]) -> list[Offer]:
    query = f"SELECT {COLUMNS} FROM token WHERE state = 'open' AND {where} ORDER BY id DESC"  # noqa: S608 - closed words
    return [Offer._make(row) for row in service.books.live.execute(query, tuple(values))]
