"""Workbooks that are hostile as zips or as XML go through `check`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.cases import Case
from tests.hostile.desk import Desk
from tests.hostile.laws import checks_well
from tests.hostile.xml_parts import xml_parts
from tests.hostile.zips import zips

CASES = (*zips(), *xml_parts())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.mark.parametrize("case", CASES, ids=[repr(case.name) for case in CASES])
def test_it_ends_in_a_clear_error_or_in_the_right_findings(case: Case, desk: Desk) -> None:
    checks_well(case, desk)
