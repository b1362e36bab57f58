"""The demonstration finds out for itself whether every row came to what it should."""

from __future__ import annotations

import polars as pl
import pytest

from domain.errors import Exit
from domain.outcomes import OUTCOMES, Outcome
from flows.demo import SHOWS, demo, disagreements
from sandbox.world import Name

EXPECTED = {4: {"confirmed/eligible": 1}, 5: {"rejected/empty": 1}, 6: {"confirmed/eligible": 2}}


def ended(*lines: tuple[int, Outcome, str]) -> pl.DataFrame:
    """OUTCOMES of which row, outcome and code are filled in."""
    rows = pl.DataFrame(lines, schema={"row": pl.UInt32, "outcome": pl.String, "code": pl.String}, orient="row")
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in OUTCOMES.items()
    )


GOOD = (
    (4, Outcome.CONFIRMED, "eligible"),
    (5, Outcome.REJECTED, "empty"),
    (6, Outcome.CONFIRMED, "eligible"),
    (6, Outcome.CONFIRMED, "eligible"),
)


def test_nothing_is_said_where_every_row_ended_as_it_should() -> None:
    assert disagreements(ended(*GOOD), EXPECTED) == []


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        ((*GOOD[:3], (6, Outcome.REFUSED, "held")), 6),
        (GOOD[1:], 4),
        ((*GOOD, (7, Outcome.LEFT, "already_there")), 7),
    ],
    ids=["another outcome", "a row that is missing", "a row that nobody expected"],
)
def test_a_row_that_ended_otherwise_is_named(lines: tuple[tuple[int, Outcome, str], ...], row: int) -> None:
    (said,) = disagreements(ended(*lines), EXPECTED)
    assert said.startswith(f"row {row}: ")


@pytest.mark.parametrize("word", ["twilio", "Emnify", ""])
def test_a_word_that_is_no_provider_is_answered_with_those_that_are(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo([word]) == Exit.USAGE
    said = capsys.readouterr().err
    assert all(f"PROVIDER={name}" in said for name in SHOWS)


def test_there_is_a_demonstration_of_every_provider_of_the_sandbox() -> None:
    assert set(SHOWS) == set(Name)
