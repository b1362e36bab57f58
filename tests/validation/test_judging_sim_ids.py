"""SIMs that a list names by the provider's own id, and what Super SIM does not know its SIMs by."""

from __future__ import annotations

import pytest

from domain.lists import Kind
from tests.validation.judged import Row, card, iccid, said, sid, verdict

IMSI = "262010000000001"


def test_a_sid_stands_for_its_sim_between_iccids_and_is_kept_as_it_is_written() -> None:
    loud = "HS" + sid(2)[2:].upper()
    answer = verdict(card(), sid(1), Row(f"\u00a0{loud}\r\n", imsi=IMSI), provider="supersim")
    assert answer.lines.select("row", "key", "iccid", "imsi", "sim_id").rows() == [
        (2, iccid(), card(), None, None),
        (3, None, None, None, sid(1)),
        (4, None, None, IMSI, loud),
    ]
    assert answer.findings.is_empty()


def test_a_sid_that_comes_again_is_a_duplicate_whatever_the_case_of_its_letters() -> None:
    rows = (sid(1), sid(2), sid(1), iccid(), "HS" + sid(2)[2:].upper(), card())
    answer = verdict(*rows, provider="supersim")
    assert answer.findings.select("cell", "code", "sentence").rows() == [
        ("A4", "duplicate", "The same SIM is already on row 2."),
        ("A6", "duplicate", "The same SIM is already on row 3."),
        ("A7", "duplicate", "The same SIM is already on row 5."),
    ]


@pytest.mark.parametrize("provider", [None, "emnify"])
def test_a_sid_in_a_list_for_anybody_else_is_refused_with_whose_it_is_and_what_to_do(provider: str | None) -> None:
    finding = verdict(sid(), iccid(), provider=provider).findings.row(0, named=True)
    assert (finding["cell"], finding["code"], finding["raw"]) == ("A2", "sim_id", sid())
    assert "Super SIM (Twilio, KORE)" in finding["sentence"]
    assert ("--provider supersim" in finding["suggestion"]) == (provider is None)
    assert "ICCID" in finding["suggestion"]


@pytest.mark.parametrize("provider", [None, "emnify", "supersim"])
@pytest.mark.parametrize(
    "text",
    [
        sid()[:-1],
        sid() + "0",
        sid().lower(),
        "AC" + sid()[2:],
        f"{sid(1)} - {sid(2)}",
        f"{sid(1)}, {sid(2)}",
    ],
)
def test_what_looks_like_a_sid_and_is_none_is_told_so(text: str, provider: str | None) -> None:
    assert said(text, provider=provider) == [("A2", "sim_id")]
    assert "is not the sid of a SIM" in verdict(text, provider=provider).findings["sentence"].item()


@pytest.mark.parametrize("text", ["HS", "HSDPA modem", "HS 17 of 20"])
def test_other_words_are_just_no_identifier(text: str) -> None:
    assert said(text, provider="supersim") == [("A2", "characters")]


def test_a_sid_is_no_imsi_no_end_of_a_range_and_no_number() -> None:
    assert said(Row(iccid(), imsi=sid()), provider="supersim") == [("B2", "characters")]
    assert said(Row(iccid(), end=sid()), provider="supersim") == [("C2", "characters")]
    assert said(Row(sid(), end=iccid()), provider="supersim") == [("A2", "sim_id")]
    assert said(Row(sid(), Kind.FORMULA), provider="supersim") == [("A2", "formula")]
    assert said(Row(sid(), Kind.NUMBER), provider="supersim") == [("A2", "not_text")]


def test_an_imsi_alone_names_no_super_sim_and_beside_an_iccid_it_is_not_looked_at() -> None:
    answer = verdict(
        IMSI,
        Row(imsi="262010000000002"),
        Row("262010000000003", Kind.NUMBER),
        Row(card(), imsi="262010000000004"),
        provider="supersim",
    )
    assert answer.findings.select("cell", "code").rows() == [
        ("A2", "imsi_alone"),
        ("B3", "imsi_alone"),
        ("A4", "numeric_imsi"),
        ("A4", "imsi_alone"),
    ]
    assert answer.lines.select("key", "imsi").rows() == [(iccid(), "262010000000004")]


def test_19_and_20_digits_and_ranges_are_for_super_sim_what_they_are_for_emnify() -> None:
    rows = (card(5), iccid(5), Row(card(0), end=card(2)), iccid(1), card(9)[:-1] + "x")
    ours, theirs = (verdict(*rows, provider=provider) for provider in ("supersim", "emnify"))
    assert ours.lines.equals(theirs.lines)
    assert ours.findings.equals(theirs.findings)
