"""A registration's plan: what is in the account is left, the rest is registered, each SIM once, in batches."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import INVENTORY, SIGHTS, Side
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Part
from domain.outcomes import DEEDS, Deed, Outcome
from domain.parts import Course, Goal
from domain.plan import STEPS, Reason, Step
from domain.planning import HELD
from domain.queue import sims_of
from domain.reconciling import reconcile
from domain.registering import plan_registration

LIMITS = Limits(batch_sims=4, canary_sims=2)
NOBODY = pl.DataFrame(schema=HELD)
COURSE = Course({Part.REGISTER: Goal(Side.TARGET, Side.NOWHERE)}, ("scheduled",))


def lines(*keys: str) -> pl.DataFrame:
    rows = [(place, place + 2, key, f"{key}0", None, False, None) for place, key in enumerate(keys)]
    return pl.DataFrame(rows, schema=LINES, orient="row")


def account(*keys: str) -> pl.DataFrame:
    rows = [(key, f"id{key}", f"{key}0", None, "new", None, None, "fleet", None, None) for key in keys]
    return pl.DataFrame(rows, schema=INVENTORY, orient="row")


def one(key: str, there: pl.DataFrame, held: pl.DataFrame = NOBODY) -> dict[str, object]:
    return plan_registration(lines(key), there, held, LIMITS).row(0, named=True)


def test_a_sim_that_the_account_does_not_have_is_registered() -> None:
    step = one("1", account("2"))
    assert (step["step"], step["code"], step["parts"], step["batch"]) == (Step.MOVE, Reason.ELIGIBLE, Part.REGISTER, 1)
    assert step["sim_id"] is None


def test_a_sim_of_the_account_is_left_also_where_another_run_has_it() -> None:
    step = one("1", account("1"), pl.DataFrame([("1", "a-run")], schema=HELD, orient="row"))
    assert (step["step"], step["code"], step["sim_id"]) == (Step.LEAVE, Reason.ALREADY_THERE, "id1")


def test_a_sim_of_another_run_is_refused_and_the_run_is_named() -> None:
    step = one("1", account(), pl.DataFrame([("1", "a-run")], schema=HELD, orient="row"))
    assert (step["step"], step["code"], step["batch"]) == (Step.REFUSE, Reason.HELD, None)
    assert str(step["words"]).endswith(": a-run")


def test_a_sim_to_be_registered_has_no_id_in_what_is_ordered() -> None:
    (sim,) = sims_of(plan_registration(lines("1"), account(), NOBODY, LIMITS))
    assert (sim.sim_id, sim.parts) == ("", (Part.REGISTER,))


@given(st.lists(st.integers(1, 30), unique=True), st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_every_line_has_a_step_and_a_plan_carried_out_leaves_nothing_to_register(
    listed: list[int], there: set[int], held: set[int]
) -> None:
    keys = [str(key) for key in listed]
    runs = pl.DataFrame([(str(key), "a-run") for key in sorted(held)], schema=HELD, orient="row")
    known = account(*(str(key) for key in sorted(there)))
    steps = plan_registration(lines(*keys), known, runs, LIMITS)
    assert steps.schema == STEPS
    assert steps["key"].to_list() == keys
    moves = steps.filter(pl.col("step") == Step.MOVE)
    assert moves["batch"].null_count() == 0
    assert moves.filter(batch=1).height == min(LIMITS.canary_sims, moves.height)
    assert all(size <= LIMITS.batch_sims for size in moves.group_by("batch").len()["len"])
    registered = known.vstack(account(*moves["key"]))
    assert Step.MOVE not in plan_registration(lines(*keys), registered, runs, LIMITS)["step"]


def outcome(deed: Deed, side: Side, words: str | None = None) -> dict[str, object]:
    steps = plan_registration(lines("1"), account(), NOBODY, LIMITS)
    deeds = pl.DataFrame([("1", "register", deed, 1, "83002", words, "2026")], schema=DEEDS, orient="row")
    sights = pl.DataFrame([("1", side, None, None, None, None)], schema=SIGHTS, orient="row")
    rejected = pl.DataFrame(schema={"row": pl.UInt32, "raw": pl.String, "code": pl.String})
    return reconcile(steps, rejected, deeds, sights, COURSE).row(0, named=True)


def test_a_sim_seen_in_the_account_is_confirmed_whatever_was_answered() -> None:
    for deed in (Deed.TOLD, Deed.ARRIVED, Deed.UNHEARD, Deed.STILL, Deed.DECLINED):
        assert outcome(deed, Side.TARGET)["outcome"] == Outcome.CONFIRMED


def test_a_sim_that_came_into_the_account_by_somebody_else_is_left() -> None:
    told = outcome(Deed.NONE, Side.TARGET)
    assert (told["outcome"], told["reason"]) == (Outcome.LEFT, "It came into the account without this run.")


def test_what_was_declined_or_not_done_is_registered_again_by_the_same_list() -> None:
    declined = outcome(Deed.DECLINED, Side.NOWHERE, "not registrable")
    assert (declined["outcome"], declined["code"], declined["reason"]) == (
        Outcome.DECLINED,
        "83002",
        "not registrable",
    )
    for told in (declined, outcome(Deed.STILL, Side.NOWHERE)):
        assert "Register the same list again" in str(told["next_step"])
        assert "retry.csv" not in str(told["next_step"])
