"""Packages that are broken or hostile as zips, whatever is in their parts."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.hostile.cases import FIVE, MIB, ONE, Case, Judged, Refused, of_bytes
from tests.inputs.sheet_xml import BOOK, BOOK_RELATIONS, RELATIONS, TYPES, shared, worksheet

DAMAGED = Refused("damaged")
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
Parts = Mapping[str, str | bytes]


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows(*texts: str) -> str:
    """Rows with one cell each, in column A."""
    return "".join(f'<row r="{at}">{text_cell(f"A{at}", text)}</row>' for at, text in enumerate(texts, start=1))


GOOD_ROWS = rows("ICCID", *FIVE)
GOOD: Parts = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": RELATIONS,
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": BOOK_RELATIONS,
    SHEET: worksheet(GOOD_ROWS),
    STRINGS: shared(),
}


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method, compresslevel=1) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name), text, method, 1)
    return content.getvalue()


def book(**parts: str | bytes) -> bytes:
    return packed({**GOOD, **parts})


def zips() -> Iterator[Case]:
    yield from _bombs()
    yield from _lies()
    yield from _names()
    yield from _cut()
    for name, method in (("stored", zipfile.ZIP_STORED), ("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield of_bytes(f"{name}.xlsx", f"packed by {name}", packed(GOOD, method), Judged(5))
    for name, method in (("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        spoilt = bytearray(packed(GOOD, method))
        at = spoilt.index(SHEET.encode()) + len(SHEET) + 12
        spoilt[at : at + 40] = b"\xff" * 40
        yield of_bytes(f"{name}-spoilt.xlsx", f"damaged where it is packed by {name}", bytes(spoilt), DAMAGED)


def of_pieces(name: str, what: str, part: str, pieces: Callable[[], Iterator[bytes]], expected: Refused) -> Case:
    """A workbook of which one part is made by the piece, since it is large."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for other, text in GOOD.items():
                if other != part:
                    package.writestr(other, text)
            with package.open(part, "w", force_zip64=True) as file:
                for piece in pieces():
                    file.write(piece)

    return Case(name, what, make, expected)


def _bombs() -> Iterator[Case]:
    start, end = (side.encode() for side in worksheet("|").split("|"))

    def padded(size_mib: int) -> Callable[[], Iterator[bytes]]:
        def pieces() -> Iterator[bytes]:
            yield start + GOOD_ROWS.encode()
            for _ in range(size_mib):
                yield b" " * MIB
            yield end

        return pieces

    bomb = Refused("unpacks to more than")
    yield of_pieces("bomb-sheet.xlsx", "a sheet of 300 MB of blanks in 1.3 MB", SHEET, padded(300), bomb)
    yield of_pieces("bomb-book.xlsx", "a workbook part of 80 MB of blanks", "xl/workbook.xml", padded(80), bomb)
    inner = packed({f"{at}.zip": packed({"zeros": bytes(MIB)}) for at in range(16)})
    yield of_bytes("bomb-nested.zip", "zips in a zip", packed({"a.zip": inner}), Refused("zip archive, and not"))
    yield of_bytes("bomb-nested.xlsx", "zips in a workbook", book(**{"xl/media/a.zip": inner}), Judged(5))
    yield of_bytes("overlapping.xlsx", "a hundred names for one entry", _overlapping(), DAMAGED)
    many = packed({f"{at}": "" for at in range(10_050)}, zipfile.ZIP_STORED)
    yield of_bytes("entries.xlsx", "10,050 entries", many, Refused("entries inside are more than"))


def _overlapping() -> bytes:
    """Entries of the directory that all point to the packed bytes of one, as in D. Fifield's zip bomb."""
    relations = BOOK_RELATIONS.replace("sheet1", "sheet9")
    content = book(**{"xl/_rels/workbook.xml.rels": relations})
    first, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    sheet = _directory_entry(content, SHEET)
    copies = b"".join(content[sheet : sheet + 46] + SHEET.replace("1", str(at)).encode() for at in range(2, 10))
    tail = bytearray(content[end:])
    count = len(GOOD) + 8
    struct.pack_into("<HHI", tail, 8, count, count, end - first + len(copies))
    return content[:end] + copies + bytes(tail)


