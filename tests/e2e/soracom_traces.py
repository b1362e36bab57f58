"""Traces of secrets, looked for in every byte that an operator's commands have left or said."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from sandbox.remote import Sandbox
from sandbox.soracom.accounts import WRITTEN, Way
from sandbox.soracom.truth import Truth
from tests.e2e.ferry import Ferry

FILES_MIN = 20  # a run leaves more


def secrets_of(sandbox: Sandbox) -> set[str]:
    """Passwords and keys, every transfer token that was issued, and how the token of any login begins."""
    ways_in = {getattr(one, way) for one in WRITTEN for way in (Way.PASSWORD, Way.AUTH_KEY, Way.USER)}
    logins = {base64.urlsafe_b64encode(f'[{one.id},"",'.encode()).decode() for one in WRITTEN}
    return {*ways_in, *logins, *Truth(sandbox.home).tokens()["token"]}


def traces(ferry: Ferry, prefect_folder: Path, sought: Iterable[str]) -> list[str]:
    """Where any of these are: in the operator's folder, in Prefect's, or on the screen."""
    files = [path for folder in (ferry.folder, prefect_folder) for path in folder.rglob("*") if path.is_file()]
    written = {str(path): path.read_bytes() for path in files}
    written["screen"] = "".join(ferry.said).encode()
    written |= {f"{path}, unpacked": _unpacked(path) for path in files if path.suffix in {".xlsx", ".parquet"}}
    assert len(written) > FILES_MIN
    assert any(place.endswith("prefect.sqlite") for place in written)
    return [f"{text[:8]}… in {place}" for text in sought for place, held in written.items() if text.encode() in held]


def _unpacked(path: Path) -> bytes:
    """What is in a file that is compressed."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).cast(pl.String, strict=False).write_csv().encode()
    with zipfile.ZipFile(path) as book:
        return b"".join(book.read(name) for name in book.namelist())
