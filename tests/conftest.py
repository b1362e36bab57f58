"""What all tests share: laws tried without a stopwatch, since these machines are noisy, and what runs beside what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("simferry", deadline=None, print_blob=True)
settings.load_profile("simferry")

# Tests that start processes of ours take turns on one worker of pytest-xdist; all others are on whichever is free.
PROCESSES = frozenset({"e2e", "prefect"})
README = "test_readme.py"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keep the tests of a file together, and those with processes on one worker."""
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here)
        together = place.parts[0] in PROCESSES or place.name == README
        item.add_marker(pytest.mark.xdist_group("processes" if together else str(place)))
