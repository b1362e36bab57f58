"""What SIMs had used before they were moved, beside the limits that it counts against now."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import GROUPS, HISTORY
from domain.outcomes import Outcome
from reports.palette import COLOURS, Level
from reports.run_report import RunReport
from reports.summary import summarise
from reports.tables import tables
from reports.usage import USAGE, level_of, usage_of, write_history
from reports.webpage import LINES_MAX, write_page
from reports.write import write_reports
from tests.reports.report_samples import Made
from tests.reports.supersim_samples import AT, CASES, NAMES, SOUTH_FIELD, supersim_report
from tests.reports.test_workbook import written


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    return supersim_report(tmp_path)


def limited(limit_mb: int | None) -> pl.DataFrame:
    """The groups, with another limit of south's fleet Field, 20 MB before."""
    named = [(group, name, limit_mb if group == SOUTH_FIELD else limit) for group, name, limit in NAMES]
    return pl.DataFrame(named, schema=GROUPS, orient="row")


def used(report: RunReport, bytes_used: list[int | None]) -> pl.DataFrame:
    """The history, where the current periods of its SIMs have these bytes, in their order."""
    first = pl.col("sim_id").is_first_distinct()
    amounts = pl.Series((bytes_used * (report.history.height // len(bytes_used) + 1))[: report.history.height])
    return report.history.with_columns(pl.when(first).then(amounts.cast(pl.Int64)).otherwise("bytes_used"))


def test_the_share_is_that_of_the_new_fleet_s_limit(report: RunReport) -> None:
    lines = usage_of(report).lines
    assert lines.schema == USAGE
    known = lines.filter(pl.col("share").is_not_null()).select("row", "used_mb", "group_named", "limit_mb", "share")
    assert known.row(0) == (13, 17.5, "Field", 20, 0.875)
    assert set(known["group_named"]) == {"Field", "Road"}
    assert lines["row"].is_sorted()


@pytest.mark.parametrize("limit_mb", [0, None, -1])
def test_a_fleet_without_a_limit_leaves_no_share(report: RunReport, tmp_path: Path, limit_mb: int | None) -> None:
    lines = usage_of(supersim_report(tmp_path, groups=limited(limit_mb))).lines.filter(pl.col("group_named") == "Field")
    assert lines.height > 0
    assert lines["share"].null_count() == lines.height
    assert usage_of(report).lines.filter(pl.col("group_named") == "Field")["share"].count() > 0


def test_a_fleet_that_nobody_knows_leaves_no_share_and_is_named_by_its_id(tmp_path: Path) -> None:
    lines = usage_of(supersim_report(tmp_path, groups=pl.DataFrame(schema=GROUPS))).lines
    assert lines["share"].count() == 0
    assert SOUTH_FIELD in lines["group_named"].to_list()


def test_a_period_that_has_ended_by_now_counts_no_more(report: RunReport) -> None:
    ended = usage_of(report).lines.filter(pl.col("ends") == "2026-11-19 00:00")
    assert ended.select("group_named", "limit_mb", "used_mb", "share").row(0) == ("Road", 1_000, 0.0, None)


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**13)), min_size=1, max_size=60))
def test_totals_of_usage_balance(tmp_path_factory: pytest.TempPathFactory, amounts: list[int | None]) -> None:
    base = supersim_report(tmp_path_factory.getbasetemp())
    history = used(base, amounts)
    usage = usage_of(supersim_report(tmp_path_factory.getbasetemp(), history=history))
    current = history.unique("sim_id", keep="first", maintain_order=True)
    assert usage.lines.height == current.height == base.history["sim_id"].n_unique()
    pattern = r"(\S+) SIMs · (\S+) MB used · (\S+) with 80% .*, (\S+) of them .* · (\S+) without a share"
    words = re.fullmatch(pattern, usage.totals)
    assert words
    sims, megabytes, high, full, without = (float(number.replace(",", "")) for number in words.groups())
    assert (sims, megabytes) == (current.height, round(int(current["bytes_used"].sum()) / 1e6, 2))
    shares = usage.lines["share"]
    assert high + int((shares < 0.8).sum()) + without == sims
    assert full <= high
    assert float(usage.lines["used_mb"].sum()) == pytest.approx(megabytes, abs=0.01)


