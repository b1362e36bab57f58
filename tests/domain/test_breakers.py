"""A run stops by itself: at which tally, and for which cause."""

from __future__ import annotations

import pytest

from domain.breakers import Cause, Tally, tripped
from domain.limits import Limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("tally", "cause"),
    [
        (Tally(attempted=100, declined=6), Cause.DECLINED_SHARE),
        (Tally(attempted=100, declined=5), None),
        (Tally(attempted=99, declined=99), None),
        (Tally(attempted=94, held_back=6), Cause.DRIFT_SHARE),
        (Tally(attempted=95, held_back=5), None),
        (Tally(attempted=100, in_vain=6), Cause.IN_VAIN),
        (Tally(attempted=100, in_vain=5), None),
        (Tally(in_a_row=3, row_code="1504"), Cause.DECLINED_IN_A_ROW),
        (Tally(in_a_row=2, row_code="1504"), None),
    ],
)
def test_a_breaker_opens_at_its_number_and_not_before(tally: Tally, cause: Cause | None) -> None:
    opened = tripped(tally, LIMITS)
    assert (opened[0] if opened else None) == cause


def test_a_row_is_of_one_code_and_ends_with_a_batch_that_goes() -> None:
    tally = Tally().after(5, 5, 0, "404").after(5, 5, 0, "404")
    assert tally.in_a_row == 2
    assert tally.after(5, 5, 0, "1504").in_a_row == 1
    assert tally.after(5, 0, 0, "").in_a_row == 0
