"""One Prefect server and one seeded world for the whole session; desks and running sandboxes where they are needed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import polars as pl
import pytest

from sandbox.accounts import write_accounts
from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.switches import Switches
from sandbox.supersim.truth import Truth
from sandbox.world import Name, seed
from tasks.engine import QUIET, quiet
from tasks.engine_own import own_server
from tests.e2e.berths import Berths
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ferry
from tests.e2e.planned import Planned, plan_once
from tests.e2e.soracom_ways import plan_tokens
from tests.e2e.supersim_crossings import Taker
from tests.e2e.supersim_ways import plan_ways
from tests.prefect.prefect_desk import GUARD, ROOT

quiet()  # this process may import Prefect too


@pytest.fixture(scope="session")
def prefect_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's database lies."""
    return tmp_path_factory.mktemp("prefect-server")


@pytest.fixture(scope="session")
def prefect_url(prefect_folder: Path) -> Iterator[str]:
    """The API URL of a server that answers."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(prefect_folder))
            url = stack.enter_context(own_server(QUIET, lambda: None))
        yield url


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books of the world that the example lists belong to; to be copied, never served."""
    home = tmp_path_factory.mktemp("world")
    seed(home)
    return home


@pytest.fixture(scope="session")
def afloat(world: Path) -> Afloat:
    """Serves a fresh copy of the world from a folder, with an accounts file beside its books."""
    return serving(world)


def serving(world: Path) -> Afloat:
    @contextmanager
    def serve(home: Path) -> Iterator[Sandbox]:
        shutil.copytree(world, home, dirs_exist_ok=True)
        with running(home, rate_scale=0) as sandbox:
            write_accounts(home, sandbox.base_url)
            yield sandbox

    return serve


@pytest.fixture(scope="session")
def kept() -> dict[str, str]:
    """What a command gets of this process's environment."""
    ours = ("PREFECT_", "SIMFERRY_", "CI")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours) and name not in QUIET}


@pytest.fixture(scope="session")
def berths(prefect_url: str, kept: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Berths]:
    """Where commands of all desks start from."""
    folder = tmp_path_factory.mktemp("berths")
    own = {
        "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
        "GUARD_FILE": str(folder / "tried"),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": prefect_url,
    }
    with Berths(folder, kept | own) as free:
        yield free


@pytest.fixture(scope="session")
def desk(prefect_url: str, kept: dict[str, str], berths: Berths) -> Desk:
    """An operator in a folder, whose accounts are those of a sandbox."""

    def sit_down(folder: Path, sandbox: Sandbox) -> Ferry:
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
            "GUARD_FILE": str(folder / "tried"),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": prefect_url,
            "SIMFERRY_HOME": str(folder / "runs"),
            "SIMFERRY_ACCOUNTS": str(sandbox.home / "accounts.toml"),
            "TMPDIR": str(folder),
        }
        return Ferry(folder, kept | environment, berths)

    return sit_down


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory, afloat: Afloat, desk: Desk) -> Planned:
    """A plan of `fleet.csv`, to be copied."""
    return plan_once(tmp_path_factory.mktemp("plan"), afloat, desk, EXAMPLES / "fleet.csv")


@pytest.fixture(scope="session")
def supersim_afloat(tmp_path_factory: pytest.TempPathFactory) -> Afloat:
    """As `afloat`, for the Super SIM that its example list belongs to."""
    home = tmp_path_factory.mktemp("world")
    seed(home, provider=Name.SUPERSIM)
    return serving(home)


@pytest.fixture(scope="session")
def supersim_planned(tmp_path_factory: pytest.TempPathFactory, supersim_afloat: Afloat, desk: Desk) -> Planned:
    """A plan of Super SIMs that go every way, to be copied."""
    return plan_ways(tmp_path_factory.mktemp("plan"), supersim_afloat, desk)


@pytest.fixture(scope="session")
def soracom_afloat(tmp_path_factory: pytest.TempPathFactory) -> Afloat:
    """As `afloat`, for Soracom."""
    home = tmp_path_factory.mktemp("world")
    seed(home, provider=Name.SORACOM)
    return serving(home)


@pytest.fixture(scope="session")
def soracom_planned(tmp_path_factory: pytest.TempPathFactory, soracom_afloat: Afloat, desk: Desk) -> Planned:
    """A plan of Soracom's SIMs with both sides' credentials, to be copied."""
    return plan_tokens(tmp_path_factory.mktemp("plan"), soracom_afloat, desk)


@pytest.fixture(scope="module")
def supersim_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A Super SIM whose north has more than a page of SIMs, served for the tests of a file."""
    home = tmp_path_factory.mktemp("supersim")
    seed(home, 2_400, provider=Name.SUPERSIM)
    with running(home) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def supersim(supersim_world: Sandbox) -> Iterator[Sandbox]:
    """That Super SIM without faults, before and after, and quick with what it does later."""
    supersim_world.set_switches(**as_texts(Switches(done_after_s=0.05)))
    supersim_world.forget_requests()
    yield supersim_world
    supersim_world.set_faults([])


@pytest.fixture(scope="module")
def take(supersim_world: Sandbox) -> Taker:
    """SIMs that no other test of the file has been given."""
    shared = pl.col("name").str.starts_with("gateway").fill_null(value=False)  # names that other accounts' SIMs have
    return Taker(Truth(supersim_world.home).where().filter(~shared))
