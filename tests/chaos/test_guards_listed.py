"""The list of safety guards is true to the tree: each is where it is said to be, and each of its tests is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from chaos.guards import ROOT, Guard, guards

GUARDS = guards()


@cache
def named_in(file: str) -> frozenset[str]:
    """Names of the tests in a file, by its text."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_is_in_its_file_once_and_its_tests_are_there(guard: Guard) -> None:
    assert guard.places(ROOT) == 1
    ast.parse((ROOT / guard.file).read_text(encoding="utf-8").replace(guard.old, guard.new))
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert name.partition("[")[0] in named_in(file), test


def test_every_room_that_decides_or_sends_has_its_guards() -> None:
    rooms = {Path(guard.file).parts[0] for guard in GUARDS}
    assert rooms == {"flows", "tasks", "inputs", "validation", "providers", "journal", "reports", "domain"}
    assert len(GUARDS) >= 60


def test_a_sentence_says_what_each_one_keeps_from_happening() -> None:
    assert all(guard.keeps.endswith(".") and len(guard.keeps) > 20 for guard in GUARDS)
    assert len({guard.keeps for guard in GUARDS}) == len(GUARDS)
