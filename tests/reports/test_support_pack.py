"""The request to the provider's support: whom it names, what it says of settings and dates, and who is in it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes import Outcome
from domain.plan import Step
from domain.settings import CARRIED, SETTINGS
from domain.verdict import SUPPORT
from domain.verdicts import VERDICTS
from reports.follow_ups import may_be_retried
from reports.setting_words import NOUNS
from reports.support_calendar import Turn, done_on, next_turns
from reports.support_letter import CUT, LISTED_MAX, WIDTH, letter
from reports.support_pack import write_support_pack
from reports.support_request import SUPPORT_SIMS, SupportRequest, needs_support, sims_of_outcomes, sims_of_steps
from reports.support_settings import LOTS, Lot, lots_of, totals_of
from reports.write import write_reports
from tests.reports.soracom_samples import (
    CASES,
    EAST,
    WEST,
    Case,
    frames,
    groups,
    settings_before,
    sim_of,
    soracom_outcomes,
    soracom_report,
    support_of,
)
from tests.reports.test_summary import same_as_golden


@pytest.fixture
def request_made() -> SupportRequest:
    return support_of(soracom_outcomes())


def test_the_letter_reads_as_agreed(request_made: SupportRequest, tmp_path: Path) -> None:
    workbook, text = write_support_pack(request_made, tmp_path)
    assert (workbook.name, text.name) == ("support-request.xlsx", "support-request.txt")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    same_as_golden("support-request.txt", text.read_text("utf-8"))
    assert max(len(line) for line in text.read_text("utf-8").splitlines()) <= WIDTH + 2


def test_who_is_asked_for_is_what_support_alone_can_move(request_made: SupportRequest) -> None:
    outcomes = soracom_outcomes()
    asked = outcomes.filter(needs_support())
    assert asked.select("outcome", "status_now").rows() == [
        *[("drifted", "active")] * 3,
        *[("assisted", "active")] * 4,
        *[("assisted", "suspended")] * 2,
    ]
    assert set(asked["iccid"]) == set(request_made.sims["iccid"])
    assert request_made.sims.schema == SUPPORT_SIMS
    assert request_made.sims["status"].is_sorted()
    assert outcomes.filter(needs_support() & may_be_retried()).is_empty()


def test_whoever_is_told_to_ask_support_is_asked_for_and_is_not_in_the_retry_list() -> None:
    told = [(str(outcome), next_step) for outcome, _, next_step in VERDICTS.values() if next_step == SUPPORT]
    assert told
    lines = pl.DataFrame(told, schema=["outcome", "next_step"], orient="row").with_columns(
        side_now=pl.lit("source"), part=pl.lit("issue")
    )
    assert lines.filter(~needs_support()).is_empty()
    assert lines.filter(may_be_retried()).is_empty()


def test_expired_and_cancelled_ones_are_in_the_retry_list(tmp_path: Path) -> None:
    retried = soracom_outcomes().filter(may_be_retried()).group_by("outcome").len().rows()
    assert dict(retried) == {"not_done": 2, "cancelled": 2, "drifted": 1}
    write_reports(soracom_report(tmp_path), tmp_path)
    assert len((tmp_path / "retry.csv").read_text("utf-8").splitlines()) == 1 + 5


def test_a_plan_asks_for_what_it_leaves_to_support() -> None:
    steps, _, _ = frames()
    sims = sims_of_steps(steps, settings_before(steps.height), groups())
    assert sims.schema == SUPPORT_SIMS
    assert set(sims["key"]) == set(steps.filter(pl.col("step") == Step.ASSIST)["key"])
    named = sims.filter(pl.col("group") == "Road")
    assert named.height > 0
    assert sims["name"].null_count() == 0


def test_what_has_arrived_by_support_is_not_asked_for_again() -> None:
    arrived: tuple[Case, ...] = ((3, "ASSIST", "active", "", None, "", "target", "active"),)
    outcomes = soracom_outcomes(arrived)
    assert set(outcomes["outcome"]) == {Outcome.CONFIRMED}
    assert sims_of_outcomes(outcomes, settings_before(3), groups()).is_empty()


def test_a_request_that_nothing_is_left_of_goes_away(tmp_path: Path) -> None:
    names = {path.name for path in write_reports(soracom_report(tmp_path), tmp_path)}
    assert {"support-request.xlsx", "support-request.txt"} <= names
    done = soracom_report(tmp_path, CASES[:1])
    names = {path.name for path in write_reports(done, tmp_path)}
    assert not {name for name in names if name.startswith("support")}
    assert not list(tmp_path.glob("support-request*"))


@pytest.mark.parametrize(
    ("today", "soon", "later"),
    [
        (date(2026, 11, 20), (date(2026, 11, 20), date(2026, 12, 1)), (date(2026, 12, 20), date(2027, 1, 1))),
        (date(2026, 11, 21), (date(2026, 12, 20), date(2027, 1, 1)), (date(2027, 1, 20), date(2027, 2, 1))),
        (date(2026, 12, 31), (date(2027, 1, 20), date(2027, 2, 1)), (date(2027, 2, 20), date(2027, 3, 1))),
        (date(2028, 2, 29), (date(2028, 3, 20), date(2028, 4, 1)), (date(2028, 4, 20), date(2028, 5, 1))),
    ],
)
def test_the_next_two_turns_are_counted_from_today(
    today: date, soon: tuple[date, date], later: tuple[date, date]
) -> None:
    assert next_turns(today) == (Turn(*soon), Turn(*later))


@given(st.dates(date(2000, 1, 1), date(2900, 1, 1)))
def test_what_is_confirmed_is_done_on_a_first_in_good_time_and_never_before_an_earlier_one(day: date) -> None:
    done = done_on(day)
    assert done.day == 1
    assert timedelta(days=8) <= done - day <= timedelta(days=42)
    assert done_on(day - timedelta(days=1)) <= done
    soon, later = next_turns(day)
    assert day <= soon.confirmed_by < later.confirmed_by
    assert soon.done_on == done_on(soon.confirmed_by)
    assert soon.done_on < later.done_on


def test_every_setting_is_kept_or_lost_or_asked_for_per_sim_and_in_total(request_made: SupportRequest) -> None:
    lots = lots_of(request_made).rows_by_key("key", named=True, unique=True)
    whole = lots[sim_of(35)]  # of the second five
    assert (whole["kept"], whole["lost"]) == (
        "tags: name, site; expiry: 2027-01-01 00:00:00 UTC, deactivate",
        "speed class: s1.standard; event handler: Monthly limit",
    )
    assert lots[sim_of(33)]["unsaid"] == "port mapping: 10.0.0.1:443"
    assert lots[sim_of(36)]["unsaid"] == "termination protection: on"
    assert lots[sim_of(34)]["unsaid"] is None
    totals = {total.name: (total.lot, total.sims) for total in totals_of(request_made)}
    assert totals["tags"] == (Lot.KEPT, request_made.sims.height)
    assert totals["speed classes"] == (Lot.LOST, request_made.sims.height)
    for lot in Lot:
        having = sum(line[str(lot)] is not None for line in lots.values())
        counts = [sims for of, sims in totals.values() if of is lot]
        assert max(counts) <= having <= sum(counts)


def test_every_kind_of_setting_has_a_lot_and_a_name() -> None:
    assert set(CARRIED) <= set(LOTS) <= set(NOUNS)


def test_settings_of_other_sims_and_of_kinds_that_nobody_knows_change_nothing(request_made: SupportRequest) -> None:
    strangers = [("somebody", "tag:name", "x"), (request_made.sims["key"][0], "brand_new", "y")]
    more = pl.concat([request_made.settings, pl.DataFrame(strangers, schema=SETTINGS, orient="row")])
    assert letter(support_of(soracom_outcomes(), settings=more)) == letter(request_made)


def test_identifiers_in_the_workbook_are_text_and_no_name_is_a_formula(
    request_made: SupportRequest, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(write_support_pack(request_made, tmp_path)[0])
    assert book.sheetnames == ["Request", "SIMs"]
    sheet = book["SIMs"]
    names = [cell.value for cell in sheet[1]]
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[names.index("ICCID (SIM id)")].value for row in rows] == request_made.sims["iccid"].to_list()
    for row in rows:
        for name in ("ICCID (SIM id)", "IMSI"):
            cell = row[names.index(name)]
            assert (cell.data_type, cell.number_format) == ("s", "@")
    assert all(cell.data_type != "f" for each in book for row in each.iter_rows() for cell in row)
    cover = {str(cell.value) for row in book["Request"].iter_rows() for cell in row}
    assert {EAST, WEST, "ops@west.example", "Global", "active", "suspended"} <= cover


def test_a_long_list_is_in_the_workbook_alone(tmp_path: Path) -> None:
    many: tuple[Case, ...] = ((LISTED_MAX + 1, "ASSIST", "standby", "", None, "", "source", "standby"),)
    request = support_of(soracom_outcomes(many))
    text = letter(request)
    assert sim_of(1) not in text
    assert "501 SIMs" in text
    sheet = openpyxl.load_workbook(write_support_pack(request, tmp_path)[0])["SIMs"]
    assert sheet.max_row == 1 + LISTED_MAX + 1


def test_what_is_for_us_stands_below_the_cut_and_an_address_that_nobody_said_is_left_open() -> None:
    message, ours = letter(support_of(soracom_outcomes(), target_email="")).split(CUT)
    assert "please fill in" in message
    assert "simferry" not in message
    assert ours.count("[ ]") == 6
    assert "payment method" in ours
