"""Ranges: how they are written, what they stand for, and which are refused."""

from __future__ import annotations

import time

import pytest

from domain.lists import RANGE_SIMS_MAX, ListLimits
from tests.validation.judged import BODY, LIMITS, Row, card, iccid, keys, said, verdict

RANGE = [iccid(0), iccid(1), iccid(2)]


@pytest.mark.parametrize(
    "text",
    [
        *("{}-{}", "{} – {}", "{}—{}", "{}..{}", "{} … {}", "{} to {}", "{} TO {}", "{} bis {}"),
        *(" {}\u00a0-\u00a0{} ", "{}F-{}F", "{}F to {}f"),
    ],
)
def test_a_range_in_one_cell_is_read_however_its_ends_are_divided(text: str) -> None:
    assert keys(text.format(iccid(0), iccid(2))) == RANGE


def test_a_range_of_decorated_ends_is_told_from_one_decorated_number() -> None:
    parts = [f"{end[:4]}-{end[4:8]}-{end[8:12]}-{end[12:16]}-{end[16:]}" for end in (card(0), card(2))]
    assert keys("-".join(parts)) == RANGE
    assert keys(parts[0]) == [iccid(0)]


def test_a_range_in_two_columns_is_read_and_its_findings_stand_at_its_end() -> None:
    assert keys(Row(card(0), end=card(2))) == RANGE
    assert said(Row(iccid(1), end=iccid(0))) == [("C2", "range_reversed")]
    assert said(f"{iccid(1)}-{iccid(0)}") == [("A2", "range_reversed")]


def test_a_start_without_an_end_is_one_sim() -> None:
    assert keys(Row(iccid(0), end=" ")) == [iccid(0)]


def test_a_range_with_a_third_number_is_refused() -> None:
    answer = verdict(Row(f"{iccid(0)}-{iccid(2)}", end=iccid(4)))
    assert answer.findings.select("cell", "code").rows() == [("A2", "characters")]
    assert "has a second number in it" in answer.findings["sentence"].item()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Row(iccid(0), end=card(2)), "range_length"),
        (Row(iccid(0), end=card(2)[:-1] + "0"), "range_length"),
        (Row(card(0), end=card(2)[:-1] + str((int(card(2)[-1]) + 1) % 10)), "check_digit"),
        (Row("8988303000000000000", end="8988304000000000000"), "range_issuer"),
        (Row("8988303000000000000", end="7788303000000000000"), "issuer"),
        (Row(iccid(0), end=iccid(1_000)), "range_too_long"),
        (Row(iccid(0), end="99"), "length"),
        (Row(iccid(0), end="8.98E+18"), "e_notation"),
        (Row(iccid(0), end="x"), "characters"),
    ],
)
def test_a_range_is_refused_at_its_end_for(row: Row, code: str) -> None:
    if code == "range_length":
        assert {found for _, found in said(row)} - {"check_digit"} == {code}
    else:
        assert said(row) == [("C2", code)]


def test_a_long_range_in_one_cell_with_ends_of_the_wrong_length_names_the_end() -> None:
    assert said(f"{iccid(0)}-{iccid(2)[:-1]}") == [("A2", "length")]
    assert "has 18 digits" in verdict(f"{iccid(0)}-{iccid(2)[:-1]}").findings["sentence"].item()


def test_the_range_that_breaks_the_total_is_refused_and_those_after_it() -> None:
    rows = [Row(str(BODY + step), end=str(BODY + step + 799)) for step in (0, 1_000, 2_000)]
    answer = verdict(*rows, iccid(5_000), Row(iccid(6_000), end=iccid(6_000)))
    assert answer.findings.select("row", "code").rows() == [(4, "range_too_long"), (6, "range_too_long")]
    assert "come to 2,400 SIMs" in answer.findings["sentence"][0]
    assert answer.lines.height == 1_601


def test_a_range_that_is_rejected_does_not_count_towards_the_total() -> None:
    wrong = [Row(iccid(0), imsi="x", end=iccid(900))] * 5
    assert verdict(*wrong, Row(iccid(0), end=iccid(900))).lines.height == 901


def test_one_range_is_too_long_by_itself_before_any_total_is() -> None:
    answer = verdict(Row(iccid(0), end=iccid(RANGE_SIMS_MAX)), limits=ListLimits())
    assert "one range may stand for 100,000" in answer.findings["sentence"].item()
    assert verdict(Row(iccid(0), end=iccid(RANGE_SIMS_MAX - 1)), limits=ListLimits()).lines.height == RANGE_SIMS_MAX


def test_ranges_of_a_million_million_sims_are_refused_before_they_cost_anything() -> None:
    started = time.perf_counter()
    answer = verdict(*[f"8988303000000000000-{8_988_303_999_999_999_999 - step}" for step in range(4_000)])
    assert time.perf_counter() - started < 5
    assert answer.findings["code"].unique().to_list() == ["range_too_long"]
    assert answer.rows_rejected == 4_000


def test_a_range_of_one_is_a_range_and_the_imsi_beside_a_range_is_no_sims_own() -> None:
    lines = verdict(Row(iccid(0), imsi="262010000000001", end=iccid(0))).lines
    assert lines.select("iccid", "imsi", "in_range").rows() == [(card(0), None, True)]


def test_lines_keep_the_order_of_the_list_with_ranges_unfolded_in_place() -> None:
    lines = verdict(iccid(50), Row(iccid(0), end=iccid(2)), "262010000000001", iccid(40), limits=LIMITS).lines
    assert lines["key"].to_list() == [iccid(50), *RANGE, None, iccid(40)]
    assert lines["row"].to_list() == [2, 3, 3, 3, 4, 5]
