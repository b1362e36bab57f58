"""Tokens in hand: until when they are used, and that nothing shows them."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from tasks.token_book import TokenBook
from tests.fakes import fleet

ISSUED_AT = datetime(2026, 11, 20, tzinfo=UTC)
SIMS = fleet(2)


def one(life_s: float) -> TokenBook:
    book = TokenBook(life_s)
    book.add([sim.key for sim in SIMS], b"s3cret-token", ISSUED_AT)
    return book


@pytest.mark.parametrize(("life_s", "margin_s"), [(3600.0, 60.0), (100.0, 5.0)])
def test_a_token_is_not_used_shortly_before_it_ends(life_s: float, margin_s: float) -> None:
    ends_at = ISSUED_AT + timedelta(seconds=life_s - margin_s)
    assert sorted(one(life_s).live(ends_at - timedelta(seconds=1))) == sorted(sim.key for sim in SIMS)
    assert one(life_s).live(ends_at).is_empty()


def test_a_book_of_tokens_shows_none_and_is_not_written_down() -> None:
    book = one(3600.0)
    assert "s3cret" not in repr(book)
    with pytest.raises(TypeError, match="stay in the process"):
        pickle.dumps(book)
    assert book.by_token(SIMS) == [(b"s3cret-token", SIMS)]
