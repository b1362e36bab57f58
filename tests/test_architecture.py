"""Imports point one way, only flows and tasks know Prefect, and what needs no engine starts without one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MIDDLE = {"inputs", "validation", "providers", "journal", "reports"}
MAY_IMPORT = {
    "domain": set(),
    **{room: {"domain"} for room in MIDDLE},
    "sandbox": {"domain"},
    "tasks": MIDDLE | {"domain"},
    "flows": MIDDLE | {"domain", "tasks", "sandbox"},  # `simferry sandbox` and the demo
}
WITHOUT_ENGINE = ["check", "approve", "status", "where", "accounts", "callbacks", "forget"]


def imported(file: Path) -> set[str]:
    """Top-level packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_point_one_way(room: str) -> None:
    for file in (ROOT / room).rglob("*.py"):
        if "examples" in file.parts and room == "inputs":
            continue  # a script that makes the committed lists from the sandbox's world; nothing imports it
        ours = imported(file) & (set(MAY_IMPORT) - {room})
        assert ours <= MAY_IMPORT[room], f"{file.relative_to(ROOT)} imports {ours - MAY_IMPORT[room]}"


def test_only_flows_and_tasks_know_prefect() -> None:
    for room in set(MAY_IMPORT) - {"flows", "tasks"}:
        for file in (ROOT / room).rglob("*.py"):
            assert "prefect" not in imported(file), file.relative_to(ROOT)


@pytest.mark.parametrize("command", WITHOUT_ENGINE)
def test_what_needs_no_engine_starts_without_prefect(command: str) -> None:
    code = f"import sys, flows.cli, flows.commands.{command}; sys.exit('prefect' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_no_command_imports_prefect_before_the_engine_has_made_it_quiet() -> None:
    commands = [file.stem for file in (ROOT / "flows" / "commands").glob("[a-z]*.py")]
    code = f"import sys, {', '.join(f'flows.commands.{name}' for name in commands)}; sys.exit('prefect' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
