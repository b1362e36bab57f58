"""What an HTTP status alone says about whether a change was acted on."""

from __future__ import annotations

import pytest

from domain.orders import Fate
from providers.calls import fate_by_status
from providers.wire import Answer


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408])
def test_what_comes_from_something_in_between_is_no_answer(status: int) -> None:
    assert fate_by_status(Answer(status, {}, b"")) is Fate.SILENT


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, Fate.ANSWERED), (202, Fate.ANSWERED), (404, Fate.ANSWERED), (429, Fate.THROTTLED), (503, Fate.BROKEN)],
)
def test_what_the_provider_says_itself_is_told_apart(status: int, fate: Fate) -> None:
    assert fate_by_status(Answer(status, {}, b"")) is fate
