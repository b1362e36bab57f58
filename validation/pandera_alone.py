"""pandera imported without pandas and hypothesis, which it takes in wherever they are: half a second for nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType

import polars as pl

UNUSED = frozenset({"pandas", "hypothesis"})


class _Absent(MetaPathFinder):
    """Says of UNUSED what Python says of a package that is not installed; those imported before stay as they are."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """None for what others shall find; raises `ModuleNotFoundError` for the rest."""
        if fullname in UNUSED:
            raise ModuleNotFoundError(f"No module named '{fullname}'", name=fullname)


def import_pandera() -> None:
    """Import pandera for polars; done before, it costs nothing."""
    if "pandera.polars" not in sys.modules:
        with _hidden():
            import_module("pandera.polars")


@cache
def warm_up() -> None:
    """Let pandera check nothing once, since at its first check it looks for pandas and hypothesis again."""
    import_pandera()
    import pandera.polars as pa  # noqa: PLC0415 - not before it is imported alone

    with _hidden():
        fine = pa.Check(lambda data: data.lazyframe.select(pl.lit(True)))
        pa.DataFrameSchema({"nothing": pa.Column(pl.String, fine)}).validate(
            pl.DataFrame(schema={"nothing": pl.String})
        )


@contextmanager
def _hidden() -> Iterator[None]:
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