def test_a_row_that_names_a_sim_once_more_adds_nothing(report: RunReport) -> None:
    again = report.outcomes.filter(pl.col("sim_id") == report.history["sim_id"][0]).with_columns(
        outcome=pl.lit("refused", report.outcomes.schema["outcome"]),
        batch=pl.lit(None, pl.UInt32),
        row=pl.lit(1, pl.UInt32),
    )
    doubled = replace(report, outcomes=pl.concat([again, report.outcomes]))
    assert usage_of(doubled).lines.equals(usage_of(report).lines)


def test_only_sims_that_moved_are_warned_of(report: RunReport, tmp_path: Path) -> None:
    assert usage_of(report).warning in summarise(report).changes
    stuck = tuple(case for case in CASES if case[5] == "source")
    assert usage_of(supersim_report(tmp_path, stuck, history=pl.DataFrame(schema=HISTORY))).warning == ""
    assert usage_of(supersim_report(tmp_path, stuck)).warning == ""
    assert usage_of(supersim_report(tmp_path, stuck)).lines.height > 0


def test_the_sheet_says_above_its_headings_what_it_means(report: RunReport, tmp_path: Path) -> None:
    sheet = written(report, tmp_path)["Usage"]
    words = " ".join(str(sheet[cell].value) for cell in ("A1", "A2"))
    for said in ("no billing period until", "still counts", "stay behind", "only place", "28 SIMs"):
        assert said in words
    assert sheet["A3"].value == "Row"
    assert sheet.freeze_panes == "D4"
    assert sheet.print_title_rows == "$3:$3"


@pytest.mark.parametrize(
    ("share", "level"),
    [
        (None, Level.CALM),
        (0.0, Level.CALM),
        (0.79, Level.CALM),
        (0.8, Level.HIGH),
        (1.0, Level.FULL),
        (40.0, Level.FULL),
    ],
)
def test_a_limit_is_near_from_four_fifths_on(share: float | None, level: Level) -> None:
    assert level_of(share) is level


def test_high_shares_have_a_colour_in_the_workbook(report: RunReport, tmp_path: Path) -> None:
    sheet = written(report, tmp_path)["Usage"]
    fills = {Level.HIGH: COLOURS[Outcome.NOT_DONE].fill, Level.FULL: COLOURS[Outcome.IN_DOUBT].fill}
    cells = [row[4] for row in sheet.iter_rows(min_row=4) if row[4].value is not None]
    assert {level_of(float(str(cell.value))) for cell in cells} == set(Level)
    for cell in cells:
        wanted = fills.get(level_of(float(str(cell.value))))
        assert (cell.fill.fgColor.rgb == f"FF{(wanted or '#')[1:]}") == (wanted is not None)
        assert cell.number_format == "0.0%"


def test_the_page_shows_those_nearest_to_their_limit_first(tmp_path: Path) -> None:
    many = supersim_report(tmp_path, ((LINES_MAX + 7, "inactive", "move", "arrived", "move", "target", "inactive"),))
    page = write_page(many, summarise(many), tmp_path / "report.html").read_text("utf-8")
    part = page.split("Used before the move")[1].split("<h2>")[0]
    shares = [int(share) for share in re.findall(r">(\d+)%</b>", part)]
    assert shares
    assert shares == sorted(shares, reverse=True)
    assert part.count('<td class="id"') == LINES_MAX
    assert "7 more in report.xlsx, sheet Usage" in part


def test_all_billing_periods_are_kept_beside_the_report(report: RunReport, tmp_path: Path) -> None:
    path = write_history(report, tmp_path / "history.csv")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == report.history.height
    assert {line["ICCID"] for line in lines} <= set(report.outcomes["iccid"])
    assert lines[0]["read at"] == AT
    assert [line["bytes used"] for line in lines[2:4]] == ["1250000", "5000"]


def test_a_run_that_saved_nothing_says_nothing_of_usage(made: Made, tmp_path: Path) -> None:
    names = [path.name for path in write_reports(made(), tmp_path)]
    assert "history.csv" not in names
    assert "Used before the move" not in (tmp_path / "report.html").read_text("utf-8")
    assert "Usage" not in [table.title for table in tables(made())]
