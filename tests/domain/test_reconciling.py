"""Every line of a list ends in exactly one outcome, and no pair of deed and sight is without one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import SIGHTS, Side
from domain.orders import Part
from domain.outcomes import DEEDS, OUTCOMES, Deed, Outcome, totals
from domain.parts import Course, Goal, Stand
from domain.plan import STEPS, Basis, Step
from domain.reconciling import reconcile
from domain.verdict import NEW_PLAN, REPLACE, SUPPORT
from domain.verdicts import VERDICTS

REJECTED = pl.DataFrame(
    [(2, "8.98E+18", "e_notation", "damaged", "mend it")],
    schema=["row", "raw", "code", "reason", "next_step"],
    orient="row",
)


WAYS = ("move", "deactivate move", "deactivate move activate", "register")
COURSE = Course(
    {
        Part.DEACTIVATE: Goal(Side.SOURCE, Side.SOURCE, ("inactive",)),
        Part.MOVE: Goal(Side.TARGET, Side.SOURCE),
        Part.ACTIVATE: Goal(Side.TARGET, Side.TARGET, ("active",)),
        Part.REGISTER: Goal(Side.TARGET, Side.NOWHERE),
    },
    under_way=("scheduled",),
)
STATUSES = ("new", "active", "inactive", "scheduled", None)


def step(place: int, kind: Step, parts: str = "move") -> tuple[object, ...]:
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
        None,
        parts,
        1,
        Basis.HERE,
    )


@given(st.lists(st.tuples(st.sampled_from(list(Step)), st.sampled_from(list(Deed)), st.sampled_from(list(Side)))))
def test_totals_balance_whatever_was_done_and_seen(sims: list[tuple[Step, Deed, Side]]) -> None:
    steps = pl.DataFrame([step(place, kind) for place, (kind, _, _) in enumerate(sims)], schema=STEPS, orient="row")
    deeds = pl.DataFrame(
        [(steps["key"][place], "move", deed, 1, "c", "w", "t") for place, (_, deed, _) in enumerate(sims)],
        schema=DEEDS,
        orient="row",
    )
    sights = pl.DataFrame(
        [(steps["key"][place], side, "1", "Suspended", None, None) for place, (_, _, side) in enumerate(sims)],
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
    assert set(VERDICTS) == {
        (part, deed, stand) for part in Part if part != Part.RESTORE for deed in Deed for stand in Stand
    }


def test_confirmed_is_said_of_nothing_that_was_not_seen_in_the_target() -> None:
    confirmed = {(part, stand) for (part, _, stand), (outcome, *_) in VERDICTS.items() if outcome == Outcome.CONFIRMED}
    assert confirmed == {
        (part, Stand.DONE) for part in (Part.MOVE, Part.ACTIVATE, Part.REGISTER, Part.OFFER, Part.ACCEPT)
    }


def test_what_a_sim_was_before_stands_beside_what_it_is_now() -> None:
    steps = pl.DataFrame([step(0, Step.MOVE)], schema=STEPS, orient="row")
    deeds = pl.DataFrame([(steps["key"][0], "move", Deed.ARRIVED, 1, None, None, "t")], schema=DEEDS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], Side.TARGET, "1", "Suspended", None, None)], schema=SIGHTS, orient="row")
    line = reconcile(steps, REJECTED.clear(), deeds, sights).row(0, named=True)
    assert (line["status_before"], line["status_now"]) == ("Activated", "Suspended")
    assert (line["device_id"], line["device_name"], line["device_now"]) == ("7", "pump", None)


def test_a_sim_that_an_attempt_moved_late_is_confirmed_and_not_said_to_have_come_by_itself() -> None:
    steps = pl.DataFrame([step(0, Step.MOVE)], schema=STEPS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], Side.TARGET, "1", "Suspended", None, None)], schema=SIGHTS, orient="row")
    for attempts, outcome in ((0, Outcome.LEFT), (1, Outcome.CONFIRMED)):
        held = [(steps["key"][0], "move", Deed.HELD_BACK, attempts, "moved", "it is gone", "t")]
        deeds = pl.DataFrame(held, schema=DEEDS, orient="row")
        assert reconcile(steps, REJECTED.clear(), deeds, sights)["outcome"].to_list() == [outcome]


def test_a_sim_that_was_there_and_is_there_no_more_is_not_said_to_be_left() -> None:
    steps = pl.DataFrame([step(0, Step.LEAVE)], schema=STEPS, orient="row")
    for side, outcome in ((Side.TARGET, Outcome.LEFT), (Side.SOURCE, Outcome.DRIFTED), (Side.NOWHERE, Outcome.DRIFTED)):
        sights = pl.DataFrame([(steps["key"][0], side, "1", "Suspended", None, None)], schema=SIGHTS, orient="row")
        line = reconcile(steps, REJECTED.clear(), pl.DataFrame(schema=DEEDS), sights).row(0, named=True)
        assert line["outcome"] == outcome
        assert (line["reason"] == "words") == (outcome == Outcome.LEFT)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(WAYS),
            st.integers(0, 2),
            st.sampled_from(list(Deed)),
            st.sampled_from(list(Side)),
            st.sampled_from(STATUSES),
        )
    )
)
def test_totals_balance_for_ways_of_several_parts(sims: list[tuple[str, int, Deed, Side, str | None]]) -> None:
    steps = pl.DataFrame([step(at, Step.MOVE, way) for at, (way, *_) in enumerate(sims)], schema=STEPS, orient="row")
    deeds = pl.DataFrame(
        [
            (steps["key"][at], way.split()[place % len(way.split())], deed, 1, "c", "w", "t")
            for at, (way, place, deed, *_) in enumerate(sims)
        ],
        schema=DEEDS,
        orient="row",
    )
    sights = pl.DataFrame(
        [(steps["key"][at], side, "1", status, None, None) for at, (_, _, _, side, status) in enumerate(sims)],
        schema=SIGHTS,
        orient="row",
    )
    outcomes = reconcile(steps, REJECTED.clear(), deeds, sights, COURSE)
    assert not outcomes["outcome"].has_nulls()
    assert not outcomes["next_step"].has_nulls()
    for (way, *_, side, status), outcome in zip(sims, outcomes["outcome"], strict=True):
        if outcome == Outcome.CONFIRMED:
            assert side == Side.TARGET
            assert not way.endswith("activate") or status == "active"


def outcome_of(way: str, part: str, deed: Deed, side: Side, status: str) -> tuple[str, str]:
    """Outcome and reason of one SIM."""
    steps = pl.DataFrame([step(0, Step.MOVE, way)], schema=STEPS, orient="row")
    deeds = pl.DataFrame([(steps["key"][0], part, deed, 1, "83009", "busy", "t")], schema=DEEDS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], side, "1", status, None, None)], schema=SIGHTS, orient="row")
    line = reconcile(steps, REJECTED.clear(), deeds, sights, COURSE).row(0, named=True)
    return str(line["outcome"]), str(line["reason"])


def test_a_sim_that_was_deactivated_and_not_moved_is_awaiting_and_said_to_be_offline() -> None:
    outcome, reason = outcome_of("deactivate move", "deactivate", Deed.ARRIVED, Side.SOURCE, "inactive")
    assert outcome == Outcome.AWAITING
    assert "offline" in reason


def test_a_declined_move_of_a_sim_that_this_run_has_deactivated_says_that_it_is_offline() -> None:
    outcome, reason = outcome_of("deactivate move", "move", Deed.DECLINED, Side.SOURCE, "inactive")
    assert outcome == Outcome.DECLINED
    assert reason.startswith("busy")
    assert "offline" in reason


def test_a_sim_that_was_moved_and_fell_back_from_its_activation_is_not_done() -> None:
    outcome, reason = outcome_of("deactivate move activate", "activate", Deed.FELL_BACK, Side.TARGET, "inactive")
    assert outcome == Outcome.NOT_DONE
    assert "fell back" in reason


def test_a_moved_sim_in_another_group_than_planned_has_drifted() -> None:
    steps = pl.DataFrame([step(0, Step.MOVE)], schema=STEPS, orient="row").with_columns(group_to=pl.lit("HF1"))
    deeds = pl.DataFrame([(steps["key"][0], "move", Deed.ARRIVED, 1, None, None, "t")], schema=DEEDS, orient="row")
    for group, outcome in (("HF1", Outcome.CONFIRMED), ("HF2", Outcome.DRIFTED), (None, Outcome.DRIFTED)):
        sights = pl.DataFrame([(steps["key"][0], Side.TARGET, "1", "new", None, group)], schema=SIGHTS, orient="row")
        assert reconcile(steps, REJECTED.clear(), deeds, sights, COURSE)["outcome"].to_list() == [outcome]


@pytest.mark.parametrize(
    ("status", "next_step"), [("terminated", REPLACE), ("suspended", SUPPORT), (None, SUPPORT), ("ready", NEW_PLAN)]
)
@pytest.mark.parametrize("deed", [Deed.PENDING, Deed.HELD_BACK])
def test_of_a_sim_that_changed_under_way_support_is_asked_unless_it_was_terminated(
    deed: Deed, status: str | None, next_step: str
) -> None:
    course = Course(
        {
            Part.OFFER: Goal(Side.TARGET, Side.SOURCE, starts=("ready",), leaves=True),
            Part.ISSUE: Goal(Side.SOURCE, Side.SOURCE, ("transferring",), starts=("ready",)),
            Part.ACCEPT: Goal(Side.TARGET, Side.SOURCE, starts=("transferring",), back=("ready",)),
        },
        ends=("terminated",),
    )
    steps = pl.DataFrame([step(0, Step.MOVE, "issue accept")], schema=STEPS, orient="row")
    deeds = pl.DataFrame([(steps["key"][0], "accept", deed, 1, "c", "w", "t")], schema=DEEDS, orient="row")
    sights = pl.DataFrame([(steps["key"][0], Side.SOURCE, "1", status, None, None)], schema=SIGHTS, orient="row")
    line = reconcile(steps, REJECTED.clear(), deeds, sights, course).row(0, named=True)
    assert line["next_step"] == next_step
    assert line["outcome"] == (Outcome.NOT_DONE if (deed, status) == (Deed.PENDING, "ready") else Outcome.DRIFTED)
