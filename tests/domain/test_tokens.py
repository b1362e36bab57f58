"""The tokens of a run, as its journal tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Event, Json, Kind
from domain.plan import utc_text
from domain.state import fold
from domain.tokens import TOKEN, token_table, tokens_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LIFE_S = 3_600.0


def event(
    kind: Kind, second: int, sims: tuple[str, ...], body: dict[str, Json] | None = None, part: str = "offer"
) -> Event:
    return Event(kind, utc_text(NOW + timedelta(seconds=second)), 2, 1, part, sims, body or {})


def issued(second: int, sims: tuple[str, ...], part: str = "offer") -> list[Event]:
    return [
        event(Kind.INTENDED, second, sims, part=part),
        event(Kind.ANSWERED, second + 1, sims, {"said": "later", TOKEN: True}, part),
    ]


@given(st.lists(st.integers(1, 4), max_size=6))
def test_tokens_part_the_sims_that_were_answered_for(sizes: list[int]) -> None:
    names = iter(range(100))
    sims = [tuple(str(next(names)) for _ in range(size)) for size in sizes]
    events = [each for place, some in enumerate(sims) for each in issued(10 * place, some)]
    tokens = tokens_of(events, LIFE_S)
    assert [token.sims for token in tokens] == sims
    assert [token.number for token in tokens] == list(range(1, len(sims) + 1))
    table = token_table(events, fold(events), LIFE_S)
    assert table["waiting"].to_list() == sizes


def test_a_token_lives_from_its_answer_on() -> None:
    (token,) = tokens_of(issued(0, ("a", "b")), LIFE_S)
    assert (token.asked_at, token.issued_at) == (utc_text(NOW), utc_text(NOW + timedelta(seconds=1)))
    assert token.deadline_at == utc_text(NOW + timedelta(seconds=LIFE_S + 1))


def test_an_answer_without_a_token_and_an_intent_without_an_answer_are_none() -> None:
    declined = [event(Kind.INTENDED, 0, ("a",)), event(Kind.ANSWERED, 1, ("a",), {"said": "no"})]
    assert tokens_of([*declined, event(Kind.INTENDED, 2, ("b",))], LIFE_S) == []


def test_an_answer_that_names_no_sims_is_about_all_that_were_intended() -> None:
    events = [event(Kind.INTENDED, 0, ("a", "b")), event(Kind.ANSWERED, 1, (), {"said": "later", TOKEN: True})]
    assert tokens_of(events, LIFE_S)[0].sims == ("a", "b")


def test_sims_are_counted_by_what_became_of_them() -> None:
    events = issued(0, ("in", "off", "back", "left"))
    events += [
        event(Kind.SEEN, 5, ("in",), {"stand": "done"}),
        event(Kind.CANCELLED, 6, ("off",)),
        event(Kind.SETTLED, 7, ("back",), {"stand": "before", "accepted": True}),
    ]
    line = token_table(events, fold(events), LIFE_S).row(0, named=True)
    assert {name: line[name] for name in ("waiting", "accepted", "cancelled", "back")} == {
        "waiting": 1,
        "accepted": 1,
        "cancelled": 1,
        "back": 1,
    }


def test_a_sim_that_was_issued_anew_waits_for_its_last_token_alone() -> None:
    events = [*issued(0, ("a",), "issue"), *issued(100, ("a",), "issue")]
    assert token_table(events, fold(events), LIFE_S)["waiting"].to_list() == [0, 1]


def test_a_sim_seen_transferring_by_our_own_token_waits_still() -> None:
    events = [*issued(0, ("a",), "issue"), event(Kind.SEEN, 5, ("a",), {"stand": "done"}, "issue")]
    assert token_table(events, fold(events), LIFE_S)["waiting"].to_list() == [1]


def test_many_tokens_of_one_sim_each_are_counted() -> None:
    events = [each for number in range(500) for each in issued(number, (f"s{number}",))]
    assert token_table(events, fold(events), LIFE_S).select(pl.col("waiting").sum()).item() == 500
