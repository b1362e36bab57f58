"""A desk for scripts, and one server and one blank database of Prefect for all tests of this folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no type information in the package
import pytest

from tasks.engine import QUIET, quiet
from tasks.engine_own import own_server
from tests.prefect.prefect_desk import GUARD, ROOT, Desk

quiet()  # this process imports Prefect too


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The blank database is made once for all tests, as it is for an operator."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def desk(tmp_path: Path, cache: Path) -> Desk:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PREFECT_", "SIMFERRY_", "CI")) and n not in QUIET}
    ours = {
        "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
        "GUARD_FILE": str(tmp_path / "tried"),
        "PREFECT_HOME": str(tmp_path / "prefect-home"),
        "XDG_CACHE_HOME": str(cache),
        "SIMFERRY_HOME": str(tmp_path / "runs"),
        "SIMFERRY_AUDITS": str(tmp_path / "audits"),
        "TMPDIR": str(tmp_path),
    }
    return Desk(tmp_path, kept | ours)


@pytest.fixture(scope="session")
def server(cache: Path) -> Iterator[str]:
    """The API URL of a server that answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        with own_server(QUIET, lambda: None) as url:
            yield url


@pytest.fixture(scope="session")
def blank(server: str, cache: Path) -> Path:
    """A database with Prefect's tables, as the first start of a server of our own leaves it."""
    assert server
    [found] = (cache / "simferry").glob("prefect-*.sqlite")
    return found


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process is gone, or is within ten seconds."""

    def is_gone(pid: int) -> bool:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
            time.sleep(0.05)
        return False

    return is_gone
