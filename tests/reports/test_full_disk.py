"""A report that does not fit on the disk is an error of the machine, and leaves what was there."""

from __future__ import annotations

import resource
from pathlib import Path

import polars as pl
import pytest

from reports.files import replacing


def test_a_frame_that_does_not_fit_leaves_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.parquet"
    path.write_bytes(b"before")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        with pytest.raises(OSError, match="large"), replacing(path) as temporary:
            pl.DataFrame({"a": range(100_000)}).write_parquet(temporary)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"before", [path])
