"""Secrets looked for, in every form in which they may lie about, in everything that was written or said."""

from __future__ import annotations

import base64
import html
import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import polars as pl

CORE_CHARS_MIN = 8  # of a base64 form, whose first and last letters depend on what is beside the secret


def forms_of(secret: str) -> frozenset[bytes]:
    """The secret as text, and as whatever else writes a text: escaped, encoded, in hexadecimal, in UTF-16."""
    raw = secret.encode()
    texts = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret)}
    texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    texts |= {json.dumps(json.dumps(secret))[3:-3], html.escape(secret, quote=False), secret.replace('"', '""')}
    texts |= {raw.hex(), raw.hex().upper()}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            padded = encode(b"\0" * before + raw).decode().rstrip("=")
            core = padded[-(-before * 8 // 6) : len(padded) - 1]
            texts |= {core} if len(core) >= CORE_CHARS_MIN else set()
    as_ascii = {text.encode("ascii", "xmlcharrefreplace") for text in texts}
    return frozenset({text.encode() for text in texts} | as_ascii | {secret.encode("utf-16-le")})


def written_below(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it lies there, and whatever is packed in it."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                held = path.read_bytes()
                yield str(path), str(path.name).encode() + b"\n" + held
                yield from ((f"{path}, part {part}", text) for part, text in enumerate(_unpacked(path, held)))


def found(secrets: Iterable[str], written: Mapping[str, bytes]) -> list[str]:
    """Where any of the secrets is, in any form; by the first letters of the secret alone."""
    sought = [(secret, form) for secret in secrets for form in forms_of(secret)]
    return sorted(
        {f"{secret[:6]}… in {place}" for secret, form in sought for place, held in written.items() if form in held}
    )


def _unpacked(path: Path, held: bytes) -> Iterator[bytes]:
    if path.suffix == ".parquet":
        yield pl.read_parquet(io.BytesIO(held)).cast(pl.String, strict=False).write_csv().encode()
    if zipfile.is_zipfile(io.BytesIO(held)):
        with zipfile.ZipFile(io.BytesIO(held)) as parts:
            for name in parts.namelist():
                inner = parts.read(name)
                yield inner
                yield from _unpacked(Path(name), inner)
    if held.startswith(b"SQLite format 3\0"):
        yield from _blobs(path)


def _blobs(path: Path) -> Iterator[bytes]:
    """Every cell of a database as text, and what is compressed in it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    yield cell if isinstance(cell, bytes) else str(cell).encode()
                    if isinstance(cell, bytes) and cell[:1] == b"\x78":
                        try:
                            yield zlib.decompress(cell)
                        except zlib.error:
                            continue
