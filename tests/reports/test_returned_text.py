"""The analyst's CSV comes back in its own dialect."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.lists import Column
from reports import returned_text
from reports.annotations import HEADINGS, annotate
from reports.dialect import Dialect
from reports.returned import return_list
from reports.returned_text import records, return_text
from reports.run_report import ListFile
from tests.reports.report_samples import iccid_of, outcomes_of

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
BACK = list(HEADINGS)


def listed_as(path: Path, body: bytes, header_row: int, columns: tuple[Column, ...]) -> ListFile:
    path.write_bytes(body)
    return ListFile(path, path.name, "csv", "", header_row, columns)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_encoding_line_ends_and_blank_rows_stay(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    rows = [
        ["Flotte Köln"],
        [],
        ["ICCID", "Größe"],
        [iccid_of(1), f'a "{separator}" b{end}c'],
        [],
        [iccid_of(2)],
        [iccid_of(3), 'x "quoted" y', "too much"],
    ]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    text.seek(0)
    body = text.getvalue().replace('"x ""quoted"" y"', 'x "quoted" y').removesuffix(end)
    columns = (Column(0, "ICCID", "A"), Column(1, "Größe", "B"))
    listed = listed_as(tmp_path / "liste.csv", body.encode(encoding), 3, columns)
    outcomes = (
        outcomes_of()
        .head(3)
        .with_columns(row=pl.Series([4, 6, 7], dtype=pl.UInt32), reason=pl.lit(f'=1{separator}"ü"'))
    )
    got = return_list(listed, outcomes, "run", tmp_path).read_bytes()
    assert got.startswith(body.encode(encoding)[:20])
    read = list(csv.reader(io.StringIO(got.decode(encoding), newline=""), delimiter=separator))
    added = ["Confirmed", f'\'=1{separator}"ü"', "Nothing to do."]
    assert read == [
        rows[0],
        rows[1],
        [*rows[2], "", *BACK],
        [*rows[3], "", *added],
        rows[4],
        [*rows[5], "", "", *added],
        [*rows[6], *added],
    ]
    assert got.decode(encoding).endswith("Nothing to do.")


FIELD = st.text(alphabet='ab"; \n\r', max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=8), st.sampled_from((0, 1)), st.integers(1, 40))
def test_records_are_those_of_the_csv_module_and_together_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], quoting: Literal[0, 1], piece: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=quoting).writerows(rows)
    path = tmp_path_factory.mktemp("records") / "list.csv"
    path.write_bytes(text.getvalue().encode())
    before, returned_text.PIECE_BYTES = returned_text.PIECE_BYTES, piece
    try:
        blocks = list(records(path, Dialect("utf-8", ";")))
    finally:
        returned_text.PIECE_BYTES = before
    found = [(record, end) for block in blocks for record, end in block.select("record", "end").iter_rows()]
    assert "".join(record + end for record, end in found).encode() == path.read_bytes()
    again = [next(csv.reader(io.StringIO(each, newline=""), delimiter=";"), []) for each, _ in found]
    assert again == list(csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=";"))


def test_a_stated_separator_and_a_legacy_encoding_are_believed(tmp_path: Path) -> None:
    body = f"sep=;\r\nICCID;Preis\r\n{iccid_of(1)};3,50 €\r\n".encode("cp1252")
    listed = listed_as(tmp_path / "alt.csv", body, 2, (Column(0, "ICCID", "A"), Column(1, "Preis", "B")))
    outcomes = outcomes_of().head(1).with_columns(row=pl.lit(3, pl.UInt32), reason=pl.lit("für ≥ 3 €"))
    got = return_text(listed, annotate(outcomes), tmp_path / "out.csv").read_bytes()
    assert got == (
        "sep=;\r\nICCID;Preis;"
        + ";".join(HEADINGS)
        + f"\r\n{iccid_of(1)};3,50 €;Confirmed;für ? 3 €;Nothing to do.\r\n"
    ).encode("cp1252")


def test_a_parquet_list_comes_back_as_parquet(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    frame = pl.DataFrame({"ICCID": [iccid_of(1), None, iccid_of(2)], "n": [1, 2, 3]}, schema_overrides={"n": pl.Int16})
    frame.write_parquet(path)
    listed = ListFile(path, path.name, "parquet", "", 0, (Column(0, "ICCID", "A"),))
    outcomes = outcomes_of().head(2).with_columns(row=pl.Series([1, 3], dtype=pl.UInt32))
    got = pl.read_parquet(return_list(listed, outcomes, "run", tmp_path))
    assert got.select(frame.columns).equals(frame)
    assert got["simferry outcome"].to_list() == ["Confirmed", None, "Confirmed"]
