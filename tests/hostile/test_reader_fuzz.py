"""Good files with bytes changed: a table of texts of the file, or an error in words; SIMFERRY_CHAOS=1 tries more."""

from __future__ import annotations

import io
import os
import re
import warnings
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import FerryError
from domain.lists import Kind, Sheet
from inputs.read import read_list
from tests.hostile.cases import FIVE
from tests.hostile.parquet_files import GOOD as GOOD_PARQUET
from tests.hostile.zips import GOOD, SHEET, STRINGS, packed
from tests.inputs.sheet_xml import shared, worksheet

EXAMPLES = 20_000 if os.environ.get("SIMFERRY_CHAOS") == "1" else 300
CSV = b"ICCID;Name\r\n" + b"".join(f'{each};"K\u00f6ln, {each[-3:]}"\r\n'.encode() for each in FIVE)
TEXTS = shared("<si><t>ICCID</t></si>", *(f"<si><t>{each}</t></si>" for each in FIVE))
ROWS = "".join(f'<row r="{at + 1}"><c r="A{at + 1}" t="s"><v>{at}</v></c></row>' for at in range(6))
BOOK = {name: text.encode() if isinstance(text, str) else text for name, text in GOOD.items()}
BOOK |= {SHEET: worksheet(ROWS).encode(), STRINGS: TEXTS.encode()}
TOKENS = (
    b'"', b";", b"\r", b"\n", b"\0", b"=", b"<", b">", b"/>", b"&", b"&#1;", b"]]>", b"<!--", b"<row>", b"-1", b"A1",
    b"9" * 30, b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"e9", b't="str"', b"_xD800_",
)  # fmt: skip
NOISE = st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6))
SPOTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), NOISE), min_size=1, max_size=3)
Spots = list[tuple[float, int, bytes]]
fuzzed = settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 1_000)


def spoilt(content: bytes, spots: Spots) -> bytes:
    """The bytes with some put in place of others at places that are shares of the whole."""
    for share, taken, noise in spots:
        at = int(len(content) * share)
        content = content[:at] + noise + content[at + taken :]
    return content


def read(path: Path, content: bytes) -> Sheet | None:
    """The list, or None where it is refused in words that name it."""
    path.write_bytes(content)
    try:
        return read_list(path)
    except FerryError as error:
        words = str(error)
    assert path.name in words
    return None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "list.any"


@given(spots=SPOTS)
@fuzzed
def test_a_spoilt_csv_gives_texts_of_its_own_lines(place: Path, spots: Spots) -> None:
    content = spoilt(CSV, spots)
    sheet = read(place, content)
    if sheet is None:
        return
    content += b"\n"  # which a last line gets that has none, and is then inside of a quote that is left open
    texts = [content.decode(encoding, "ignore") for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")]
    for row, sim in sheet.rows.filter(pl.col("sim").is_not_null()).select("row", "sim").iter_rows():
        kept = [re.sub(r'["\r]', "", text) for text in texts]
        assert any(re.sub(r'["\r]', "", sim) in text for text in kept)
        assert row <= content.count(b"\n") + content.count(b"\r") + 1
        if not set(b'"\r\0') & set(content.replace(b"\r\n", b"\n")):
            assert any(
                sim in line for line in (content.splitlines()[row - 1].decode(e, "ignore") for e in ("utf-8", "cp1252"))
            )


@given(part=st.sampled_from(sorted(BOOK)), spots=SPOTS)
@fuzzed
def test_a_spoilt_part_of_a_workbook_gives_what_openpyxl_gives(place: Path, part: str, spots: Spots) -> None:
    content = packed({**BOOK, part: spoilt(BOOK[part], spots)}, 0)
    sheet = read(place, content)
    other = by_openpyxl(content, sheet.sheet) if sheet is not None else None
    if sheet is None or other is None:
        return
    at = next(iter(sheet.roles.values())).index
    for row, sim, kind in sheet.rows.select("row", "sim", "sim_kind").iter_rows():
        theirs = other.get((row, at))
        if kind == Kind.TEXT and isinstance(theirs, str) and "_x" not in theirs:
            assert sim == theirs


@given(spots=SPOTS)
@fuzzed
def test_a_spoilt_parquet_gives_a_table_or_a_message(place: Path, spots: Spots) -> None:
    sheet = read(place, spoilt(GOOD_PARQUET, spots))
    assert sheet is None or sheet.rows.height <= len(FIVE)


@given(spots=SPOTS)
@fuzzed
def test_a_spoilt_zip_gives_a_table_or_a_message(place: Path, spots: Spots) -> None:
    sheet = read(place, spoilt(packed(BOOK), spots))
    assert sheet is None or sheet.rows.height <= len(FIVE) + 1


def by_openpyxl(content: bytes, sheet: str) -> dict[tuple[int, int], object] | None:
    """Values by row and column (0-based) as openpyxl reads them, or None where it does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[sheet].iter_rows()
            return {
                (cell.row, cell.column - 1): cell.value for row in cells for cell in row if cell.row and cell.column
            }
    except Exception:  # noqa: BLE001 - another's reader, which raises whatever comes on broken files
        return None
