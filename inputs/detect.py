"""Which format a file has, by what is in it and not by its name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from domain.errors import ListError
from inputs.limits import FILE_BYTES_MAX

START_BYTES = 8192
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # stream of a workbook under a password (MS-OFFCRYPTO 2.3.4)
NAMES = {".csv": "CSV", ".txt": "CSV", ".tsv": "CSV", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "Parquet"}


class Form(StrEnum):
    """A format we read."""

    CSV = "CSV"
    XLSX = "xlsx"
    PARQUET = "Parquet"


# What files that we do not read begin with, what they are, and what to do about it.
OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "Ask for the list as CSV or Excel."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and give the list that is inside."),
    (b"BZh", "a bzip2 archive", "Unpack it and give the list that is inside."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Unpack it and give the list that is inside."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it and give the list that is inside."),
    (b"Rar!", "a rar archive", "Unpack it and give the list that is inside."),
    (b"\x89PNG", "a picture", "Ask for the list as CSV or Excel."),
    (b"\xff\xd8\xff", "a picture", "Ask for the list as CSV or Excel."),
    (b"{\\rtf", "an RTF document", "Copy the list into a spreadsheet and save it as .xlsx or CSV."),
    (b"SQLite format 3", "a database", "Export the list as CSV."),
)


def detect(path: Path) -> Form:
    """Format of a list by its content; raises ListError where it is missing, empty, too large or none we read."""
    name = path.name
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ListError(f"{path}: this is a folder.\nName the list inside it.")
        if not path.is_file():
            raise ListError(f"{path}: this is no file, but a pipe or a device.\nSave the list as a file and give that.")
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except OSError as error:
        raise ListError(f"{path}: cannot be opened ({error.strerror}).\nCheck the name of the list.") from error
    if not start.strip():
        raise ListError(f"{name}: the file is empty.\nGive a list with at least one row.")
    if size > FILE_BYTES_MAX:
        raise ListError(
            f"{name}: {size:,} bytes are more than the {FILE_BYTES_MAX:,} we take.\n"
            "Split the list, or keep only the columns with the identifiers."
        )
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Form.XLSX
    if start.startswith(b"PAR1"):
        return Form.PARQUET
    _refuse_others(path, start)
    return Form.CSV


def said_otherwise(path: Path, form: Form) -> str:
    """A remark for people where a file's name promises another format than it has."""
    promised = NAMES.get(path.suffix.lower())
    return f", though named {path.suffix}" if promised is not None and promised != form else ""


def _refuse_others(path: Path, start: bytes) -> None:
    name = path.name
    if start.startswith(OLE):
        if _holds(path, ENCRYPTED):
            raise ListError(
                f"{name}: the workbook is protected by a password.\n"
                "Open it, remove the password (File, Info, Protect Workbook), save it, and give that file."
            )
        raise ListError(f"{name}: this is a workbook of the old format (xls).\nSave it as .xlsx and give that file.")
    for magic, what, advice in OTHERS:
        if start.startswith(magic):
            raise ListError(f"{name}: this is {what}, and not a list.\n{advice}")
    opening = start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe").lstrip()[:512].lower()
    if opening.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<body", b"<style")):
        raise ListError(
            f"{name}: this is a web page or XML, whatever its name says.\n"
            "Open it in Excel or LibreOffice, save it as .xlsx or CSV, and give that file."
        )
    if opening.startswith((b"[{", b'{"')):
        raise ListError(
            f"{name}: this is JSON, and not a list.\nSave it as CSV, one SIM in each row, and give that file."
        )
    if path.suffix.lower() in {".xlsx", ".xlsm", ".parquet"} and b"\0" in start:
        raise ListError(
            f"{name}: this is no {path.suffix} file and no text either: it is damaged, or only part of it arrived.\n"
            "Get the list again from where it came from."
        )


def _holds(path: Path, sign: bytes) -> bool:
    """Whether a file has these bytes anywhere, read by the piece."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            if sign in tail + piece:
                return True
            tail = piece[-len(sign) :]
    return False
