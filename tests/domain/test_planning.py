"""One step per line, batches with the canary first, and a plan carried out leaves nothing to move."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import GROUP_MAP, INVENTORY
from domain.limits import Limits
from domain.lists import LINES
from domain.plan import Step
from domain.planning import HELD, REFUSALS, Terms, make_plan, refuse
from domain.rules import MoveRule

LIMITS = Limits(batch_sims=4, canary_sims=2)
NOBODY = pl.DataFrame(schema=HELD)
ALIVE = MoveRule(
    "status", "REFUSE", pl.col("status").is_in(["Issued", "Activated"]), "Its status is {status}.", "Mend it.", "here"
)


def inventory(*sims: tuple[str, str, str | None, str | None]) -> pl.DataFrame:
    rows = [
        (key, f"id{key}", key + "0", imsi, status, device, None, None, None, None) for key, status, imsi, device in sims
    ]
    return pl.DataFrame(rows, schema=INVENTORY, orient="row")


def lines(*wanted: tuple[str | None, str | None]) -> pl.DataFrame:
    rows = [(place, place + 2, key, key, imsi, False, None) for place, (key, imsi) in enumerate(wanted)]
    return pl.DataFrame(rows, schema=LINES, orient="row")


def plan(listed: pl.DataFrame, source: pl.DataFrame, target: pl.DataFrame, held: pl.DataFrame = NOBODY) -> pl.DataFrame:
    return make_plan(listed, source, target, Terms((ALIVE,), held, ("Activated",), LIMITS))


def one(listed: tuple[str | None, str | None], *more: pl.DataFrame) -> dict[str, object]:
    return plan(lines(listed), *more).row(0, named=True)


EMPTY = inventory()
PUMP = inventory(("1", "Issued", "901", None))


def test_a_sim_of_the_source_moves() -> None:
    assert one(("1", None), PUMP, EMPTY)["step"] == Step.MOVE


def test_a_sim_is_found_by_its_imsi_alone() -> None:
    found = one((None, "901"), PUMP, EMPTY)
    assert (found["step"], found["key"], found["sim_id"]) == (Step.MOVE, "1", "id1")


def test_a_sim_of_the_target_is_left() -> None:
    assert one(("1", None), EMPTY, PUMP)["step"] == Step.LEAVE


def test_an_iccid_and_an_imsi_of_two_sims_are_refused() -> None:
    two = inventory(("1", "Issued", "901", None), ("2", "Issued", "902", None))
    assert one(("1", "902"), two, EMPTY)["code"] == "pair_mismatch"


def test_an_imsi_of_another_sim_is_refused_where_the_account_shows_none_for_the_iccid() -> None:
    two = inventory(("1", "Issued", None, None), ("2", "Issued", "902", None))
    assert one(("1", "902"), two, EMPTY)["code"] == "pair_mismatch"


def test_an_imsi_that_two_sims_have_names_neither_and_says_so() -> None:
    two = inventory(("1", "Issued", "901", None), ("2", "Issued", "901", None))
    assert one((None, "901"), two, EMPTY)["code"] == "imsi_shared"
    assert one(("1", "901"), two, EMPTY)["step"] == Step.MOVE


def test_a_row_that_contradicts_itself_does_not_carry_a_sim_that_another_row_names_rightly() -> None:
    two = inventory(("1", "Issued", "901", None), ("2", "Issued", "902", None))
    steps = plan(lines(("1", "902"), (None, "901"), ("1", None)), two, EMPTY)
    assert steps["code"].to_list() == ["pair_mismatch", "eligible", "same_sim"]
    assert "row 3" in steps["words"][2]


def test_a_sim_in_neither_account_is_refused() -> None:
    assert one(("9", None), PUMP, EMPTY)["code"] == "not_found"


def test_a_sim_in_both_accounts_is_refused() -> None:
    assert one(("1", None), PUMP, PUMP)["code"] == "in_both"


def test_a_sim_of_another_live_run_is_refused_with_its_name() -> None:
    held = pl.DataFrame([("1", "last-week")], schema=HELD, orient="row")
    step = one(("1", None), PUMP, EMPTY, held)
    assert step["code"] == "held"
    assert "last-week" in str(step["words"])


def test_a_rule_that_does_not_hold_refuses_with_the_facts_in_its_sentence() -> None:
    step = one(("1", None), inventory(("1", "Deleted", None, None)), EMPTY)
    assert (step["step"], step["code"], step["words"]) == (Step.REFUSE, "status", "Its status is Deleted.")


def test_null_is_no() -> None:
    unknown = PUMP.with_columns(status=pl.lit(None, pl.String))
    assert one(("1", None), unknown, EMPTY)["step"] == Step.REFUSE


def test_one_sim_named_in_two_ways_moves_once() -> None:
    steps = plan(lines(("1", None), (None, "901")), PUMP, EMPTY)
    assert steps["step"].to_list() == [Step.MOVE, Step.REFUSE]
    assert "row 2" in steps["words"][1]


def test_the_canary_is_made_of_sims_that_carry_no_traffic() -> None:
    source = inventory(
        ("1", "Activated", None, None),
        ("2", "Issued", None, "7"),
        ("3", "Issued", None, None),
        ("4", "Activated", None, None),
    )
    steps = plan(lines(("1", None), ("2", None), ("3", None), ("4", None)), source, EMPTY)
    assert steps.filter(batch=1)["key"].to_list() == ["2", "3"]


@given(
    st.lists(st.integers(0, 30), max_size=30),
    st.sets(st.integers(0, 30)),
    st.sets(st.integers(0, 30)),
)
def test_every_line_is_answered_and_a_plan_carried_out_leaves_nothing_to_move(
    listed: list[int], in_source: set[int], in_target: set[int]
) -> None:
    wanted = lines(*((str(key), None) for key in listed))
    source = inventory(*((str(key), "Issued", None, None) for key in in_source))
    target = inventory(*((str(key), "Issued", None, None) for key in in_target))
    steps = plan(wanted, source, target)
    assert steps["line"].to_list() == list(range(len(listed)))
    moving = steps.filter(step=Step.MOVE)
    assert moving["key"].is_unique().all()
    assert moving["batch"].is_not_null().all()
    assert moving.group_by("batch").len()["len"].max() in {None, 1, 2, 3, 4}
    moved = source.filter(pl.col("key").is_in(moving["key"].implode()))
    again = plan(wanted, source.join(moved, on="key", how="anti"), pl.concat([target, moved]))
    assert again.filter(step=Step.MOVE).is_empty()


def test_a_refused_sim_leaves_its_batch_and_keeps_the_providers_words() -> None:
    steps = plan(lines(("1", None)), PUMP, EMPTY)
    refusals = pl.DataFrame([("1", "1503", "status not allowed", "widen")], schema=REFUSALS, orient="row")
    step = refuse(steps, refusals).row(0, named=True)
    assert (step["step"], step["code"], step["words"], step["batch"]) == (
        Step.REFUSE,
        "1503",
        "status not allowed",
        None,
    )


def test_a_sim_is_found_by_the_providers_id_in_either_case() -> None:
    listed = lines((None, None)).with_columns(sim_id=pl.lit("ID1"), iccid=pl.lit(None, pl.String))
    found = plan(listed, PUMP, EMPTY).row(0, named=True)
    assert (found["step"], found["key"], found["sim_id"]) == (Step.MOVE, "1", "id1")


def test_a_group_without_a_word_about_it_is_not_mapped_and_a_name_of_the_target_is_taken() -> None:
    grouped = PUMP.with_columns(group=pl.lit("HF1"), name=pl.lit("gate"))
    rules = (
        MoveRule("unmapped", "REFUSE", pl.col("group_mapped"), "no group", "map it", "here"),
        MoveRule("taken", "REFUSE", ~pl.col("name_taken"), "taken", "rename it", "here"),
    )
    groups = pl.DataFrame([("HF1", "HF2")], schema=GROUP_MAP, orient="row")
    for terms, code in (
        (Terms(rules, NOBODY, (), LIMITS), "unmapped"),
        (Terms(rules, NOBODY, (), LIMITS, groups=groups, names_taken=frozenset({"gate"})), "taken"),
        (Terms(rules, NOBODY, (), LIMITS, groups=groups), "eligible"),
    ):
        step = make_plan(lines(("1", None)), grouped, EMPTY, terms).row(0, named=True)
        assert step["code"] == code
    assert step["group_to"] == "HF2"
