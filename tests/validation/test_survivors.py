"""SIMs that share the digits which survived in a damaged number are named as a suggestion."""

from __future__ import annotations

import polars as pl
import pytest

from domain.inventory import INVENTORY
from domain.lists import Kind
from tests.validation.judged import Row, card, iccid, verdict
from validation.survivors import name_survivors

HOLDS = "The source account holds "


def account(*iccids: str, printed: bool = True) -> pl.DataFrame:
    column = "iccid" if printed else "key"
    frame = pl.DataFrame({column: iccids}, schema={column: pl.String})
    rest = (pl.lit(None, pl.String).alias(name) for name in INVENTORY.names() if name != column)
    return frame.with_columns(rest).select(INVENTORY.names())


def suggested(row: Row | str, source: pl.DataFrame) -> str:
    before = verdict(row).findings
    after = name_survivors(before, source)
    assert after.drop("suggestion").equals(before.drop("suggestion"))
    (told,), (first,) = after["suggestion"].to_list(), before["suggestion"].to_list()
    return str(told).removeprefix(str(first)).strip()


def number(text: str) -> Row:
    return Row(text, Kind.NUMBER)


@pytest.mark.parametrize(
    "row", [number("8.988303000008013E+18"), number("89883030000080139264"), "8,98830300000801E+19"]
)
def test_sims_that_share_the_surviving_digits_are_named(row: Row | str) -> None:
    source = account(card(2), card(0), "89883030000099999999")
    told = f"{HOLDS}2 SIMs that begin with 898830300000801: {card(0)}, {card(2)}."
    assert suggested(row, source) == told


def test_one_sim_is_named_as_one_and_none_as_none() -> None:
    damaged = number("8.988303000008013E+18")
    assert suggested(damaged, account(card())) == f"{HOLDS}one SIM that begins with 898830300000801: {card()}."
    assert suggested(damaged, account()) == f"{HOLDS}no SIM that begins with 898830300000801."


def test_five_are_named_and_the_rest_is_counted() -> None:
    told = suggested(number("8.988303000008013E+18"), account(*(card(step) for step in range(8))))
    assert told.startswith(f"{HOLDS}8 SIMs")
    assert told.endswith(f"{card(4)} and 3 more.")


def test_an_account_that_has_no_printed_iccids_is_matched_by_its_keys() -> None:
    assert suggested(number("8.988303000008013E+18"), account(iccid(), printed=False)).endswith(f": {iccid()}.")


def test_zeros_of_a_number_are_digits_and_those_of_a_text_are_not() -> None:
    source = account("8988303000000000001", "8988303000009999999", printed=False)
    assert suggested(number("8.988303E+18"), source).endswith(
        "one SIM that begins with 898830300000000: 8988303000000000001."
    )
    assert suggested("8.988303000E+18", source).startswith(f"{HOLDS}2 SIMs that begin with 8988303000: ")


def test_fewer_than_ten_digits_name_nobody_and_neither_do_numbers_that_begin_no_iccid() -> None:
    assert suggested("8.98830300E+18", account(card())) == ""
    assert suggested(number("7.988303000008014E+18"), account(card())) == ""


def test_findings_of_another_kind_are_left_as_they_are_in_order() -> None:
    findings = verdict("x", "8.98830300000801E+18", "12", number("8.988303000008014E+19")).findings
    after = name_survivors(findings, account(card()))
    assert after.drop("suggestion").equals(findings.drop("suggestion"))
    assert after["suggestion"].str.contains(HOLDS).to_list() == [False, True, False, True]
    assert after.schema == findings.schema


def test_rounded_text_is_matched_by_its_first_fifteen_digits() -> None:
    column = [iccid(step * 10**6)[:15] + "0000" for step in range(3)]
    after = name_survivors(verdict(*column).findings, account(card()))
    assert after["suggestion"].str.contains("one SIM that begins with").to_list() == [True, False, False]
