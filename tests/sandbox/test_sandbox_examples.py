"""The committed lists are what their maker makes, and every row of them is answered as expected."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from domain.inventory import INVENTORY
from domain.limits import Limits
from domain.lists import ListLimits
from domain.orders import Options
from domain.plan import Step
from domain.planning import HELD, Terms, make_plan
from inputs.read import read_list
from sandbox import accounts
from sandbox.emnify.words import Status
from sandbox.examples.make import make_examples
from sandbox.truth import Truth
from sandbox.world import seed
from validation.emnify_rules import move_rules
from validation.judge import judge

EXAMPLES = Path(__file__).resolve().parents[2] / "inputs" / "examples"
ENDS = {Step.MOVE: "confirmed", Step.LEAVE: "left", Step.REFUSE: "refused"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    home = tmp_path_factory.mktemp("world")
    seed(home)
    return Truth(home).where()


def inventory(world: pl.DataFrame, workspace: int) -> pl.DataFrame:
    statuses = {int(status): str(status.named()["description"]) for status in Status}
    held = world.filter(pl.col("workspace_id") == workspace)
    return held.select(
        key="iccid",
        sim_id=pl.col("sim_id").cast(pl.String),
        iccid=pl.col("iccid") + pl.col("check_digit"),
        imsi="imsi",
        status=pl.col("status").replace_strict(statuses, return_dtype=pl.String),
        device_id=pl.col("endpoint_id").cast(pl.String),
        device_name=pl.col("endpoint_id").cast(pl.String),
        group=pl.lit(None, pl.String),
        name=pl.lit(None, pl.String),
        type=pl.lit(None, pl.String),
    ).cast(INVENTORY)


def contents(file: Path) -> dict[str, bytes]:
    if file.suffix != ".xlsx":
        return {"": file.read_bytes()}
    with zipfile.ZipFile(file) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def test_the_committed_lists_are_those_that_the_maker_makes(tmp_path: Path) -> None:
    make_examples(tmp_path)
    made = sorted(file.name for file in tmp_path.iterdir())
    assert len(made) == 15
    for name in made:
        assert contents(tmp_path / name) == contents(EXAMPLES / name), name


def test_the_fleet_has_all_the_damage_and_a_thousand_good_rows() -> None:
    expected = json.loads((EXAMPLES / "fleet.expected.json").read_text(encoding="utf-8"))
    assert len(expected["rows"]) >= 1_200
    assert expected["totals"]["confirmed/eligible"] >= 1_000
    assert len(expected["totals"]) == 22


@pytest.mark.parametrize("detach", [False, True])
@pytest.mark.parametrize(
    ("name", "expectations"),
    [("fleet.xlsx", "fleet"), ("fleet.csv", "fleet-csv"), ("ranges.csv", "ranges")],
)
def test_reader_gate_and_planner_answer_every_row_as_expected(
    world: pl.DataFrame, name: str, expectations: str, *, detach: bool
) -> None:
    expected = json.loads((EXAMPLES / f"{expectations}.expected.json").read_text(encoding="utf-8"))["rows"]
    verdict = judge(read_list(EXAMPLES / name), "emnify", ListLimits())
    source, target = inventory(world, accounts.SOURCE), inventory(world, accounts.TARGET)
    rules = move_rules(Options(detach_devices=detach))
    steps = make_plan(verdict.lines, source, target, Terms(rules, pl.DataFrame(schema=HELD), ("Activated",), Limits()))
    got: dict[int, Counter[str]] = {}
    for row, step, code in steps.select("row", "step", "code").iter_rows():
        got.setdefault(row, Counter())[f"{ENDS[Step(step)]}/{code}"] += 1
    for row, code, severity in verdict.findings.select("row", "code", "severity").iter_rows():
        got.setdefault(row, Counter())[f"rejected/{code}" if severity == "error" else code] += 1
    wanted = {}
    for row, entry in expected.items():
        ends = (entry.get("detached") if detach else None) or entry["ends"]
        wanted[int(row)] = Counter(ends) + Counter([entry["warning"]] if "warning" in entry else [])
    assert {row: got.get(row) for row in wanted if got.get(row) != wanted[row]} == {}
    assert set(got) == set(wanted)