def _directory_entry(content: bytes, part: str) -> int:
    """Where the directory's entry of a part begins."""
    return content.index(part.encode(), content.index(b"PK\x01\x02")) - 46


def _patched(part: str, *patches: tuple[int, str, int]) -> bytes:
    """The good workbook with numbers of a directory entry changed: place, format, value."""
    content = bytearray(book())
    at = _directory_entry(bytes(content), part)
    for place, form, value in patches:
        struct.pack_into(form, content, at + place, value)
    return bytes(content)


def _lies() -> Iterator[Case]:
    yield of_bytes("size-small.xlsx", "a sheet that says it has 10 bytes", _patched(SHEET, (24, "<I", 10)), DAMAGED)
    yield of_bytes("size-huge.xlsx", "a sheet that says it has 4 GB", _patched(SHEET, (24, "<I", 2**32 - 2)), Judged(5))
    yield of_bytes("packed-huge.xlsx", "packed bytes that say 4 GB", _patched(SHEET, (20, "<I", 2**32 - 2)), Judged(5))
    yield of_bytes(
        "zip64-lie.xlsx", "a zip64 size without its field", _patched(SHEET, (24, "<I", 2**32 - 1)), Judged(5)
    )
    yield of_bytes("checksum.xlsx", "a wrong checksum", _patched(SHEET, (16, "<I", 7)), DAMAGED)
    yield of_bytes("offset.xlsx", "an entry that begins elsewhere", _patched(SHEET, (42, "<I", 9)), DAMAGED)
    yield of_bytes("offset-far.xlsx", "an entry beyond the end", _patched(SHEET, (42, "<I", 2**31)), DAMAGED)
    yield of_bytes("method.xlsx", "an unknown way of packing", _patched(SHEET, (10, "<H", 98)), DAMAGED)
    yield of_bytes("encrypted.xlsx", "a password on the zip's entry", _patched(SHEET, (8, "<H", 1)), DAMAGED)
    yield of_bytes("strong.xlsx", "strong encryption", _patched(SHEET, (8, "<H", 0x41)), DAMAGED)
    yield of_bytes("patched.xlsx", "compressed patched data", _patched(SHEET, (8, "<H", 0x20)), DAMAGED)
    yield of_bytes("version.xlsx", "a version of the year 3000", _patched(SHEET, (6, "<H", 9999)), Judged(5))
    good = book()
    yield of_bytes("comment.xlsx", "a comment behind the zip", _commented(good, b"from a friend"), Judged(5))
    lying = _commented(good, b"PK\x05\x06 is no end" * 100)
    yield of_bytes("comment-lie.xlsx", "a comment with signs of a zip's end", lying, DAMAGED)
    yield of_bytes("tail.xlsx", "40 kB behind the zip", good + b"\0" * 40_000, Judged(5))
    yield of_bytes("prefix.xlsx", "bytes before the zip", b"MZ" + b"\x90" * 600 + good, Refused("no .xlsx file"))
    yield of_bytes("prefix-zip.xlsx", "a zip in front of the zip", packed({"a": "b"}) + good, Judged(5))
    yield of_bytes("count.xlsx", "a directory that counts one too many", _counted(good, len(GOOD) + 1), Judged(5))
    extra = bytearray(good)
    struct.pack_into("<H", extra, _directory_entry(good, SHEET) + 30, 40)
    yield of_bytes("extra.xlsx", "a field that runs into the next entry", bytes(extra), DAMAGED)
    yield of_bytes("zip64-offset.xlsx", "an offset of 2^64 − 1", _zip64_offset(), DAMAGED)


def _commented(good: bytes, comment: bytes) -> bytes:
    return good[:-2] + struct.pack("<H", len(comment)) + comment


