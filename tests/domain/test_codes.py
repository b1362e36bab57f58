"""Registration codes: what is taken for one, and that none shows."""

from __future__ import annotations

import copy
import pickle
import string

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import CODE_SHAPES, CODES, HIDDEN, Codes, hidden_codes
from domain.lists import Kind

MARKED = "S3CR3TC0D3"
letters = st.text(string.ascii_letters + string.digits, min_size=10, max_size=10)


def codes(*cells: tuple[str | None, Kind]) -> Codes:
    rows = [(place + 2, text, kind) for place, (text, kind) in enumerate(cells)]
    return Codes(pl.DataFrame(rows, schema=CODES, orient="row"))


def text(*cells: str) -> Codes:
    return codes(*((cell, Kind.TEXT) for cell in cells))


@given(letters, st.sampled_from(["", " ", "\u00a0", "\r\n"]))
def test_ten_letters_and_digits_are_a_code_and_stay_as_they_are_written(code: str, around: str) -> None:
    assert text(around + code + around).of(2) == code


@pytest.mark.parametrize(
    "cell", ["", " ", "H3LL0W0RL", "H3LL0W0RLDX", "H3LL0-W0RL", "H3LL0 W0RL", "H3LL0W0RLÖ", "١٢٣٤٥٦٧٨٩٠"]
)
def test_anything_else_is_given_to_nobody(cell: str) -> None:
    with pytest.raises(KeyError, match="2"):
        text(cell).of(2)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
def test_a_code_that_is_not_text_is_none_even_with_ten_digits(kind: Kind) -> None:
    with pytest.raises(KeyError):
        codes(("1234567890", kind)).of(2)


def test_a_row_that_is_not_there_has_no_code() -> None:
    with pytest.raises(KeyError):
        text(MARKED).of(3)


def test_shapes_tell_length_and_kind_and_nothing_of_a_code() -> None:
    shapes = codes(
        (f" {MARKED} ", Kind.TEXT), (" ", Kind.TEXT), (None, Kind.EMPTY), ("1234", Kind.NUMBER), ("a-b", Kind.TEXT)
    )
    found = shapes.shapes()
    assert found.schema == CODE_SHAPES
    assert found.rows() == [
        (2, HIDDEN, "text", 10, True),
        (3, None, "empty", 0, False),
        (4, None, "empty", None, None),
        (5, HIDDEN, "number", 4, True),
        (6, HIDDEN, "text", 3, False),
    ]


def test_codes_show_in_nothing_that_is_printed_and_cannot_be_written_down() -> None:
    marked = text(MARKED)
    assert MARKED not in f"{marked} {marked!r} {[marked]} {marked.shapes()}"
    assert repr(marked) == "Codes(… 1 rows)"
    for keep in (pickle.dumps, copy.deepcopy, copy.copy):
        with pytest.raises(TypeError, match="stay in the process"):
            keep(marked)


def test_a_cell_that_holds_the_code_of_its_row_is_hidden_whatever_is_around_it() -> None:
    cells = [f"card {MARKED.lower()}!", "H3LL0W0RLD", MARKED, None]
    texts = pl.DataFrame({"row": [2, 3, 4, 5], "Note": cells, "Site": ["a", "b", "c", "d"]}).cast({"row": pl.UInt32})
    hidden = codes((MARKED, Kind.TEXT), (MARKED, Kind.TEXT), (MARKED, Kind.NUMBER), ("", Kind.TEXT)).hidden_in(texts)
    assert hidden["Note"].to_list() == [HIDDEN, "H3LL0W0RLD", MARKED, None]
    assert hidden.drop("Note").equals(texts.drop("Note"))


@given(letters, st.sampled_from(["{}", " {} ", "8988303000008013931 {}x", "{}; 8988303000008013931", "code: {} x"]))
def test_a_cell_that_is_or_holds_a_code_is_hidden(code: str, around: str) -> None:
    code = f"Z{code[1:]}"
    shown = pl.DataFrame({"cell": [around.format(code)]}).select(hidden_codes(pl.col("cell"))).item()
    assert (code in shown) == ("x" in around and "code" not in around)


@pytest.mark.parametrize(
    "cell",
    [
        "8988303000008013931",
        "8988303000 0080139311",
        "8988303000-008013931F",
        "8988303000 008013931f",
        "HSe0c0ffee000000000000000000000001",
        "262010000000001",
        "ICCID 8988303000008013931",
        None,
    ],
)
def test_identifiers_however_they_are_grouped_are_not_taken_for_codes(cell: str | None) -> None:
    frame = pl.DataFrame({"cell": [cell]}, schema={"cell": pl.String})
    assert frame.select(hidden_codes(pl.col("cell"))).item() == cell
