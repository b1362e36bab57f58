"""A run's folder is its owner's alone, and what is read from it is what was written."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from domain.errors import ListError, RefusedToRun, UsageError
from domain.plan import to_json
from journal.files import write_frame, write_text
from journal.folder import every_run, home, new_run, open_run
from journal.run_folder import RunFolder
from journal.status import Stage, facts
from tests.journal.journal_samples import NOW, planned, resealed, sheet_of, steps

RACE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from journal.folder import new_run
for _ in range(20):
    print(new_run(Path(sys.argv[1]), Path("fleet.csv"), datetime(2026, 11, 20, tzinfo=UTC)).name)
"""


def test_runs_lie_where_the_environment_says_else_beside_us() -> None:
    assert home({"SIMFERRY_HOME": "/elsewhere"}) == Path("/elsewhere")
    assert home({}) == Path("runs")


def test_a_run_is_named_for_the_day_and_the_list(tmp_path: Path) -> None:
    names = [
        new_run(tmp_path, Path(name), NOW).name for name in ("Fleet.xlsx", "fleet.csv", "Flotte – März!.csv", "漢.csv")
    ]
    assert names == ["2026-11-20-fleet", "2026-11-20-fleet-2", "2026-11-20-flotte-m-rz", "2026-11-20-list"]


def test_two_processes_never_get_the_same_folder(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    names = [name for racer in racers for name in racer.communicate(timeout=60)[0].split()]
    assert len(names) == len(set(names)) == 40


def test_a_run_is_found_by_a_prefix_that_only_it_has(tmp_path: Path) -> None:
    for name in ("fleet", "fleet", "depot"):
        new_run(tmp_path, Path(name), NOW)
    assert open_run(tmp_path, "2026-11-20-d").name == "2026-11-20-depot"
    assert open_run(tmp_path, "2026-11-20-fleet").name == "2026-11-20-fleet"
    with pytest.raises(UsageError, match=r"3 runs begin with 2026.*Give more of the name"):
        open_run(tmp_path, "2026")
    with pytest.raises(UsageError, match="Did you mean 2026-11-20-depot"):
        open_run(tmp_path, "2026-11-20-depto")


@pytest.mark.parametrize("name", ["", "..", "/etc", "../runs"])
def test_a_name_that_is_a_path_is_no_run(tmp_path: Path, name: str) -> None:
    new_run(tmp_path, Path("fleet"), NOW)
    with pytest.raises(UsageError, match="There is no run"):
        open_run(tmp_path, name)


def test_where_nothing_was_ever_planned_there_are_no_runs(tmp_path: Path) -> None:
    assert list(every_run(tmp_path / "nowhere")) == []


def test_nobody_else_may_look_into_a_run(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    assert folder.path.stat().st_mode & 0o077 == 0
    files = [path for path in folder.path.rglob("*") if path.is_file()]
    assert len(files) == 5
    assert all(path.stat().st_mode & 0o177 == 0 for path in files)


def test_the_pinned_list_is_the_list_that_was_read(tmp_path: Path) -> None:
    listed = tmp_path / "fleet.csv"
    listed.write_bytes(b"ICCID\r\n8988303000000000001\r\n" * 100_000)
    folder = new_run(tmp_path / "runs", listed, NOW)
    pinned = folder.pin(listed, hashlib.sha256(listed.read_bytes()).hexdigest())
    folder.save_sheet(sheet_of(listed))
    assert pinned == folder.pinned
    assert pinned.read_bytes() == listed.read_bytes()
    with pytest.raises(RefusedToRun, match="changed while it was being read"):
        folder.pin(listed, "0" * 64)
    assert not pinned.exists()
    with pytest.raises(ListError, match="not there any more"):
        folder.pin(tmp_path / "gone.csv")


def test_a_sheet_comes_back_without_its_rows(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    sheet = folder.load_sheet()
    wanted = sheet_of(folder.list_folder / "Fleet März.csv")
    assert (sheet.name, sheet.columns, sheet.roles, sheet.path) == (
        wanted.name,
        wanted.columns,
        wanted.roles,
        wanted.path,
    )


def test_a_plan_comes_back_as_it_was_made(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    loaded, frame = folder.load_plan()
    assert loaded == plan
    assert frame.equals(steps())
    assert frame.schema == steps().schema


@pytest.mark.parametrize(
    ("name", "value"),
    [("calls_estimated", 1), ("counts", {"MOVE": 4}), ("fingerprint", "0" * 64), ("run", "other"), ("nonsense", 1)],
)
def test_a_plan_with_one_changed_fact_is_refused(tmp_path: Path, name: str, value: object) -> None:
    folder, _ = planned(tmp_path / "runs")
    folder.plan.write_text(json.dumps(json.loads(folder.plan.read_text()) | {name: value}))
    with pytest.raises(RefusedToRun, match=r"plan.json .* altered since.*simferry plan") as refused:
        folder.load_plan()
    assert refused.value.cause == "altered"


def test_a_plan_with_one_changed_step_is_refused(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    swapped = steps().with_columns(pl.col("key").reverse())
    for frame in (swapped, steps().head(3), steps().drop("words")):
        frame.write_parquet(folder.steps)
        with pytest.raises(RefusedToRun, match=r"plan\.parquet"):
            folder.load_plan()
    folder.steps.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(RefusedToRun, match="broken or was changed by hand"):
        folder.load_plan()


def test_a_run_without_a_plan_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no plan\. Make a new plan with `simferry plan`"):
        new_run(tmp_path, Path("fleet"), NOW).load_plan()


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    write_text(tmp_path / "plan.json", "first")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "plan.json", "second \ud800")
    assert (tmp_path / "plan.json").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_two_runs_of_one_name_in_two_homes_are_told_apart(tmp_path: Path) -> None:
    one, other = (new_run(tmp_path / place, Path("fleet"), NOW) for place in ("one", "other"))
    assert one.name == other.name
    assert one.identity != other.identity
    assert RunFolder(one.path).identity == one.identity


@pytest.mark.parametrize(
    "text", ["[]", "null", "7", "{}", '{"version": 1, "checked": []}', '{"version": 1, "counts": 3}']
)
def test_a_plan_that_is_other_json_is_refused_and_said_to_be_damaged(tmp_path: Path, text: str) -> None:
    folder, _ = planned(tmp_path / "runs")
    folder.plan.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedToRun):
        folder.load_plan()
    assert facts(folder, None).stage == Stage.DAMAGED


def test_an_altered_plan_is_not_shown_as_one_that_may_be_approved(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    folder.plan.write_text(to_json(resealed(plan, 9)), encoding="utf-8")
    assert facts(folder, None).stage == Stage.DAMAGED


def test_a_frame_that_does_not_fit_on_the_disk_is_an_error_of_the_machine(tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        with pytest.raises(OSError, match="large"):
            write_frame(tmp_path / "frame.parquet", pl.DataFrame({"a": range(100_000)}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_in_the_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    other = RunFolder(folder.path.rename(folder.path.with_name("2026-11-20-another")))
    with pytest.raises(RefusedToRun):
        other.load_plan()
