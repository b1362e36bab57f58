"""What the tests of the reports share."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.reports.report_samples import Made, run_report


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes the account of a run with the given outcomes, by default some of each; its list is a small CSV."""
    return partial(run_report, tmp_path)
