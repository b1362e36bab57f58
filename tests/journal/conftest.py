"""Databases that machines share: SQLite always, PostgreSQL where one is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

POSTGRES_URL = os.environ.get("SIMFERRY_TEST_POSTGRES_URL", "")
GIVEN = pytest.mark.skipif(not POSTGRES_URL, reason="SIMFERRY_TEST_POSTGRES_URL names no PostgreSQL to write to")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=GIVEN)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """One of them."""
    return POSTGRES_URL if request.param == "postgresql" else f"sqlite:///{tmp_path / 'shared.sqlite'}"