def _counted(good: bytes, count: int) -> bytes:
    content = bytearray(good)
    struct.pack_into("<HH", content, content.rindex(b"PK\x05\x06") + 8, count, count)
    return bytes(content)


def _zip64_offset() -> bytes:
    """An entry whose place is in a field of 64 bits, and far beyond what a file can have."""
    good = bytearray(book())
    at = _directory_entry(bytes(good), SHEET)
    name_end = at + 46 + len(SHEET)
    field = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    struct.pack_into("<I", good, at + 42, 2**32 - 1)
    struct.pack_into("<H", good, at + 30, len(field))
    content = good[:name_end] + field + good[name_end:]
    end = content.rindex(b"PK\x05\x06")
    size = struct.unpack_from("<I", content, end + 12)[0]
    struct.pack_into("<I", content, end + 12, size + len(field))
    return bytes(content)


def _names() -> Iterator[Case]:
    for name, entry in (
        ("up", "../../../../tmp/simferry-was-here"),
        ("absolute", "/tmp/simferry-was-here"),
        ("drive", "C:\\simferry-was-here"),
        ("device", "CON"),
        ("escape", "xl/\x1b[2Jred.xml"),
        ("long", "x" * 60_000),
    ):
        yield of_bytes(f"entry-{name}.xlsx", f"an entry named {name}", book(**{entry: "written"}), Judged(5))
    for name, target in (
        ("up", "../../../../etc/passwd"),
        ("absolute", "/etc/passwd"),
        ("drive", "C:/Windows/win.ini"),
        ("file", "file:///etc/passwd"),
        ("escape", "\N{ESCAPE}[2J.xml".replace("\x1b", "&#155;")),
    ):
        relations = BOOK_RELATIONS.replace("worksheets/sheet1.xml", target)
        content = book(**{"xl/_rels/workbook.xml.rels": relations})
        yield of_bytes(f"target-{name}.xlsx", f"a sheet at {name}", content, DAMAGED)
    outside = BOOK_RELATIONS.replace(
        'Target="worksheets/sheet1.xml"', 'Target="http://127.0.0.1/s" TargetMode="External"'
    )
    content = book(**{"xl/_rels/workbook.xml.rels": outside})
    yield of_bytes("target-external.xlsx", "a sheet on the network", content, Refused("no worksheet"))
    cyclic = RELATIONS.replace("xl/workbook.xml", "_rels/.rels")
    yield of_bytes(
        "cyclic.xlsx", "relations that point to themselves", book(**{"_rels/.rels": cyclic}), Refused("no worksheet")
    )
    itself = BOOK_RELATIONS.replace("worksheets/sheet1.xml", "workbook.xml")
    yield of_bytes(
        "cyclic-book.xlsx",
        "a sheet that is its workbook",
        book(**{"xl/_rels/workbook.xml.rels": itself}),
        Refused("it has no cells"),
    )
    content = packed({name.replace("/", "\\").upper(): text for name, text in GOOD.items()})
    yield of_bytes("backslashes.xlsx", "backslashes and capitals in part names", content, Judged(5))
    twice = io.BytesIO(book())
    with zipfile.ZipFile(twice, "a") as package:
        package.comment = b"two sheets of one name"
        package.writestr(SHEET.upper(), worksheet(rows("ICCID", ONE)))
    yield of_bytes("twice.xlsx", "two entries of one name", twice.getvalue(), Refused("twice"))


def _cut() -> Iterator[Case]:
    good = book()
    for share in range(1, 20):
        size = len(good) * share // 20
        yield of_bytes(f"cut-{share * 5:02}.xlsx", f"the first {share * 5} % of a workbook", good[:size], DAMAGED)
    yield of_bytes("cut-last.xlsx", "a workbook without its last byte", good[:-1], DAMAGED)
    yield of_bytes("cut-start.xlsx", "a workbook without its first 100 bytes", good[100:], Refused("no .xlsx file"))
    hole = bytearray(good)
    hole[200:600] = bytes(400)
    yield of_bytes("hole.xlsx", "a workbook with a hole of zeros", bytes(hole), DAMAGED)
