"""Providers with a wiretap before each, an operator whose commands run in this process, and one Prefect server."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from sandbox.accounts import APPLICATION_TOKENS, SOURCE, write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.soracom import accounts as soracom
from sandbox.supersim import accounts as supersim
from sandbox.world import Name, seed
from tasks.engine import _refresh, quiet
from tests.e2e.conftest import prefect_folder, prefect_url
from tests.secrets.operator import Operator, at_the_desk
from tests.secrets.wiretap import tapping

__all__ = ["prefect_folder", "prefect_url"]

quiet()

WORLD_SIMS = 240
NOBODY = "http://127.0.0.1:9"  # the port for what is discarded; nothing listens there
TAIL = '"/+&=ß'  # which every way of writing a text writes in another way


@dataclass(frozen=True)
class Scene:
    """An operator before one provider."""

    provider: Name
    operator: Operator
    sandbox: Sandbox
    prefect_folder: Path
    wrong: Path  # an accounts file whose credentials nobody takes
    down: Path  # one at whose address nobody listens


Stage: TypeAlias = Callable[[Name], AbstractContextManager[Scene]]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, prefect_url: str, prefect_folder: Path) -> Iterator[Stage]:
    """Sets the scene at a provider; within this session flows run on the shared Prefect server."""

    @contextmanager
    def set_up(provider: Name) -> Iterator[Scene]:
        place = tmp_path_factory.mktemp(f"secrets-{provider}")
        home = place / "provider"
        seed(home, WORLD_SIMS, provider=provider)
        with running(home, rate_scale=0) as sandbox:
            given = write_accounts(home, sandbox.base_url)
            text = given.read_text(encoding="utf-8") + _tables(provider, sandbox.base_url)
            real = _extra(provider) | _written(given)
            marks = {name: f"mark-{secrets.token_hex(12)}{TAIL}" for name in real}
            with tapping(sandbox.base_url, {marks[name]: real[name] for name in real}) as tap:
                accounts = _accounts(place / "right", text.replace(sandbox.base_url, tap.base_url), marks)
                others = {name: f"wrong-{secrets.token_hex(12)}{TAIL}" for name in real}
                wrong = _accounts(place / "wrong", text.replace(sandbox.base_url, tap.base_url), others)
                down = _accounts(place / "down", text.replace(sandbox.base_url, NOBODY), marks)
                for mark in others.values():
                    tap.hear("a credential that nobody takes", mark)
                with at_the_desk(place / "desk", accounts, tap) as operator:
                    yield Scene(provider, operator, sandbox, prefect_folder, wrong, down)

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SIMFERRY_")]:
            patch.delenv(name)
        patch.setenv("PREFECT_API_URL", prefect_url)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect-home")))
        _refresh()
        yield set_up
    _refresh()


def _written(accounts: Path) -> dict[str, str]:
    """The credentials of the secret files beside the accounts file, by the files' names."""
    names = re.findall(r'"file:([^"]+)"', accounts.read_text(encoding="utf-8"))
    return {name: (accounts.parent / name).read_text(encoding="utf-8").strip() for name in names}


def _extra(provider: Name) -> dict[str, str]:
    """Ways in that the sandbox's own accounts file has not."""
    match provider:
        case Name.EMNIFY:
            (token,) = (token for token, workspace in APPLICATION_TOKENS.items() if workspace == SOURCE)
            return {"robot.application_token": token}
        case Name.SUPERSIM:
            return {"key.secret": supersim.NORTH.key_secret}
        case Name.SORACOM:
            return {"key.secret": soracom.EAST.auth_key, "sam.password": soracom.EAST.user_password}


def _tables(provider: Name, base_url: str) -> str:
    """Their tables."""
    match provider:
        case Name.EMNIFY:
            return f"""
[accounts.robot]
provider = "emnify"
workspace = {SOURCE}
base_url = "{base_url}"
application_token = "file:robot.application_token"
"""
        case Name.SUPERSIM:
            north = supersim.NORTH
            return f"""
[accounts.key-north]
provider = "supersim"
account = "{north.sid}"
parent = "depot"
username = "{north.key_sid}"
auth_token = "file:key.secret"
base_url = "{base_url}"
"""
        case Name.SORACOM:
            table = f"""
provider = "soracom"
operator = "{soracom.EAST.operator}"
coverage = "global"
base_url = "{base_url}"
"""
            key = f'auth_key_id = "{soracom.EAST.auth_key_id}"\nauth_key = "file:key.secret"\n'
            sam = f'user = "{soracom.USER}"\nuser_password = "file:sam.password"\n'
            return f"\n[accounts.key-east]{table}{key}\n[accounts.sam-east]{table}{sam}"


def _accounts(folder: Path, text: str, marks: dict[str, str]) -> Path:
    """An accounts file with that text, and the marks in its secret files."""
    folder.mkdir()
    for name, mark in marks.items():
        file = folder / name
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(mark, encoding="utf-8")
    accounts = folder / "accounts.toml"
    accounts.write_text(text, encoding="utf-8")
    return accounts
