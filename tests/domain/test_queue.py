"""What may still be sent, and what is still to be found out."""

from __future__ import annotations

from domain.outcomes import Deed
from domain.queue import ALWAYS_SENT, OPEN_DEEDS


def test_what_was_asked_for_and_not_seen_is_open_and_is_never_sent() -> None:
    assert set(OPEN_DEEDS) == {Deed.UNHEARD, Deed.TOLD, Deed.PENDING}
    assert not set(OPEN_DEEDS) & set(ALWAYS_SENT)
