"""What `simferry status` counts down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from domain.plan import utc_text
from domain.tokens import TOKENS
from flows.countdown import SHOWN_MAX, countdown, soonest

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def tokens(*minutes_left: float) -> pl.DataFrame:
    rows = [
        (number, number, 3, utc_text(NOW), utc_text(NOW + timedelta(minutes=left)), number, 0, 0, 0)
        for number, left in enumerate(minutes_left, start=1)
    ]
    return pl.DataFrame(rows, schema=TOKENS, orient="row")


def test_each_token_says_until_when_and_how_far_that_is() -> None:
    assert list(countdown(tokens(30, 59.5), "run", NOW)) == [
        "  token 1, batch 1: 1 SIM waits, until 2026-11-21 12:30:00 UTC (30 min left)",
        "  token 2, batch 2: 2 SIMs wait, until 2026-11-21 12:59:30 UTC (60 min left)",
    ]


def test_a_token_that_has_run_out_says_what_finds_out_about_it() -> None:
    lines = list(countdown(tokens(-12), "run", NOW))
    assert lines[0].endswith("until 2026-11-21 11:48:00 UTC (ran out 12 min ago)")
    assert lines[1].endswith("simferry execute run")


def test_of_very_many_tokens_the_first_are_shown_and_the_others_counted() -> None:
    lines = list(countdown(tokens(*range(1, SHOWN_MAX + 6)), "run", NOW))
    assert len(lines) == SHOWN_MAX + 1
    assert lines[-1] == "  and 5 tokens more, the last until 2026-11-21 12:25:00 UTC (25 min left)"


def test_among_other_runs_a_line_tells_the_first_deadline() -> None:
    assert soonest(tokens(30, 10), NOW) == "  2 tokens wait, the first until 2026-11-21 12:10:00 UTC (10 min left)"
    assert soonest(tokens(), NOW) == ""
