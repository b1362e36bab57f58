"""What SIMs were set to before and are now: the sheet, the page, the list for programs, and what the outcomes tell."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import Side
from domain.outcomes import OUTCOMES
from domain.settings import COMPARED, SettingState
from reports.outcome_settings import settings_of_outcomes
from reports.palette import STATE_COLOURS
from reports.run_report import RunReport
from reports.setting_words import STATES, label_of, value_of
from reports.sim_settings import compared_of, sim_settings, totals_of, write_settings
from reports.summary import summarise
from reports.tables import tables
from reports.webpage import LINES_MAX, write_page
from reports.write import write_reports
from tests.reports.report_samples import Made
from tests.reports.soracom_samples import NAMES, ROAD, groups, sim_of, soracom_report
from tests.reports.supersim_samples import supersim_report
from tests.reports.test_workbook import written

STATE_NAMES = [str(state) for state in SettingState]


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    return soracom_report(tmp_path)


def compared_with(states: list[str]) -> pl.DataFrame:
    lines = [(f"K{at}", "speed_class", "a", "a", "b", state) for at, state in enumerate(states)]
    return pl.DataFrame(lines, schema=COMPARED, orient="row")


def test_what_differs_comes_first_and_every_line_names_its_row(report: RunReport) -> None:
    lines = sim_settings(report, report.settings_compared).lines
    places = [list(STATES).index(SettingState(state)) for state in lines["state"]]
    assert places == sorted(places)
    assert lines.select("state", "iccid", "setting", "before", "after").rows()[:2] == [
        ("differs", sim_of(4), "IMEI lock", "350000000000004", "(none)"),
        ("differs", sim_of(6), "Speed class", "s1.4xfast", "s1.minimum"),
    ]
    rows = dict(report.outcomes.select("iccid", "row").iter_rows())
    assert [rows[iccid] for iccid in lines["iccid"]] == lines["row"].to_list()
    assert lines.height == report.settings_compared.height


def test_groups_are_named_and_no_group_is_said_to_be_none(report: RunReport) -> None:
    lines = sim_settings(report, report.settings_compared).lines
    seen = set(lines.filter(setting="Group", state="same").select("before", "wanted", "after").rows())
    assert seen == {("Road", "Road", "Road"), ("=Field & <co>", "(none)", "(none)")}


@given(st.lists(st.sampled_from(STATE_NAMES), max_size=40))
def test_the_counts_of_the_sentence_balance(states: list[str]) -> None:
    words = totals_of(compared_with(states))
    if not states:
        assert words == ""
        return
    same, total, *rest = (int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", words))
    assert same == states.count("same")
    assert total == same + sum(rest) == len(states)
    assert ("not seen yet" in words) == ("unseen" in states)


def test_the_summary_says_how_many_are_as_wanted_and_how_to_mend_the_others(report: RunReport, tmp_path: Path) -> None:
    (sentence,) = (each for each in summarise(report).changes if each.startswith("Settings:"))
    assert "2 differ" in sentence
    assert f"`simferry restore {report.plan.run}`" in sentence
    mended = compared_with(["same", "lost"])
    (calm,) = (
        each
        for each in summarise(soracom_report(tmp_path, settings_compared=mended)).changes
        if each.startswith("Settings:")
    )
    assert calm == "Settings: 1 of 2 as wanted, 1 can't be carried. The sheet SIM settings names each."


def test_the_sheet_has_sentences_above_it_and_a_colour_for_each_state(report: RunReport, tmp_path: Path) -> None:
    sheet = written(report, tmp_path)["SIM settings"]
    assert str(sheet["A1"].value).startswith("Settings: ")
    assert "Not carried" in str(sheet["A2"].value)
    assert sheet["A3"].value == "Row"
    assert sheet.freeze_panes == "D4"
    fills = {words.label: f"FF{STATE_COLOURS[state].fill[1:]}" for state, words in STATES.items()}
    seen = {row[1].value: row[1].fill.fgColor.rgb for row in sheet.iter_rows(min_row=4)}
    assert seen == fills
    assert {row[2].number_format for row in sheet.iter_rows(min_row=4)} == {"@"}


def test_a_sheet_that_is_cut_says_where_the_rest_is(report: RunReport) -> None:
    found = sim_settings(report, report.settings_compared, 3)
    assert (found.lines.height, found.more) == (3, report.settings_compared.height - 3)


def test_the_page_shows_the_first_lines_and_escapes_them(report: RunReport, tmp_path: Path) -> None:
    page = write_page(report, summarise(report), tmp_path / "report.html").read_text("utf-8")
    part = page.split("Settings of the SIMs")[1].split("<h2>")[0]
    assert part.count('<td class="id"') == LINES_MAX
    assert f"{report.settings_compared.height - LINES_MAX:,} more in report.xlsx, sheet SIM settings" in part
    assert "<co>" not in page
    assert '<b class="differs">Differs</b>' in part


def test_all_settings_are_kept_beside_the_report_as_they_were_read(report: RunReport, tmp_path: Path) -> None:
    with write_settings(report, tmp_path / "settings.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == report.settings_compared.height
    assert [line["ICCID"] for line in lines] == sorted(line["ICCID"] for line in lines)
    assert ROAD in {line["before"] for line in lines}
    assert not [text for line in lines for text in line.values() if text.startswith(("=", "+", "-", "@"))]
    assert "settings.csv" in {path.name for path in write_reports(report, tmp_path)}


def test_a_run_that_has_nothing_to_compare_says_nothing_of_it(made: Made, tmp_path: Path) -> None:
    plain = made(made().outcomes.with_columns(device_id=pl.lit(None, pl.String)))
    assert "SIM settings" not in [table.title for table in tables(plain)]
    assert not [each for each in summarise(plain).changes if each.startswith("Settings")]
    names = {path.name for path in write_reports(plain, tmp_path)}
    assert "settings.csv" not in names
    assert "Settings of the SIMs" not in (tmp_path / "report.html").read_text("utf-8")


def test_fleets_are_compared_with_what_the_plan_wanted(tmp_path: Path) -> None:
    report = supersim_report(tmp_path)
    compared = compared_of(report)
    there = report.outcomes.filter(pl.col("side_now") == str(Side.TARGET), pl.col("group").is_not_null())
    assert compared.height == there.height > 0
    assert set(compared["setting"]) == {"group"}
    stray = report.outcomes.with_columns(group_now=pl.lit("elsewhere"))
    assert set(settings_of_outcomes(stray)["state"]) == {"differs"}
    headings = {line["setting"] for line in sim_settings(report, compared).lines.iter_rows(named=True)}
    assert headings == {"Fleet"}


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ("77", "77", SettingState.SAME),
        ("77", None, SettingState.LOST),
        ("77", "78", SettingState.DIFFERS),
        (None, "78", None),
        (None, None, None),
    ],
)
def test_a_device_is_the_same_or_another_or_lost(
    made: Made, before: str | None, after: str | None, state: SettingState | None
) -> None:
    line = (
        made()
        .outcomes.head(1)
        .with_columns(
            device_id=pl.lit(before, pl.String), device_now=pl.lit(after, pl.String), device_name=pl.lit("=Meter")
        )
    )
    compared = settings_of_outcomes(line)
    assert compared["state"].to_list() == ([state] if state else [])
    shown = sim_settings(made(line), compared).lines
    assert shown.select("setting", "before").rows() == ([("Device", "=Meter")] if state else [])


def test_a_sim_that_has_not_arrived_is_not_compared_by_its_outcome(made: Made) -> None:
    outcomes = made().outcomes
    arrived = outcomes.filter(pl.col("side_now") == "target", pl.col("batch").is_not_null())
    assert set(settings_of_outcomes(outcomes)["key"]) <= set(arrived["sim_id"])
    assert settings_of_outcomes(pl.DataFrame(schema=OUTCOMES)).schema == COMPARED


@pytest.mark.parametrize(
    ("setting", "value", "label", "shown"),
    [
        ("tag:name", "Meter 1", "Name", "Meter 1"),
        ("tag:site: north", "x", "Tag: site: north", "x"),
        ("group", NAMES[0][0], "Group", "Road"),
        ("group", "", "Group", "(none)"),
        ("expiry", "2027-01-01T00:00:00.000Z terminate", "Expiry", "2027-01-01 00:00:00 UTC, terminate"),
        ("expiry", "2027-01-01T00:00:00.123Z none", "Expiry", "2027-01-01T00:00:00.123Z none"),
        ("termination_protection", "on", "Termination protection", "on"),
        ("event_handler:Limit", "active", "Event handler: Limit", "active"),
        ("brand_new", "7", "brand_new", "7"),
    ],
)
def test_settings_are_called_as_people_know_them(setting: str, value: str, label: str, shown: str) -> None:
    frame = pl.DataFrame({"setting": [setting], "value": [value]})
    name, said = pl.col("setting"), pl.col("value")
    got = frame.select(label_of(name, "Group").alias("label"), value_of(name, said, groups()).alias("shown"))
    assert got.row(0) == (label, shown)
