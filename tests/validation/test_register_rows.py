"""A register's bare rows are judged at a glance, and that comes to the same as every rule for every row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.audit.numbers import sim_number
from domain.identifiers import printed
from domain.lists import KIND_TYPE, ROWS, Kind, ListLimits, Sheet
from validation.judge import judge_register
from validation.register_rows import NAMED, judge_rows

NUMBERS = st.integers(0, 10**9)
BARE = NUMBERS.map(lambda number: printed(f"8988303000{number % 10**9:09d}"))
CELLS = st.one_of(
    BARE,
    BARE.map(lambda iccid: iccid[:19]),
    BARE.map(lambda iccid: iccid[:19] + str((int(iccid[19]) + 1) % 10)),
    BARE.map(lambda iccid: " ".join((iccid[:4], iccid[4:]))),
    st.sampled_from(["", "8.98830300001E+19", "89883", "1234567890123456789", "262011234567890", "x"]),
    NUMBERS.map(lambda number: str(8_988_303_000_000_000_000 + number * 1024)),
)
IMSIS = st.sampled_from([None, "262011234567890", "26201123456789", "2620", "26201 1234567890", ""])
KINDS = st.sampled_from([Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.NUMBER])
ENDS = st.sampled_from([None, None, None, "89883030009999999999"])
LIMITS = ListLimits(range_sims_max=50, expanded_sims_max=100)

Row = tuple[str, Kind, str | None, str | None]


def sheet_of(rows: list[Row]) -> Sheet:
    frame = pl.DataFrame(
        [
            {
                "row": at,
                "sim": sim or None,
                "sim_kind": kind if sim else Kind.EMPTY,
                "imsi": imsi or None,
                "imsi_kind": Kind.TEXT if imsi else Kind.EMPTY,
                "end": end,
                "end_kind": Kind.TEXT if end else Kind.EMPTY,
            }
            for at, (sim, kind, imsi, end) in enumerate(rows, start=2)
        ],
        schema=ROWS,
    )
    assert frame["sim_kind"].dtype == KIND_TYPE
    return Sheet(Path("assets.csv"), "", "csv", "", 1, (), {}, frame, "CSV")


def same(rows: list[Row]) -> None:
    sheet = sheet_of(rows)
    quick, whole = judge_rows(sheet, LIMITS), judge_register(sheet, LIMITS)
    lines = whole.lines.with_columns(sim_number(pl.col("iccid")).alias("sim")).select(NAMED.names())
    assert quick.named["row"].is_sorted()
    assert quick.named.sort(NAMED.names()).equals(lines.sort(NAMED.names()))
    assert quick.rejected.sort("row").equals(whole.rejected.sort("row"))
    assert quick.findings.sort("row", "code").equals(whole.findings.sort("row", "code"))


@settings(max_examples=20)  # each judges a list twice
@given(st.lists(st.tuples(CELLS, KINDS, IMSIS, ENDS), max_size=20))
def test_a_glance_says_what_every_rule_says(rows: list[Row]) -> None:
    same(rows)


def test_it_holds_for_columns_longer_than_the_witnesses() -> None:
    bare: list[Row] = [(printed(f"8988303000{number:09d}"), Kind.TEXT, None, None) for number in range(300)]
    same([*bare, ("89883", Kind.TEXT, None, None), *bare])


def test_a_column_that_went_through_a_number_is_told_whole() -> None:
    rounded: list[Row] = [(str(8_988_303_000_000_000_000 + 1024 * at), Kind.TEXT, None, None) for at in range(200)]
    same(rounded)
    assert judge_rows(sheet_of(rounded), LIMITS).rejected.height == 200
