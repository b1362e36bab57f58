"""Every row of Soracom's example lists is answered as expected, by gate and planner over the default world."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from domain.inventory import GROUP_MAP, INVENTORY
from domain.limits import Limits
from domain.lists import ListLimits
from domain.orders import Options
from domain.plan import Step
from domain.planning import HELD, Terms, make_plan
from inputs.read import read_list
from sandbox.soracom.accounts import EAST, EDO, OSAKA, WEST, Operator
from sandbox.soracom.truth import Truth
from sandbox.world import Name, seed
from validation.judge import judge
from validation.tables import move_rules, parts_of

EXAMPLES = Path(__file__).resolve().parents[3] / "inputs" / "examples"
ENDS = {Step.MOVE: "confirmed", Step.LEAVE: "left", Step.REFUSE: "refused", Step.ASSIST: "assisted"}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    home = tmp_path_factory.mktemp("world")
    seed(home, provider=Name.SORACOM)
    return Truth(home)


def inventory(truth: Truth, operator: Operator) -> pl.DataFrame:
    held = truth.where().filter(pl.col("operator") == operator.operator)
    nothing = pl.lit(None, pl.String)
    return held.select(
        key="iccid",
        sim_id="iccid",
        iccid="iccid",
        imsi="imsi",
        status="status",
        device_id=nothing,
        device_name=nothing,
        group="group",
        name="name",
        type="type",
    ).cast(INVENTORY)


def pairs(truth: Truth) -> pl.DataFrame:
    ids = {(owner, name): group for group, _, owner, name in truth.groups().rows()}
    with (EXAMPLES / "groups.csv").open(encoding="utf-8") as file:
        rows = [(ids["east", row["from"]], ids["west", row["to"]]) for row in csv.DictReader(file)]
    return pl.DataFrame(rows, schema=GROUP_MAP, orient="row")


def test_the_example_has_damage_imsis_and_sims_in_every_status() -> None:
    expected = json.loads((EXAMPLES / "soracom.expected.json").read_text(encoding="utf-8"))
    assert len(expected["rows"]) >= 370
    assert expected["totals"]["confirmed/eligible"] >= 300
    assert expected["totals"]["assisted/by_support"] >= 25
    assert sum(1 for row in expected["rows"].values() if "IMSI" in row["is"]) >= 40
    assert (expected["from"], expected["to"]) == (EAST.name, WEST.name)


@pytest.mark.parametrize(
    ("name", "expectations", "source", "target"),
    [("soracom.xlsx", "soracom", EAST, WEST), ("soracom.csv", "soracom-csv", EDO, OSAKA)],
)
def test_gate_and_planner_answer_every_row_as_expected(
    truth: Truth, name: str, expectations: str, source: Operator, target: Operator
) -> None:
    expected = json.loads((EXAMPLES / f"{expectations}.expected.json").read_text(encoding="utf-8"))["rows"]
    verdict = judge(read_list(EXAMPLES / name), "soracom", ListLimits())
    terms = Terms(
        rules=move_rules("soracom", Options()),
        held=pl.DataFrame(schema=HELD),
        live_statuses=("active",),
        limits=Limits(),
        parts=parts_of("soracom", Options(accepts=True)),
        groups=pairs(truth),
        aliases=truth.aliases(),
        source_id=source.operator,
        target_id=target.operator,
    )
    steps = make_plan(verdict.lines, inventory(truth, source), inventory(truth, target), terms)
    got: dict[int, Counter[str]] = {}
    for row, step, code in steps.select("row", "step", "code").iter_rows():
        got.setdefault(row, Counter())[f"{ENDS[Step(step)]}/{code}"] += 1
    for row, code, severity in verdict.findings.select("row", "code", "severity").iter_rows():
        got.setdefault(row, Counter())[f"rejected/{code}" if severity == "error" else code] += 1
    wanted = {
        int(row): Counter(entry["ends"]) + Counter([entry["warning"]] if "warning" in entry else [])
        for row, entry in expected.items()
    }
    assert {row: (got.get(row), ends) for row, ends in wanted.items() if got.get(row) != ends} == {}
    assert set(got) == set(wanted)
