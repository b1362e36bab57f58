"""Soracom in memory, and its client opened on two operators, or on one and a target without credentials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.accounts import Account
from providers.protocol import Crew
from providers.registry import open_mover
from tests.providers.doubles import Timepiece
from tests.providers.soracom_doubles import EAST, WEST, Soracom, an_account


@pytest.fixture
def soracom() -> Soracom:
    return Soracom()


@pytest.fixture
def time() -> Timepiece:
    return Timepiece()


@pytest.fixture
def east(tmp_path: Path) -> Account:
    return an_account(tmp_path, EAST, password="right")


@pytest.fixture
def west(tmp_path: Path) -> Account:
    return an_account(tmp_path, WEST, password="right")


@pytest.fixture
def crew(soracom: Soracom, time: Timepiece, east: Account, west: Account) -> Iterator[Crew]:
    with open_mover(east, west, clock=time.clock(), transport=soracom.transport()) as opened:
        yield opened


@pytest.fixture
def blind(soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path) -> Iterator[Crew]:
    """The target's credentials are nobody's here."""
    target = an_account(tmp_path, WEST)
    with open_mover(east, target, clock=time.clock(), transport=soracom.transport()) as opened:
        yield opened
