"""Nothing is judged where pandera's checks are switched off, wherever that was done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pandera.config import config_context, get_config_context

from domain.errors import UsageError
from tests.validation.judged import iccid, verdict
from validation.switched_off import refuse_if_switched_off


@pytest.fixture(autouse=True)
def _config_as_it_was() -> Iterator[None]:
    before = get_config_context().validation_enabled
    yield
    assert get_config_context().validation_enabled == before


def test_nothing_is_judged_while_pandera_is_switched_off_in_the_process() -> None:
    with config_context(validation_enabled=False), pytest.raises(UsageError, match="Unset PANDERA_VALIDATION_ENABLED"):
        verdict("this is no identifier")
    assert verdict(iccid()).rows_accepted == 1


@pytest.mark.parametrize(
    ("variable", "value", "refused"),
    [
        ("PANDERA_VALIDATION_ENABLED", "False", True),
        ("PANDERA_VALIDATION_ENABLED", "True", False),
        ("PANDERA_VALIDATION_DEPTH", "SCHEMA_ONLY", True),
        ("PANDERA_VALIDATION_DEPTH", "DATA_ONLY", True),
        ("PANDERA_USE_NARWHALS_BACKEND", "True", True),
    ],
)
def test_the_environment_is_believed(variable: str, value: str, *, refused: bool) -> None:
    script = f"from {refuse_if_switched_off.__module__} import refuse_if_switched_off as r; r()"
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, variable: value}, capture_output=True, text=True, check=False
    )
    assert ("UsageError" in ran.stderr and f"Unset {variable}" in ran.stderr) == refused
    assert (ran.returncode != 0) == refused


def test_the_gate_is_imported_without_pandera() -> None:
    script = "import sys, validation.judge, validation.survivors, validation.tables; sys.exit('pandera' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
