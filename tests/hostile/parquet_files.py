"""Hostile and broken Parquet files."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from tests.hostile.cases import FIVE, MIB, ONE, Case, Judged, Refused, of_bytes, rejected

DAMAGED = Refused("the Parquet file is damaged")


def written(frame: pl.DataFrame, rows_per_group: int | None = None) -> bytes:
    content = io.BytesIO()
    frame.write_parquet(content, row_group_size=rows_per_group)
    return content.getvalue()


GOOD = written(pl.DataFrame({"ICCID": FIVE, "Name": ["a", "b", "c", "d", "e"]}))
FOOTER_BYTES = struct.unpack("<I", GOOD[-8:-4])[0]


def parquet_files() -> Iterator[Case]:
    yield of_bytes("good.parquet", "a good one", GOOD, Judged(5))
    for share in range(1, 10):
        content = GOOD[: len(GOOD) * share // 10]
        yield of_bytes(f"cut-{share * 10}.parquet", f"the first {share * 10} %", content, DAMAGED)
    yield of_bytes("cut-last.parquet", "without its last byte", GOOD[:-1], DAMAGED)
    yield of_bytes("magic-alone.parquet", "four letters", b"PAR1", DAMAGED)
    yield of_bytes("magic-twice.parquet", "eight letters", b"PAR1PAR1", DAMAGED)
    yield of_bytes("magic-wrong.parquet", "other letters", b"ZAR1" + GOOD[4:], Refused("no .parquet file"))
    yield of_bytes(
        "magic-encrypted.parquet", "an encrypted footer", b"PARE" + GOOD[4:-4] + b"PARE", Refused("no .parquet file")
    )
    for name, size in (("zero", 0), ("huge", 2**32 - 1), ("signed", 2**31), ("all", len(GOOD) - 8), ("one", 1)):
        content = GOOD[:-8] + struct.pack("<I", size) + b"PAR1"
        yield of_bytes(f"footer-{name}.parquet", f"a footer of {size:,} bytes", content, DAMAGED)
    noise = GOOD[: -8 - FOOTER_BYTES] + b"\xff" * FOOTER_BYTES + GOOD[-8:]
    yield of_bytes("footer-noise.parquet", "a footer of noise", noise, DAMAGED)
    nothing = GOOD[: -8 - FOOTER_BYTES] + bytes(FOOTER_BYTES) + GOOD[-8:]
    yield of_bytes("footer-zeros.parquet", "a footer of zeros", nothing, DAMAGED)
    data = GOOD[:4] + b"\xff" * (len(GOOD) - 12 - FOOTER_BYTES) + GOOD[-8 - FOOTER_BYTES :]
    yield of_bytes("pages-noise.parquet", "pages of noise", data, DAMAGED)
    yield from _kinds()
    yield from _sizes()
    yield of_bytes("named.csv", "Parquet named .csv", GOOD, Judged(5))
    yield of_bytes("csv.parquet", "CSV named .parquet", f"ICCID\n{ONE}\n".encode(), Judged(1))


def _kinds() -> Iterator[Case]:
    for name, values, expected in (
        ("numbers", pl.Series([8.9e19], dtype=pl.Float64), rejected("lost_digits")),
        ("whole", pl.Series([8988303000008013931], dtype=pl.Int64), rejected("lost_digits")),
        ("nan", pl.Series([float("nan")]), rejected("not_text")),
        ("truths", pl.Series([True]), rejected("not_text")),
        ("dates", pl.Series(["2026-11-21"]).str.to_date(), rejected("not_text")),
        ("lists", pl.Series([[ONE]]), rejected("formula")),
        ("deep-lists", pl.Series([[[[[ONE]]]]]), rejected("formula")),
        ("structs", pl.Series([{"a": ONE}]), rejected("formula")),
        ("bytes", pl.Series([ONE.encode()]), Judged(1)),
        ("no-text", pl.Series([b"\xff\xfe\x00"]), rejected("characters")),
        ("escapes", pl.Series(["\x1b[2J\x9b31m"]), rejected("characters")),
        ("nul", pl.Series([f"{ONE}\0"]), rejected("characters")),
        ("categories", pl.Series([ONE], dtype=pl.Categorical), Judged(1)),
        ("nulls", pl.Series([None], dtype=pl.Null), Judged(0)),
    ):
        yield of_bytes(
            f"column-{name}.parquet", f"a column of {name}", written(pl.DataFrame({"ICCID": values})), expected
        )
    heading = written(pl.DataFrame({"IC\x1b[2JCID": FIVE, "\x9b31m": FIVE}))
    yield of_bytes(
        "heading-escapes.parquet", "terminal escapes in headings", heading, Refused("several columns look like")
    )
    yield of_bytes("heading-empty.parquet", "a heading of nothing", written(pl.DataFrame({"": FIVE})), Judged(5))
    yield of_bytes(
        "no-rows.parquet", "no rows", written(pl.DataFrame({"ICCID": []}, schema={"ICCID": pl.String})), Judged(0)
    )
    yield of_bytes("no-columns.parquet", "no columns", written(pl.DataFrame()), Refused("has no columns"))


def _sizes() -> Iterator[Case]:
    groups = written(pl.DataFrame({"ICCID": FIVE * 400}), 1)
    yield of_bytes("groups.parquet", "2,000 row groups", groups, rejected("duplicate", 1_995, 2_000))
    wide = written(pl.DataFrame({f"c{at}": [1] for at in range(16_400)}))
    yield of_bytes("columns.parquet", "16,400 columns", wide, Refused("more than the"))
    yield Case("rows.parquet", "21 million rows", _many_rows, Refused("rows and"))
    yield Case("long-cell.parquet", "a cell of 100 MB", _long_cell, Refused("longer than"))
    yield Case("long-beside.parquet", "a cell of 100 MB in another column", _long_beside, Refused("longer than"))
    yield Case("long-bytes.parquet", "bytes of 100 MB in a cell", _long_bytes, Refused("longer than"))
    yield Case("bomb.parquet", "a text of 1 MB in 300 rows", _bomb, Refused("longer than"))


def _many_rows(path: Path) -> None:
    pl.select(pl.repeat(ONE, 21_000_000).alias("ICCID")).write_parquet(path, statistics=False)


def _long_cell(path: Path) -> None:
    pl.DataFrame({"ICCID": ["8" * (100 * MIB)]}).write_parquet(path)


def _long_beside(path: Path) -> None:
    pl.DataFrame({"ICCID": [ONE], "Name": ["x" * (100 * MIB)]}).write_parquet(path)


def _long_bytes(path: Path) -> None:
    pl.DataFrame({"ICCID": [b"8" * (100 * MIB)]}).write_parquet(path)


def _bomb(path: Path) -> None:
    pl.DataFrame({"ICCID": ["8" * MIB] * 300}).write_parquet(path)
