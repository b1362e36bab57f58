"""What one cell may hold, kind of damage by kind of damage."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from domain.errors import ListError, UsageError
from domain.lists import Kind, ListLimits, Role
from tests.validation.judged import COLUMNS, FIRST_ROW, Row, card, iccid, keys, said, sheet, verdict
from validation.judge import judge

IMSI = "262010000000001"


def test_19_and_20_digits_of_one_sim_meet_and_the_first_row_is_named() -> None:
    answer = verdict(iccid(), card())
    assert answer.findings["sentence"].to_list() == ["The same SIM is already on row 2."]
    assert answer.lines["iccid"].to_list() == [iccid()]


@pytest.mark.parametrize("text", ["8.98E+18", "8,98E+18", "8.98e18", "8,98830 E+18", "8.98×10^18", "898830300E+10"])
def test_e_notation_is_named_in_the_forms_of_several_languages(text: str) -> None:
    assert said(text) == [("A2", "e_notation")]


@pytest.mark.parametrize(
    "text",
    [
        "８９８８３０３０００００８０１３９３１",
        "٨٩٨٨٣٠٣٠٠٠٠٠٨٠١٣٩٣١",
        "\u200f" + iccid(),
        "\ufeff" + iccid(),
        iccid()[:9] + "\u200b" + iccid()[9:],
        iccid() + "\u00ad",
        "O" + iccid()[1:],
        iccid() + "x",
        card() + "F",
        iccid() + "-",
        "-" + iccid(),
        iccid() + "," + iccid(1),
    ],
)
def test_look_alikes_invisible_characters_and_letters_are_refused(text: str) -> None:
    assert said(text) == [("A2", "characters")]


@pytest.mark.parametrize(
    "text",
    ["8.988303000008014E+18", "8988303000008014000", "89883030000080139311", "1E+15", "262010000000001.5"],
)
def test_a_number_of_sixteen_digits_or_more_has_lost_digits_even_where_its_check_digit_fits(text: str) -> None:
    assert said(Row(text, Kind.NUMBER)) == [("A2", "lost_digits")]
    assert said(Row(iccid(), imsi=text, imsi_kind=Kind.NUMBER)) == [("B2", "lost_digits")]
    assert said(Row(iccid(), end=text, end_kind=Kind.NUMBER)) == [("C2", "lost_digits")]


@pytest.mark.parametrize("text", ["12", "26201000000001", "1.5", "-8", "0", "nan", "inf", "no number at all"])
def test_any_other_number_is_not_text(text: str) -> None:
    assert said(Row(text, Kind.NUMBER)) == [("A2", "not_text")]


@pytest.mark.parametrize("text", [IMSI, "2.62010000000001E+14", "262010000000001.0"])
@pytest.mark.parametrize("beside", [True, False])
def test_a_number_of_fifteen_digits_is_an_imsi_with_a_warning(text: str, *, beside: bool) -> None:
    row = Row(iccid(), imsi=text, imsi_kind=Kind.NUMBER) if beside else Row(text, Kind.NUMBER)
    answer = verdict(row)
    assert answer.findings.select("cell", "code", "severity").rows() == [
        ("B2" if beside else "A2", "numeric_imsi", "warning")
    ]
    assert answer.lines["imsi"].to_list() == [IMSI]
    assert (answer.rows_accepted, answer.rows_rejected) == (1, 0)


def test_a_numeric_imsi_shorter_than_fifteen_digits_has_lost_zeros() -> None:
    assert said(Row(iccid(), imsi="1010000000001", imsi_kind=Kind.NUMBER)) == [("B2", "leading_zeros")]


def test_a_range_may_not_begin_with_an_imsi_nor_may_an_imsi_stand_in_for_an_iccid_beside_another() -> None:
    assert said(Row(IMSI, end=iccid())) == [("A2", "length")]
    assert said(Row(IMSI, imsi="262010000000002")) == [("A2", "length")]
    assert said(Row(IMSI, imsi=IMSI)) == []


def test_an_imsi_names_a_row_alone_from_either_column() -> None:
    answer = verdict(IMSI, Row(imsi="26201000000002"))
    assert answer.lines.select("key", "iccid", "imsi").rows() == [(None, None, IMSI), (None, None, "26201000000002")]


def test_an_imsi_on_two_rows_is_a_duplicate_of_the_first() -> None:
    answer = verdict(Row(iccid(), imsi=IMSI), Row(iccid(1), imsi=IMSI), IMSI)
    assert answer.findings.select("cell", "code").rows() == [("B3", "duplicate"), ("A4", "duplicate")]
    assert answer.findings["raw"].to_list() == [IMSI, IMSI]
    assert answer.findings["sentence"].str.contains("already on row 2").all()


def test_a_row_that_is_rejected_anyway_takes_nobodys_place() -> None:
    assert said(Row(iccid(), imsi="x"), iccid()) == [("B2", "characters")]


def test_rows_that_show_the_same_damaged_value_are_counted() -> None:
    answer = verdict(*["8.98E+18"] * 17, "8.99E+18")
    told = answer.findings["sentence"].str.contains(" 17 rows of this list show this same damaged value.", literal=True)
    assert told.to_list() == [True] * 17 + [False]


@pytest.mark.parametrize(
    "column",
    [
        [str(int(float(card(step * 1_000_000)))) for step in range(3)],  # every double printed in full
        [str(int(float(iccid(step * 1_000_000)))) for step in range(3)],
        [card(step * 1_000_000)[:15] + "00000" for step in range(3)],  # fifteen digits kept, zeros behind
        [iccid(step * 1_000_000)[:15] + "0000" for step in range(3)],
    ],
)
def test_a_text_column_that_went_through_a_float_is_rounded_whole(column: list[str]) -> None:
    assert said(*column) == [("A2", "rounded"), ("A3", "rounded"), ("A4", "rounded")]
    assert "rounded" not in {code for _, code in said(*column[:2], column[0])}
    assert "rounded" not in {code for _, code in said(*column, iccid())}


def test_an_empty_identifier_is_named_where_the_row_has_other_content() -> None:
    assert said(Row(" \u00a0"), Row("–"), Row(end=iccid())) == [("A2", "empty"), ("A3", "empty"), ("A4", "empty")]


def test_a_list_without_a_sim_column_tells_of_empty_rows_in_its_imsi_column() -> None:
    whole = sheet(Row(imsi=" "))
    roles = {Role.IMSI: COLUMNS[Role.IMSI]}
    assert judge(replace(whole, roles=roles), None, ListLimits()).findings.select("cell", "column").rows() == [
        ("B2", "IMSI")
    ]


def test_a_cell_of_a_megabyte_makes_a_finding_that_can_be_read() -> None:
    finding = verdict("x" * 1_000_000).findings.row(0, named=True)
    assert len(finding["raw"]) == 1_000
    assert len(finding["sentence"]) < 200


def test_a_list_with_more_rows_than_the_limit_is_no_list() -> None:
    with pytest.raises(ListError, match=r"has 3 rows; a list may have 2\. Split"):
        verdict(*"abc", limits=ListLimits(rows_max=2))


def test_a_provider_without_rules_is_named_with_those_that_have_some() -> None:
    with pytest.raises(UsageError, match=r"“acme”.*emnify"):
        verdict(iccid(), provider="acme")


def test_rows_that_do_not_add_up_stop_everything() -> None:
    whole = sheet("x", iccid())
    twice = replace(whole, rows=whole.rows.with_columns(row=pl.lit(FIRST_ROW, pl.UInt32)))
    with pytest.raises(RuntimeError, match="2 rows were read, 1 accepted and 2 rejected"):
        judge(twice, "emnify", ListLimits())


def test_an_empty_list_has_an_empty_verdict() -> None:
    assert keys() == []
