"""Files that appear whole or not at all, readable by their owner alone."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Path of an empty temporary file (mode 0600) beside `path`, which takes its place when the block ends well.

    When the block raises, the temporary file is removed and what stood at `path` stays. What the disk did not take
    is an OSError, whoever wrote.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _to_disk(temporary)
        temporary.replace(path)
        _to_disk(path.parent)
    except pl.exceptions.ComputeError as error:
        if "os error" in str(error):
            raise OSError(errno.EIO, str(error), str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
