"""pandera imported without pandas and hypothesis, which it takes in wherever they are: half a second for nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType

UNUSED = frozenset({"pandas", "hypothesis"})
WANTED = ("pandera.polars", "pandera.backends.polars.register", "pandera.backends.polars.builtin_checks")


class _Absent(MetaPathFinder):
    """Says of UNUSED what Python says of a package that is not installed; those imported before stay as they are."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """None for what others shall find; raises `ModuleNotFoundError` for the rest."""
        if fullname in UNUSED:
            raise ModuleNotFoundError(f"No module named '{fullname}'", name=fullname)


def import_pandera() -> None:
    """Import pandera for polars, and what it would import at the first judgement; done before, it costs nothing."""
    if all(name in sys.modules for name in WANTED):
        return
    with _hidden():
        for name in WANTED:
            import_module(name)


@contextmanager
def _hidden() -> Iterator[None]:
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
