"""Every line of a list ends in exactly one outcome, and no pair of deed and sight is without one."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import SIGHTS, Side
from domain.outcomes import DEEDS, OUTCOMES, Deed, Outcome, totals
from domain.plan import STEPS, Basis, Step
from domain.reconciling import VERDICTS, reconcile

REJECTED = pl.DataFrame(
    [(2, "8.98E+18", "e_notation", "damaged", "mend it")],
    schema=["row", "raw", "code", "reason", "next_step"],
    orient="row",
)


def step(place: int, kind: Step) -> tuple[object, ...]:
    key = f"{8988303000000000000 + place}"
    return (
        place,
        place + 3,
        kind,
        "why",
        "words",
        "advice",
        key,
        key,
        None,
        "1",
        "Activated",
        "7",
        "pump",
        None,
        1,
        Basis.HERE,
    )


@given(st.lists(st.tuples(st.sampled_from(list(Step)), st.sampled_from(list(Deed)), st.sampled_from(list(Side)))))
def test_totals_balance_whatever_was_done_and_seen(sims: list[tuple[Step, Deed, Side]]) -> None:
    steps = pl.DataFrame([step(place, kind) for place, (kind, _, _) in enumerate(sims)], schema=STEPS, orient="row")
    deeds = pl.DataFrame(
        [(steps["key"][place], deed, 1, "c", "w", "t") for place, (_, deed, _) in enumerate(sims)],
        schema=DEEDS,
        orient="row",
    )
    sights = pl.DataFrame(
        [(steps["key"][place], side, "1", "Suspended", None) for place, (_, _, side) in enumerate(sims)],
        schema=SIGHTS,
        orient="row",
    )
    outcomes = reconcile(steps, REJECTED, deeds, sights)
    assert outcomes.schema == OUTCOMES
    assert outcomes.height == len(sims) + 1
    assert sum(totals(outcomes).values()) == len(sims) + 1
    assert not outcomes["outcome"].has_nulls()
    assert not outcomes["reason"].has_nulls()
    assert outcomes["row"].is_sorted()


def test_every_deed_has_a_verdict_wherever_the_sim_is_seen() -> None:
    assert set(VERDICTS) == {(deed, side) for deed in Deed for side in Side}


def test_confirmed_is_said_of_nothing_that_was_not_seen_in_the_target() -> None:
    confirmed = {side for (_, side), (outcome, _, _) in VERDICTS.items() if outcome == Outcome.CONFIRMED}
    assert confirmed == {Side.TARGET}


def test_what_a_sim_was_before_stands_beside_what_it_is_now() -> None:
    steps = pl.DataFrame([step(0, Step.MOVE)], schema=STEPS, orient="row")
    deeds = pl.DataFrame([(steps["key"][0], Deed.ARRIVED, 1, None, None, "t")], schema=DEEDS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], Side.TARGET, "1", "Suspended", None)], schema=SIGHTS, orient="row")
    line = reconcile(steps, REJECTED.clear(), deeds, sights).row(0, named=True)
    assert (line["status_before"], line["status_now"]) == ("Activated", "Suspended")
    assert (line["device_id"], line["device_name"], line["device_now"]) == ("7", "pump", None)


def test_a_sim_that_an_attempt_moved_late_is_confirmed_and_not_said_to_have_come_by_itself() -> None:
    steps = pl.DataFrame([step(0, Step.MOVE)], schema=STEPS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], Side.TARGET, "1", "Suspended", None)], schema=SIGHTS, orient="row")
    for attempts, outcome in ((0, Outcome.LEFT), (1, Outcome.CONFIRMED)):
        held = [(steps["key"][0], Deed.HELD_BACK, attempts, "moved", "it is gone", "t")]
        deeds = pl.DataFrame(held, schema=DEEDS, orient="row")
        assert reconcile(steps, REJECTED.clear(), deeds, sights)["outcome"].to_list() == [outcome]


def test_a_sim_that_was_there_and_is_there_no_more_is_not_said_to_be_left() -> None:
    steps = pl.DataFrame([step(0, Step.LEAVE)], schema=STEPS, orient="row")
    for side, outcome in ((Side.TARGET, Outcome.LEFT), (Side.SOURCE, Outcome.DRIFTED), (Side.NOWHERE, Outcome.DRIFTED)):
        sights = pl.DataFrame([(steps["key"][0], side, "1", "Suspended", None)], schema=SIGHTS, orient="row")
        line = reconcile(steps, REJECTED.clear(), pl.DataFrame(schema=DEEDS), sights).row(0, named=True)
        assert line["outcome"] == outcome
        assert (line["reason"] == "words") == (outcome == Outcome.LEFT)
