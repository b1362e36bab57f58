"""Every row of Super SIM's example list is answered as expected, by gate and planner over the default world."""

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
from sandbox.supersim.accounts import NORTH, SOUTH
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed
from validation.judge import judge
from validation.tables import move_rules, parts_of

EXAMPLES = Path(__file__).resolve().parents[3] / "inputs" / "examples"
ENDS = {Step.MOVE: "confirmed", Step.LEAVE: "left", Step.REFUSE: "refused"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("world")
    seed(home, provider=Name.SUPERSIM)
    return home


def inventory(home: Path, account: str) -> pl.DataFrame:
    held = Truth(home).where().filter(pl.col("account") == account)
    return held.select(
        key="iccid",
        sim_id="sim_id",
        iccid=pl.col("iccid") + pl.col("check_digit"),
        imsi=pl.lit(None, pl.String),
        status="status",
        device_id=pl.lit(None, pl.String),
        device_name=pl.lit(None, pl.String),
        group="fleet",
        name="name",
        type=pl.lit(None, pl.String),
    ).cast(INVENTORY)


def fleets(home: Path) -> pl.DataFrame:
    there = Truth(home).fleets()
    sids = {(account, name): fleet for fleet, account, name in there.select("fleet", "account", "name").rows()}
    with (EXAMPLES / "fleets.csv").open(encoding="utf-8") as file:
        pairs = [(sids[NORTH.sid, row["from"]], sids[SOUTH.sid, row["to"]]) for row in csv.DictReader(file)]
    return pl.DataFrame(pairs, schema=GROUP_MAP, orient="row")


def test_the_example_has_damage_sids_and_sims_in_every_status() -> None:
    expected = json.loads((EXAMPLES / "supersim.expected.json").read_text(encoding="utf-8"))
    assert len(expected["rows"]) >= 300
    assert expected["totals"]["confirmed/eligible"] >= 240
    assert len(expected["totals"]) == 18
    assert sum(1 for row in expected["rows"].values() if row["is"] == "a sid") >= 20
    assert (expected["from"], expected["to"]) == (NORTH.name, SOUTH.name)


@pytest.mark.parametrize("deactivate", [False, True])
def test_gate_and_planner_answer_every_row_as_expected(home: Path, *, deactivate: bool) -> None:
    expected = json.loads((EXAMPLES / "supersim.expected.json").read_text(encoding="utf-8"))["rows"]
    verdict = judge(read_list(EXAMPLES / "supersim.xlsx"), "supersim", ListLimits())
    source, target = inventory(home, NORTH.sid), inventory(home, SOUTH.sid)
    options = Options(deactivate_first=deactivate, reactivate=deactivate, inactive_moves=deactivate)
    terms = Terms(
        rules=move_rules("supersim", options),
        held=pl.DataFrame(schema=HELD),
        live_statuses=("ready", "active"),
        limits=Limits(),
        parts=parts_of("supersim", options),
        groups=fleets(home),
        names_taken=frozenset(target["name"].drop_nulls()),
    )
    steps = make_plan(verdict.lines, source, target, terms)
    got: dict[int, Counter[str]] = {}
    for row, step, code in steps.select("row", "step", "code").iter_rows():
        got.setdefault(row, Counter())[f"{ENDS[Step(step)]}/{code}"] += 1
    for row, code, severity in verdict.findings.select("row", "code", "severity").iter_rows():
        got.setdefault(row, Counter())[f"rejected/{code}" if severity == "error" else code] += 1
    wanted = {}
    for row, entry in expected.items():
        wanted[int(row)] = Counter((entry.get("deactivated") if deactivate else None) or entry["ends"])
    assert {row: (got.get(row), ends) for row, ends in wanted.items() if got.get(row) != ends} == {}
    assert set(got) == set(wanted)
