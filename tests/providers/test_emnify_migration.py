"""What a migration asks for: the SIMs of the order and no others, tried and real alike."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders import Options, Sim
from providers.emnify_migration import MIGRATION_PATH, act_call, identify, try_call
from providers.emnify_told import Pair
from providers.emnify_words import allowed_ids
from tests.providers.doubles import SOURCE, TARGET, order, sims

PAIR = Pair(SOURCE, TARGET)


def body_of(request_body: bytes | None) -> dict[str, object]:
    assert request_body is not None
    parsed: dict[str, object] = orjson.loads(request_body)
    return parsed


@given(st.sets(st.integers(0, 60), min_size=1, max_size=60), st.integers(0, 10**6))
def test_a_range_names_exactly_the_sims_of_the_order_or_ids_are_sent(places: set[int], start: int) -> None:
    base = 8988303000000000000 + start
    asked = [Sim(f"{base + place:019d}", str(500 + place), "", None) for place in sorted(places, reverse=True)]
    match identify(asked):
        case {"iccid_range": {"start": str(first), "end": str(last)}}:
            covered = {f"{body:019d}" for body in range(int(first), int(last) + 1)}
            assert covered == {sim.key for sim in asked}
            assert len(asked) >= 2
        case {"sims": list(named)}:
            assert named == [{"id": 500 + place} for place in sorted(places)]
            assert len(places) == 1 or max(places) - min(places) + 1 > len(places)
        case other:
            pytest.fail(f"neither: {other}")


def test_duplicates_and_odd_bodies_are_never_sent_as_a_range() -> None:
    first, second = sims(2)
    assert "sims" in identify([first, second, second])
    assert "sims" in identify([replace(first, key="123"), replace(second, key="124")])


def test_the_two_bodies_differ_in_dry_run_alone_and_say_it_aloud() -> None:
    asked = order(3, detach_devices=True)
    tries, acts = try_call(asked, PAIR), act_call(asked, PAIR)
    assert (tries.repeatable, acts.repeatable) == (True, False)
    assert tries.request.path == acts.request.path == MIGRATION_PATH
    body = body_of(acts.request.body)
    assert body.pop("dry_run") is False
    assert body_of(tries.request.body) == body | {"dry_run": True}
    assert body == {
        "target_workspace": {"id": TARGET},
        "auto_detach_devices": True,
        "sims": [{"id": 7_000}, {"id": 7_001}, {"id": 7_002}],
        "allowed_sim_statuses": [{"id": 0}],
    }


def test_allowed_statuses_are_those_named_else_those_that_the_plan_saw() -> None:
    seen = (*sims(1), *sims(1, status="Suspended"))
    assert allowed_ids(Options(("Issued", "Activated")), seen) == (0, 1)
    assert allowed_ids(Options(), seen) == (0, 2)
    assert allowed_ids(Options(), (*seen, *sims(1, status="status 9"))) is None


@pytest.mark.parametrize("count", [0, 501])
def test_an_order_of_no_sims_or_too_many_is_a_bug(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 500"):
        act_call(order(count), PAIR)
