"""Files that are whole or absent: written beside their place, flushed to the disk, then renamed into it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import polars as pl

from domain.errors import RefusedToRun, UsageError

COPY_BYTES = 1024 * 1024  # at a time
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700  # ICCID and IMSI are personal data


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    if not folder.exists():
        make_private(folder.parent)
        folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)


def write_text(path: Path, text: str) -> None:
    """Put the text at the path, durably and all at once."""
    with _appearing(path) as hidden:
        hidden.write_text(text, encoding="utf-8")


def write_frame(path: Path, frame: pl.DataFrame, compression: Literal["zstd", "lz4"] = "zstd") -> None:
    """Put the frame at the path as Parquet, durably and all at once; raises OSError, as writing a text does.

    zstd makes the smaller file, lz4 takes less time.
    """
    with _appearing(path) as hidden:
        try:
            frame.write_parquet(hidden, compression=compression)
        except pl.exceptions.ComputeError as error:  # which is how a full disk looks from here
            raise OSError(errno.EIO, str(error), str(path)) from error


def read_text(path: Path, next_step: str) -> str:
    """What `write_text` put there; raises `UsageError` with the next step where there is nothing."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path} is not there. {next_step}") from error
    except UnicodeDecodeError as error:
        raise RefusedToRun(f"{path} is broken or was changed by hand. {next_step}", "altered") from error


def read_frame(path: Path, next_step: str) -> pl.DataFrame:
    """What `write_frame` put there; raises `UsageError` where there is nothing, `RefusedToRun` where it is broken."""
    try:
        return pl.read_parquet(path, glob=False)
    except FileNotFoundError as error:
        raise UsageError(f"{path} is not there. {next_step}") from error
    except pl.exceptions.PolarsError as error:
        raise RefusedToRun(f"{path} is broken or was changed by hand. {next_step}", "altered") from error


def copy(source: Path, target: Path) -> str:
    """Copy a file, durably and all at once; the SHA-256 (hex) of what was copied."""
    digest = hashlib.sha256()
    with _appearing(target) as hidden, source.open("rb") as read, hidden.open("wb") as written:
        while block := read.read(COPY_BYTES):
            digest.update(block)
            written.write(block)
    return digest.hexdigest()


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A hidden path beside `path`; what is written there is moved to `path` if the block ends well."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    hidden.touch(mode=PRIVATE)
    try:
        yield hidden
        flush(hidden)
        hidden.replace(path)
        flush(path.parent)
    finally:
        hidden.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until the disk has the file's bytes, or the folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
