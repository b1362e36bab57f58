"""How a list names SIMs of Soracom: ids of 19 digits, IMSIs of 15, and ranges that are counted without check digits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.identifiers import check_digit
from domain.lists import Kind, ListLimits
from tests.validation.judged import Row, card, iccid, said, sid, sim_id, verdict
from validation.tables import registration_rules, row_rules

IMSI = "295050910000001"
PROVIDER = "soracom"

bodies = st.integers(0, 10**11 - 1).map(lambda number: f"8942310{number:011}")


def wrong(text: str) -> str:
    """The same with another last digit."""
    return text[:-1] + str((int(text[-1]) + 1) % 10)


def found(*rows: Row | str) -> list[tuple[str, str, str]]:
    """(cell, code, severity) of each finding."""
    findings = verdict(*rows, provider=PROVIDER).findings
    return [(row["cell"], row["code"], row["severity"]) for row in findings.iter_rows(named=True)]


def keys(*rows: Row | str) -> list[str | None]:
    return verdict(*rows, provider=PROVIDER).lines["key"].to_list()


def test_a_sim_id_is_its_own_key_and_iccid_and_an_imsi_names_a_sim_as_well() -> None:
    answer = verdict(
        sim_id(), Row(sim_id(1), imsi=IMSI), "295050910000002", Row(imsi="440101234567890"), provider=PROVIDER
    )
    assert answer.findings.is_empty()
    assert answer.lines.select("key", "iccid", "imsi", "sim_id").rows() == [
        (sim_id(), sim_id(), None, None),
        (sim_id(1), sim_id(1), IMSI, None),
        (None, None, "295050910000002", None),
        (None, None, "440101234567890", None),
    ]


@pytest.mark.parametrize("written", ["{0}{1}F", "{0}{1}f", " {0}{1}\u00a0", "{0} {1}", "{0}-{1}-F", "{0}{1}\r\n"])
def test_a_filler_dashes_and_white_space_are_taken_off(written: str) -> None:
    text = written.format(sim_id()[:6], sim_id()[6:])
    assert (keys(text), found(text)) == ([sim_id()], [])


@pytest.mark.parametrize(
    ("text", "words", "advice"),
    [
        (sim_id()[:-1], "has 18 digits, where a SIM id has 19", "any of them may be the missing one"),
        (sim_id() + "0", "has 20 digits, where a SIM id has 19", "Give the 19 digits of the card"),
        (card(), "has 20 digits", "or an IMSI"),
        ("89049032" + "1" * 24, "32 digits, as the EID of an eUICC", "ICCID of one of its profiles"),
        (sim_id()[:-2], "has 17 digits, where a SIM id has 19 (and an IMSI", "put one identifier into each cell"),
        ("29505091000001", "has 14 digits, where a SIM id has 19 (and an IMSI", "user console"),
    ],
)
def test_another_number_of_digits_is_told_once_with_what_to_do(text: str, words: str, advice: str) -> None:
    (finding,) = verdict(text, provider=PROVIDER).findings.rows(named=True)
    assert (finding["code"], finding["severity"]) == ("length", "error")
    assert words in finding["sentence"]
    assert advice in finding["suggestion"]


def test_an_imsi_has_fifteen_digits_and_a_number_of_as_many_is_warned_of() -> None:
    assert found(Row(sim_id(), imsi=IMSI[:-1])) == [("B2", "length", "error")]
    assert found(Row(sim_id(), imsi=IMSI + "0")) == [("B2", "length", "error")]
    assert found(Row(IMSI, Kind.NUMBER)) == [("A2", "numeric_imsi", "warning")]
    assert found(Row(IMSI, imsi=IMSI)) == []


def test_a_last_digit_that_is_no_check_digit_is_warned_of_and_the_row_goes_on() -> None:
    answer = verdict(sim_id(), wrong(sim_id(1)), provider=PROVIDER)
    assert answer.findings.select("cell", "code", "severity").rows() == [("A3", "check_digit", "warning")]
    assert answer.lines["key"].to_list() == [sim_id(), wrong(sim_id(1))]
    assert (answer.rows_accepted, answer.rows_rejected) == (2, 0)


def test_a_number_of_another_industry_and_a_rounded_column_are_refused_as_anywhere() -> None:
    assert found("7942310220060400120"[:18] + check_digit("794231022006040012")) == [("A2", "issuer", "error")]
    assert {code for _, code, _ in found(*(f"{sim_id(step * 10**4)[:15]}0000" for step in range(3)))} == {"rounded"}


@settings(max_examples=40)  # each judges a list
@given(bodies, st.integers(0, 300))
def test_a_range_stands_for_every_sim_between_its_ends_each_with_its_own_check_digit(first: str, more: int) -> None:
    last = str(int(first) + more)
    if not last.startswith("8942310"):
        return
    answer = verdict(f"{first}{check_digit(first)} - {last}{check_digit(last)}", provider=PROVIDER)
    wanted = [f"{body}{check_digit(str(body))}" for body in range(int(first), int(last) + 1)]
    assert answer.lines["key"].to_list() == wanted
    assert answer.lines["iccid"].to_list() == wanted
    assert answer.lines["in_range"].all()


@settings(max_examples=40)  # each judges a list
@given(bodies, st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_of_a_sim_id_never_goes_unseen(body: str, place: int, step: int) -> None:
    good = body + check_digit(body)
    typed = good[:place] + str((int(good[place]) + step) % 10) + good[place + 1 :]
    assert {code for _, code, _ in found(typed)} & {"check_digit", "issuer"}


def test_a_range_whose_ends_are_no_sim_ids_is_refused_since_nobody_can_count_it() -> None:
    assert found(Row(wrong(sim_id()), end=sim_id(9))) == [("A2", "check_digit", "error")]
    assert found(Row(sim_id(), end=wrong(sim_id(9)))) == [("C2", "check_digit", "error")]
    assert found(f"{sim_id()}-{wrong(sim_id(9))}") == [("A2", "check_digit", "error")]
    assert found(Row(sim_id(), end=sim_id(9) + "0")) == [("C2", "length", "error")]
    assert found(Row(sim_id()[:-1], end=sim_id(9)[:-1])) == [("A2", "length", "error"), ("C2", "length", "error")]


def test_a_range_is_counted_in_sims_and_meets_the_rows_inside_it() -> None:
    assert found(Row(sim_id(), end=sim_id(999))) == []
    assert found(Row(sim_id(), end=sim_id(1_000))) == [("C2", "range_too_long", "error")]
    assert "1,001 SIMs" in verdict(Row(sim_id(), end=sim_id(1_000)), provider=PROVIDER).findings["sentence"].item()
    assert found(Row(sim_id(1), end=sim_id(0))) == [("C2", "range_reversed", "error")]
    assert found(Row(sim_id(), end=sim_id(5)), sim_id(3), sim_id(6)) == [("A3", "duplicate", "error")]


def test_a_sid_of_another_provider_is_told_whose_it_is() -> None:
    assert found(sid()) == [("A2", "sim_id", "error")]
    assert "Soracom does not know this sid" in verdict(sid(), provider=PROVIDER).findings["suggestion"].item()


def test_what_is_said_of_a_cell_that_is_no_identifier_is_what_is_said_for_every_provider() -> None:
    odd = (
        "x",
        " ",
        "8.98E+18",
        Row("8.94E+18", Kind.NUMBER),
        Row("1", Kind.DATE),
        Row("", Kind.FORMULA),
        Row(end=sim_id()),
    )
    assert said(*odd, provider=PROVIDER) == said(*odd, provider=None)


def test_a_range_of_another_provider_counts_as_it_did() -> None:
    answer = verdict(Row(iccid(), end=iccid(12)), provider="supersim")
    assert answer.lines["key"].to_list() == [iccid(step) for step in range(13)]


def test_nobody_registers_sims_of_soracom_by_lists() -> None:
    assert row_rules(PROVIDER, ListLimits())
    with pytest.raises(UsageError, match="not registered by lists"):
        registration_rules(PROVIDER, ListLimits())
