"""Lists to register SIMs by: an ICCID and a good code on each row, and no code in any finding."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.codes import CODES, Codes
from domain.errors import UsageError
from domain.lists import LINES, Kind, Verdict
from tests.validation.judged import FIRST_ROW, LIMITS, Row, card, iccid, registration, sheet, sid
from validation.registration import judge_registration

MARKED = "S3CR3TC0D3"
IMSI = "262010000000001"


def found(verdict: Verdict) -> list[tuple[str, str]]:
    return verdict.findings.select("cell", "code").cast(pl.String).rows()


def test_an_iccid_with_a_code_is_accepted_and_the_line_holds_no_code() -> None:
    answer = registration((card(), MARKED), (Row(iccid(1), imsi=IMSI), f" {MARKED}\n"))
    assert answer.findings.is_empty()
    assert answer.lines.schema == LINES
    assert answer.lines["key"].to_list() == [iccid(), iccid(1)]
    assert not answer.lines.select(pl.any_horizontal(pl.col(pl.String).str.contains(MARKED).any())).item()


@pytest.mark.parametrize(
    ("code", "kind", "wanted"),
    [
        (None, Kind.EMPTY, "empty"),
        (" ", Kind.TEXT, "empty"),
        ("=A1", Kind.FORMULA, "formula"),
        ("#REF!", Kind.ERROR, "formula"),
        ("1234567890", Kind.NUMBER, "not_text"),
        ("2026-11-20", Kind.DATE, "not_text"),
        ("TRUE", Kind.BOOL, "not_text"),
        ("S3CR3TC0D", Kind.TEXT, "length"),
        ("S3CR3TC0D3X", Kind.TEXT, "length"),
        (card(7), Kind.TEXT, "length"),
        ("S3CR3T-0D3", Kind.TEXT, "characters"),
        ("S3CR3T 0D3", Kind.TEXT, "characters"),
        ("S3CR3T\u200b0D3", Kind.TEXT, "characters"),
        ("S3CR3TÖ0D3", Kind.TEXT, "characters"),
        ("１２３４５６７８９０", Kind.TEXT, "characters"),
    ],
)
def test_a_missing_or_misshapen_code_is_found_at_its_cell_and_never_quoted(
    code: str | None, kind: Kind, wanted: str
) -> None:
    answer = registration((card(), code, kind))
    assert found(answer) == [("D2", wanted)]
    assert answer.rows_rejected == 1
    finding = answer.findings.row(0, named=True)
    assert finding["column"] == "Code"
    assert finding["raw"] in {None, "(not shown)"}
    assert code is None or not code.strip() or code not in f"{finding} {answer.rejected.rows()}"


@pytest.mark.parametrize(
    ("sim", "wanted"),
    [
        (sid(), ("A2", "sim_id")),
        (sid()[:-1], ("A2", "sim_id")),
        (IMSI, ("A2", "imsi_alone")),
        (Row(imsi=IMSI), ("B2", "imsi_alone")),
        (Row(card(0), end=card(3)), ("C2", "range")),
        (f"{card(0)} - {card(3)}", ("A2", "range")),
        (Row(" "), ("A2", "empty")),
        (card()[:-1] + "0", ("A2", "check_digit")),
    ],
)
def test_only_an_iccid_can_be_registered(sim: Row | str, wanted: tuple[str, str]) -> None:
    assert found(registration((sim, MARKED))) == [wanted]


def test_the_same_sim_twice_is_a_duplicate_whatever_its_codes() -> None:
    assert found(registration((card(), MARKED), (iccid(), "H3LL0W0RLD"))) == [("A3", "duplicate")]


def test_a_code_in_the_wrong_column_is_hidden_there_as_well() -> None:
    swapped = Row(MARKED, imsi="H3LL0W0RLD", end="1234567890")
    answer = registration((swapped, card()), (f"{card(1)} {MARKED}", MARKED), (Row(MARKED, Kind.NUMBER), MARKED))
    told = f"{answer.findings.to_dicts()} {answer.rejected.rows()}"
    assert not any(secret in told for secret in (MARKED, "H3LL0W0RLD", "1234567890"))
    assert "it looks like a registration code" in told
    assert answer.rows_rejected == 3


def test_sims_are_registered_by_lists_at_super_sim_alone() -> None:
    nothing = Codes(pl.DataFrame(schema=CODES))
    for provider, words in (("emnify", "no SIMs are registered by lists"), ("acme", "“acme”")):
        with pytest.raises(UsageError, match=words):
            judge_registration(sheet(), nothing, provider, LIMITS)


cells = st.one_of(
    st.none(),
    st.text("S3CRTabz -Ö", max_size=12),
    st.sampled_from([MARKED, card(), iccid(), sid(), IMSI, "1234567890"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(cells, cells, st.sampled_from([Kind.TEXT, Kind.TEXT, *Kind])), max_size=12))
def test_no_row_is_lost_and_whatever_is_accepted_has_a_code(asked: list[tuple[str | None, str | None, Kind]]) -> None:
    rows = [(Row(sim), code, Kind.EMPTY if code is None else kind) for sim, code, kind in asked]
    answer = registration(*rows)
    accepted, rejected = set(answer.lines["row"]), set(answer.rejected["row"])
    assert accepted | rejected == set(range(FIRST_ROW, FIRST_ROW + len(asked)))
    assert not accepted & rejected
    codes = Codes(
        pl.DataFrame([(FIRST_ROW + at, row[1], row[2]) for at, row in enumerate(rows)], schema=CODES, orient="row")
    )
    assert all(len(codes.of(row)) == 10 for row in accepted)
    assert answer.lines["key"].null_count() == 0
    assert MARKED not in f"{answer.findings.to_dicts()} {answer.rejected.rows()}"
