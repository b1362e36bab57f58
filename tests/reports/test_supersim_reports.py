"""Reports of runs whose SIMs take several parts and are in fleets; and of those that have neither."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.inventory import GROUPS
from domain.plan import nobody
from reports.follow_ups import write_restore, write_retry
from reports.offline import went_offline
from reports.run_report import RunReport
from reports.summary import summarise
from reports.tables import tables
from reports.webpage import write_page
from tests.reports.report_samples import Made, outcomes_of
from tests.reports.supersim_samples import CASES, FIELD, FULL_WAY, SOUTH_FIELD, supersim_report


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    return supersim_report(tmp_path)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def headings(report: RunReport, title: str) -> list[str]:
    return next([h.heading for h in table.headings] for table in tables(report) if table.title == title)


def page_of(report: RunReport, folder: Path) -> str:
    return write_page(report, summarise(report), folder / "report.html").read_text("utf-8")


def test_parts_are_told_where_a_run_has_more_than_one(report: RunReport, made: Made, tmp_path: Path) -> None:
    assert "Part" in headings(report, "Batches")
    assert "Part" in headings(report, "Outcomes")
    assert "<th>Part</th>" in page_of(report, tmp_path)
    assert ("Ways planned", "deactivate, move: 2 · deactivate, move, activate: 22 · move: 13") in summarise(
        report
    ).facts
    for plain in (made(), supersim_report(tmp_path, CASES[:1])):
        assert "Part" not in headings(plain, "Batches")
        assert "Part" not in headings(plain, "Outcomes")
        assert "<th>Part</th>" not in page_of(plain, tmp_path)


def test_columns_that_no_sim_has_a_value_for_are_left_out(report: RunReport, made: Made, tmp_path: Path) -> None:
    ours, theirs = headings(report, "Outcomes"), headings(made(), "Outcomes")
    assert {"Fleet before", "Fleet wanted", "Fleet now"} <= set(ours) - set(theirs)
    assert {"Device before", "Its id", "As in the list"} <= set(theirs) - set(ours)
    assert not {"IMSI", "Group before"} & (set(ours) | set(theirs))
    assert {"Row", "Outcome", "ICCID", "Reason", "Next step"} <= set(ours) & set(theirs)
    assert "Device before" in page_of(made(), tmp_path)
    assert "Fleet" not in page_of(made(), tmp_path)
    assert "Device before" not in page_of(report, tmp_path)


def test_a_column_stays_out_of_no_sheet_for_lack_in_that_sheet_alone(report: RunReport) -> None:
    assert headings(report, "Refused") == headings(report, "Outcomes")


def test_fleets_are_named_and_their_ids_stand_apart(report: RunReport, tmp_path: Path) -> None:
    table = next(table for table in tables(report) if table.title == "Outcomes")
    moved = table.lines.filter(pl.col("group") == FIELD, pl.col("side_now") == "target").row(0, named=True)
    assert [moved[f"{name}_named"] for name in ("group", "group_to", "group_now")] == [
        "=Field & <co>",
        "Field",
        "Field",
    ]
    assert (moved["group_to"], moved["group_way"]) == (SOUTH_FIELD, "=Field & <co> → Field")
    ways = set(table.lines["group_way"])
    assert {"Road → (none)", "Road (wanted in south: Road)", ""} <= ways
    assert "Fleet before, id" in headings(report, "Outcomes")
    unnamed = supersim_report(tmp_path, groups=pl.DataFrame(schema=GROUPS))
    assert "Fleet before, id" not in headings(unnamed, "Outcomes")
    assert FIELD in page_of(unnamed, tmp_path)


def test_a_name_of_a_fleet_becomes_neither_markup_nor_a_formula(report: RunReport, tmp_path: Path) -> None:
    page = page_of(report, tmp_path)
    assert "=Field &amp; &lt;co&gt; → Field" in page
    assert "<co>" not in page
    renamed = replace(report.plan, target=replace(report.plan.target, name="=south"))
    for path in (
        write_restore(replace(report, plan=renamed), tmp_path / "a"),
        write_retry(report.outcomes, tmp_path / "b"),
    ):
        assert not [text for line in read(path) for text in line.values() if text.startswith(("=", "+", "-", "@"))]


def test_the_plan_s_consequences_are_told_again(report: RunReport, tmp_path: Path) -> None:
    summary = summarise(report)
    assert summary.consequences == (*report.plan.consequences, *report.plan.groups)
    assert all(sentence.split("&")[0] in page_of(report, tmp_path) for sentence in summary.consequences)


def test_sims_on_their_way_are_told_with_what_to_run_next(report: RunReport, made: Made) -> None:
    (sentence,) = (each for each in summarise(report).changes if "on the way" in each)
    assert sentence.startswith("6 SIMs are")
    assert f"simferry execute {report.plan.run}" in sentence
    assert not [each for each in summarise(made(outcomes_of().head(5))).changes if "on the way" in each]


def test_sims_in_the_target_that_are_not_as_wanted_are_not_denied(tmp_path: Path) -> None:
    half = supersim_report(tmp_path, CASES[2:3])
    assert summarise(half).verdict == "Nothing of this list is in south as wanted: 3 need a hand."
    assert summarise(supersim_report(tmp_path, CASES[:1])).verdict == "It worked: all 9 SIMs are in south."


def test_sims_that_were_registered_did_not_move(tmp_path: Path) -> None:
    made = supersim_report(
        tmp_path,
        (
            (4, "new", "register", "arrived", "register", "target", "new"),
            (2, "new", "register", "declined", "register", "nowhere", ""),
            (1, "new", "register", "held_back", "register", "nowhere", ""),
        ),
    )
    registered = replace(made, plan=replace(made.plan, source=nobody(made.plan.source.base_url)))
    summary = summarise(registered)
    assert summary.changes[0] == "4 SIMs registered in south, each seen there."
    assert [name for name, _ in summary.facts if name in {"From", "To", "In"}] == ["In"]
    assert read(write_retry(registered.outcomes, tmp_path / "retry.csv")) == []  # it would lack their codes


def test_whatever_this_run_deactivated_and_is_not_live_is_in_the_restore_list(
    report: RunReport, tmp_path: Path
) -> None:
    restore = read(write_restore(report, tmp_path / "restore.csv"))
    told = [(line["simferry outcome"], line["simferry seen in"], line["simferry status now"]) for line in restore]
    assert told == [
        *[("declined", "south", "inactive")] * 3,
        *[("not_done", "south", "inactive")] * 2,
        *[("awaiting", "south", "scheduled")] * 2,
        *[("awaiting", "north", "inactive")] * 2,
        ("not_done", "north", "inactive"),
        *[("awaiting", "north", "scheduled")] * 2,
        *[("confirmed", "south", "inactive")] * 2,  # moved without being asked to be active again
    ]
    what = {line["simferry what to do"] for line in restore if line["simferry outcome"] != "awaiting"}
    assert what == {"activate the SIM (before: active)", "activate the SIM (before: ready)"}
    later = {line["simferry what to do"] for line in restore if line["simferry outcome"] == "awaiting"}
    assert later == {"where it is still offline after the next step: activate the SIM (before: active)"}
    (sentence,) = (each for each in summarise(report).changes if "offline until" in each)
    assert sentence.startswith(f"{len(restore)} SIMs carried traffic")
    assert "5 of them still in north" in sentence


def test_a_sim_that_somebody_else_switched_off_is_not_ours_to_restore(tmp_path: Path) -> None:
    others = supersim_report(tmp_path, CASES[9:10])
    assert others.outcomes["status_now"].to_list() == ["inactive"]
    assert others.outcomes.filter(went_offline(others)).is_empty()
    held_back = ((1, "Activated", "move", "held_back", "move", "source", "Suspended"),)
    plain = supersim_report(tmp_path, held_back, live_statuses=("Activated",))
    assert plain.outcomes.filter(went_offline(plain)).is_empty()


def test_statuses_that_carry_traffic_are_the_provider_s(tmp_path: Path) -> None:
    becomes = ((1, "ready", FULL_WAY, "arrived", "activate", "target", "active"),)
    for live, offline in ((("ready", "active"), 0), (("ready",), 1), ((), 0)):
        seen = supersim_report(tmp_path, becomes, live_statuses=live)
        assert seen.outcomes.filter(went_offline(seen)).height == offline


def test_a_sim_that_arrived_is_not_in_the_retry_list_whatever_its_outcome(report: RunReport, tmp_path: Path) -> None:
    retry = {line["SIM"] for line in read(write_retry(report.outcomes, tmp_path / "retry.csv"))}
    there = set(report.outcomes.filter(pl.col("side_now") == "target")["iccid"])
    assert retry
    assert not retry & there
    declined = report.outcomes.filter(pl.col("outcome") == "declined")
    assert set(declined["iccid"]) & there
