"""Files of other kinds, with other names than they should have, and places that are no files."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.cases import FIVE, ONE, Case, Judged, Refused, of_bytes, of_text, rejected
from tests.hostile.zips import book, packed

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LIST = "ICCID\n" + "".join(f"{each}\n" for each in FIVE)
NO_FILE = Refused("no file")
ODT = "application/vnd.oasis.opendocument."


def other_files() -> Iterator[Case]:
    encrypted = OLE + bytes(3_000) + "EncryptedPackage".encode("utf-16-le") + bytes(9_000)
    yield of_bytes("password.xlsx", "a workbook under a password", encrypted, Refused("protected by a password"))
    edge = OLE + bytes(1024 * 1024 - 20) + "EncryptedPackage".encode("utf-16-le")
    yield of_bytes("password-late.xlsx", "the sign of it across two pieces", edge, Refused("protected by a password"))
    old = OLE + bytes(600) + "Workbook".encode("utf-16-le")
    for name in ("old.xls", "old.xlsx", "old.csv"):
        yield of_bytes(name, "the format of 1997", old, Refused("old format"))
    yield of_bytes("ole-cut.xls", "its signature alone", OLE, Refused("old format"))
    calc = packed({"mimetype": f"{ODT}spreadsheet", "content.xml": "<x/>"})
    yield of_bytes("calc.ods", "OpenDocument", calc, Refused("OpenDocument"))
    yield of_bytes("calc.xlsx", "OpenDocument named .xlsx", calc, Refused("OpenDocument"))
    yield of_bytes("book.csv", "a workbook named .csv", book(), Judged(5))
    yield of_bytes("book.parquet", "a workbook named .parquet", book(), Judged(5))
    yield of_text("list.xlsx", "a CSV named .xlsx", LIST, Judged(5))
    yield of_text("list.exe", "a CSV named .exe", LIST, Judged(5))
    yield of_text("list", "a CSV without an extension", LIST, Judged(5))
    for name, start, phrase in (
        ("a.pdf", b"%PDF-1.7\n", "a PDF"),
        ("a.csv.gz", gzip.compress(LIST.encode()), "gzip"),
        ("a.csv.bz2", b"BZh91AY&SY", "bzip2"),
        ("a.zst", b"\x28\xb5\x2f\xfd\0\0", "zstd"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7z"),
        ("a.rar", b"Rar!\x1a\x07", "rar"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "a picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0", "a picture"),
        ("a.rtf", b"{\\rtf1\\ansi", "RTF"),
        ("a.db", b"SQLite format 3\0", "database"),
        ("a.elf", b"\x7fELF\x02\x01\x01" + bytes(99), "NUL byte"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "web page or XML"),
        ("a.json", b'{"iccid": "8988"}', "JSON"),
        ("zip-alone.xlsx", b"PK\x05\x06" + bytes(18), "zip archive, and not"),
    ):
        yield of_bytes(name, "a file of another kind", start, Refused(phrase))
    yield from _names()
    yield from _places()


def _names() -> Iterator[Case]:
    for name, what in (
        ("new\nline.csv", "a line end in its name"),
        ("\x1b[2J\x1b]0;owned\x07.csv", "terminal escapes in its name"),
        ("c1\x9b31m.csv", "a C1 control in its name"),
        ("right\u202evsc.xlsx", "a right-to-left override in its name"),
        ("-dash [bold]x[red] %s {0}.csv", "marks of formats in its name"),
        ("x" * 250 + ".csv", "254 letters in its name"),
        ("Liste – Ü 表.csv", "letters of many alphabets in its name"),
    ):
        yield of_text(name, what, LIST, Judged(5))
    yield of_bytes(
        "refused \x1b[2J\x9b31m.csv", "escapes in the name of a file that is refused", b"", Refused("is empty")
    )
    surrogate = os.fsdecode(b"bytes-\xff\xfe.csv")
    yield of_text(surrogate, "bytes in its name that are no text", LIST, Judged(5))
    spoilt = of_text(
        os.fsdecode(b"rejected-\xff.csv"),
        "the same of a list with a finding",
        f"ICCID\n{ONE}x\n",
        rejected("characters"),
    )
    yield spoilt
    yield of_bytes(os.fsdecode(b"refused-\xff.csv"), "the same of a file that is refused", b"", Refused("is empty"))


def _places() -> Iterator[Case]:
    yield Case("folder.csv", "a folder", lambda path: path.mkdir(), Refused("this is a folder"))
    yield Case("gone.csv", "nothing at all", lambda _: None, Refused("cannot be opened"))
    yield Case("pipe.csv", "a named pipe that nobody writes into", os.mkfifo, NO_FILE)
    yield Case("zero.csv", "a link to /dev/zero", lambda path: path.symlink_to("/dev/zero"), NO_FILE)
    yield Case("null.csv", "a link to /dev/null", lambda path: path.symlink_to("/dev/null"), NO_FILE)
    yield Case(
        "memory.csv",
        "a link to this process's memory",
        lambda path: path.symlink_to("/proc/self/mem"),
        Refused("cannot be"),
    )
    yield Case("loop.csv", "a link to itself", lambda path: path.symlink_to(path), Refused("cannot be opened"))
    yield Case(
        "dangling.csv", "a link to nothing", lambda path: path.symlink_to("/nowhere"), Refused("cannot be opened")
    )
    yield Case("link.csv", "a link to a list", _link, Judged(1))
    closed = Judged(5) if os.geteuid() == 0 else Refused("cannot be opened")  # root may read whatever there is
    yield Case("unreadable.csv", "a file nobody may read", _unreadable, closed)


def _link(path: Path) -> None:
    target = path.with_name("linked.csv")
    target.write_text(f"ICCID\n{ONE}\n")
    path.symlink_to(target)


def _unreadable(path: Path) -> None:
    path.write_text(LIST)
    path.chmod(0)
