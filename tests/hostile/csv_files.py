"""Hostile and broken CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.hostile.cases import FIVE, MIB, ONE, Case, Judged, Refused, iccid, of_bytes, of_text, rejected

LINES = "ICCID\n" + "".join(f"{each}\n" for each in FIVE)
NO_COLUMN = Refused("no column looks like SIMs")
UNCLOSED = Refused("opens a quotation mark that is not closed")
NUL = Refused("NUL byte")


def csv_files() -> Iterator[Case]:
    yield from _nothing_in_them()
    yield from _encodings()
    yield from _line_ends_and_quotes()
    yield from _huge()
    yield from _headings_and_shapes()


def _nothing_in_them() -> Iterator[Case]:
    yield of_bytes("empty.csv", "no bytes", b"", Refused("is empty"))
    yield of_bytes("blank.csv", "white space alone", b" \r\n\t\n ", Refused("is empty"))
    yield of_bytes("bom-only.csv", "a byte order mark alone", b"\xef\xbb\xbf", Refused("it has no cells"))
    yield of_bytes("bom16-only.csv", "a UTF-16 mark alone", b"\xff\xfe", Refused("it has no cells"))
    yield of_bytes("bom32-only.csv", "a UTF-32 mark alone", b"\xff\xfe\0\0", Refused("it has no cells"))
    yield of_text("header-only.csv", "a heading and no rows", "ICCID\n", Judged(0))
    yield of_text("header-only-wide.csv", "headings and no rows", "ICCID;IMSI;Name\n", Judged(0))
    yield of_text("separators.csv", "separators alone", ";;;\n" * 9, NO_COLUMN)
    yield of_text("zeros.csv", "rows of blanks under a heading", "ICCID;Name\n" + " ; \n" * 9, Judged(0))
    yield of_text("sep-only.csv", "the line sep=; alone", "sep=;\n", Refused("it has no cells"))
    yield of_text("one-digit.csv", "one character", "8", NO_COLUMN)
    yield of_bytes("nuls.csv", "100 kB of NUL", bytes(100_000), NUL)


def _encodings() -> Iterator[Case]:
    for name, encoding in (("16le", "utf-16-le"), ("16be", "utf-16-be"), ("32le", "utf-32-le"), ("32be", "utf-32-be")):
        told = Judged(5)
        marked = ("\ufeff" + LINES).encode(encoding)
        yield of_bytes(f"utf{name}-mark.csv", f"{encoding} with its mark", marked, told if name != "32be" else NUL)
        bare = LINES.encode(encoding)
        yield of_bytes(f"utf{name}-bare.csv", f"{encoding} without a mark", bare, told if "16" in name else NUL)
    yield of_bytes("utf16-odd.csv", "UTF-16 cut in a character", LINES.encode("utf-16")[:-1], Refused("is not text in"))
    half = "ICCID;Name\n".encode("utf-16-le") + b"\x00\xd8" + "x\n".encode("utf-16-le")
    yield of_bytes("utf16-half-pair.csv", "half of a surrogate pair", b"\xff\xfe" + half, Refused("is not text in"))
    mixed = f"ICCID;Ort\n{FIVE[0]};Köln\n".encode() + f"{FIVE[1]};Köln\n".encode("latin-1")
    yield of_bytes("utf8-then-latin1.csv", "two encodings in one file", mixed, Judged(2))
    yield of_bytes(
        "latin1-undefined.csv", "bytes that cp1252 lacks", mixed + b"\x81\n", Refused("is not text in cp1252")
    )
    nul = LINES.replace(FIVE[2], FIVE[2][:9] + "\0" + FIVE[2][9:])
    yield of_text("nul-in-cell.csv", "a NUL in an ICCID", nul, NUL)
    yield of_text("nul-at-end.csv", "NULs behind the last row", LINES + "\0" * 4096, NUL)
    yield of_text("bom-twice.csv", "two byte order marks", "\ufeff\ufeff" + LINES, Judged(5))
    yield of_text(
        "bom-inside.csv", "a mark in front of each line", LINES.replace("\n8", "\n\ufeff8"), rejected("characters", 5)
    )
    yield of_bytes(
        "overlong.csv", "overlong UTF-8", b"ICCID\n\xc0\xb8\n" + LINES.encode(), rejected("characters", 2, 7)
    )
    cesu = LINES.encode() + b"\xed\xa0\x80\n"
    yield of_bytes("surrogate-utf8.csv", "a surrogate in UTF-8", cesu, rejected("characters", 1, 6))
    yield of_text(
        "no-such-encoding.csv", "an encoding nobody knows", LINES, Refused("no encoding"), "--encoding", "klingon"
    )
    yield of_text("bytes-encoding.csv", "an encoding of bytes", LINES, Refused("no encoding"), "--encoding", "zip")
    yield of_bytes(
        "utf7.csv", "lone surrogates in UTF-7", b"ICCID\n+2AA-\n", Refused("is not text in"), "--encoding", "utf-7"
    )
    yield of_bytes("random.csv", "every byte there is", bytes(range(1, 256)) * 40, Refused("not a CSV"))


def _line_ends_and_quotes() -> Iterator[Case]:
    yield of_text("cr-only.csv", "CR alone at line ends", LINES.replace("\n", "\r"), Judged(5))
    yield of_text(
        "mixed-ends.csv", "three kinds of line ends", LINES.replace("\n", "\r\n", 2).replace("\n8", "\r8", 1), Judged(5)
    )
    yield of_text("crcrlf.csv", "CR CR LF", LINES.replace("\n", "\r\r\n"), Judged(5))
    yield of_text("no-last-end.csv", "no end of the last line", LINES.rstrip(), Judged(5))
    separated = LINES.replace("\n8", "\u20288")
    yield of_text("line-separators.csv", "U+2028 for line ends", separated, NO_COLUMN)
    yield of_text("unbalanced.csv", "a quote that is never closed", LINES.replace(FIVE[1], f'"{FIVE[1]}'), UNCLOSED)
    swallowed = "ICCID;Name\n" + "".join(f'{iccid(at)};"x\n' if at == 50 else f"{iccid(at)};y\n" for at in range(100))
    yield of_text("swallowing.csv", "a quote that swallows 50 rows", swallowed, UNCLOSED)
    many = "ICCID;Note\n" + f'{ONE};"' + "note\n" * 100_000 + '"\n'
    yield of_text("quoted-lines.csv", "a cell of 100,000 lines", many, UNCLOSED)
    short = "ICCID;Note\n" + "".join(f'{each};"two\nlines"\n' for each in FIVE)
    yield of_text("quoted-line-ends.csv", "cells of two lines", short, Judged(5))
    yield of_text(
        "quotes-inside.csv", "quotes within cells", LINES.replace("\n8", '\n"8').replace("1\n", '1"\n', 1), UNCLOSED
    )
    yield of_text("doubled.csv", "an ICCID in three pairs of quotes", f'ICCID\n"""{ONE}"""\n', rejected("characters"))
    yield of_text("only-quotes.csv", "quotes alone", '"' * 99_999, Refused("no column looks like SIMs"))
    ragged = "ICCID;Name\n" + "".join(f"{each}{';x' * at}\n" for at, each in enumerate(FIVE))
    yield of_text("ragged.csv", "rows of one to five cells", ragged, Judged(5))
    yield of_text(
        "late-wide.csv",
        "a row with 90,000 cells behind the sample",
        "ICCID;Name\n" + f"{ONE};x\n" * 60_000 + ";y" * 90_000,
        Judged(60_001, 60_000, (("duplicate", 59_999), ("empty", 1))),
    )


def _huge() -> Iterator[Case]:
    yield of_text(
        "million-columns.csv", "a million columns", "ICCID" + ";x" * 10**6 + "\n", Refused("columns are more than")
    )
    yield of_text("many-columns.csv", "20,000 columns", ("c;" * 20_000 + "\n") * 2, Refused("columns are more than"))
    yield of_text("most-columns.csv", "16,384 columns", "ICCID" + ";x" * 16_383 + f"\n{ONE}\n", Judged(1))
    yield Case("long-cell.csv", "a cell of 100 MB", _long_cell, Refused("longer than"))
    yield Case("long-line.csv", "a line of 30 MB", _long_line, Judged(1))
    yield Case("long-quoted.csv", "a quoted cell of 30 MB", _long_quoted, UNCLOSED)
    yield Case(
        "too-long.csv", "3 GiB, most of it a hole", lambda path: _sparse(path, 3 * 1024), Refused("bytes are more than")
    )
    yield of_text("digits.csv", "a cell of 100,000 digits", f"ICCID\n{'8' * 100_000}\n", rejected("length"))
    yield of_text("blank-lines.csv", "200,000 blank lines between rows", LINES.replace("\n", "\n" * 40_000), Judged(5))


def _long_cell(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"ICCID\n")
        for _ in range(100):
            file.write(b"8" * MIB)


def _long_line(path: Path) -> None:
    path.write_bytes(f"ICCID;Name\n{ONE};".encode() + b"x" * (30 * MIB))


def _long_quoted(path: Path) -> None:
    path.write_bytes(f'ICCID;Name\n{ONE};"'.encode() + b"x\n" * (15 * MIB) + b'"\n')


def _sparse(path: Path, size_mib: int) -> None:
    with path.open("wb") as file:
        file.write(LINES.encode())
        file.truncate(size_mib * MIB)


def _headings_and_shapes() -> Iterator[Case]:
    two = f"ICCID;ICCID\n{FIVE[0]};{FIVE[1]}\n"
    yield of_text("two-headings.csv", "the same heading twice", two, Refused("several columns"))
    yield of_text(
        "two-asked.csv", "a doubled heading that is asked for", two, Refused("several columns"), "--column", "ICCID"
    )
    yield of_text(
        "no-such-column.csv", "a column that is not there", LINES, Refused("there is no column"), "--column", "Karte"
    )
    yield of_text(
        "column-far.csv", "a letter beyond the table", LINES, Refused("there is no column"), "--column", "XFD"
    )
    yield of_text("separator-alpha.csv", "a letter for a separator", f"sep=8\n{LINES}", rejected("empty", 5))
    yield of_text("headings-5000.csv", "the heading on each line", "ICCID\n" * 5000, rejected("characters", 4999))
    yield of_text(
        "separators-mixed.csv",
        "another separator in each row",
        f"ICCID;a\n{FIVE[0]},a\n{FIVE[1]}\ta\n",
        rejected("characters", 2),
    )
    yield of_text("html.csv", "a web page named .csv", f"<html><td>{ONE}", Refused("web page"))
    yield of_text("answer.csv", "JSON named .csv", f'[{{"iccid": "{ONE}"}}]', Refused("this is JSON"))
