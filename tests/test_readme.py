"""The README's first transcript is run line by line, and what is printed is compared with what it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tasks.engine import QUIET
from tasks.engine_own import own_server

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
RUN = re.compile(r"\d{4}-\d{2}-\d{2}-fleet")
COMMAND_S_MAX = 120
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))]


@dataclass(frozen=True)
class Typed:
    """A command of the transcript, and the lines that it shows under it."""

    command: str
    shown: str


def test_the_first_screen_of_the_readme_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inputs").symlink_to(ROOT / "inputs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = ""
    with own_server(QUIET, lambda: None) as url, _sandbox(tmp_path) as sandbox_says:
        environ = _environment(tmp_path) | {"PREFECT_API_URL": url}
        for typed in _transcript():
            command, shown = (RUN.sub(run, text) if run else text for text in (typed.command, typed.shown))
            if command == "simferry sandbox &":
                printed = sandbox_says
            elif command.startswith("export "):
                name, _, value = command.removeprefix("export ").partition("=")
                environ[name], printed = value, ""
            elif command == "kill %1":
                printed = ""  # the sandbox ends with this test
            else:
                printed = _printed(command, tmp_path, environ)
            if not run and (named := RUN.search(printed)):
                run = named.group()
                shown = RUN.sub(run, shown)
            assert _pattern(shown).fullmatch(printed), f"$ {command}\n{printed}\n--- the README shows:\n{shown}"
    assert run


def test_the_first_screen_shows_every_step_of_a_run() -> None:
    asked = [shlex.split(typed.command)[1] for typed in _transcript() if typed.command.startswith("simferry ")]
    assert asked == ["sandbox", "plan", "approve", "execute", "reconcile"]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)]*)\)", text):
        name, _, anchor = link.partition("#")
        there = (ROOT / page).parent / name if name else ROOT / page
        assert there.is_file(), f"{page} links to {link}"
        assert not anchor or anchor in _anchors(there), f"{page} links to {link}"


def _transcript() -> Iterator[Typed]:
    """The commands of the first console block, each with what is shown under it."""
    block = (ROOT / "README.md").read_text(encoding="utf-8").partition("```console\n")[2].partition("```")[0]
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield Typed(command, shown)


def _anchors(page: Path) -> set[str]:
    """What headings of a page are called in links, by the rule of the common hosts."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _pattern(shown: str) -> re.Pattern[str]:
    """What matches the shown lines: a line `…` for any lines, `…` within a line for any text."""
    lines = shown.splitlines(keepends=True)
    any_lines, any_text = r"(?:.*\n)*", ".*"
    return re.compile("".join(any_lines if line == "…\n" else re.escape(line).replace("…", any_text) for line in lines))


def _printed(command: str, where: Path, environ: dict[str, str]) -> str:
    """What a command prints, as a terminal shows it: both streams together."""
    done = subprocess.run(
        [BIN / "simferry", *shlex.split(command)[1:]],
        cwd=where,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )
    return done.stdout


def _environment(where: Path) -> dict[str, str]:
    """Ours, without what an operator may have set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SIMFERRY_"))}
    return kept | {"PREFECT_HOME": str(where / "prefect"), "TMPDIR": str(where)}


@contextmanager
def _sandbox(where: Path) -> Iterator[str]:
    """A sandbox with its books in `.sandbox`, stopped on leaving; what it says when it is ready."""
    process = subprocess.Popen(
        [BIN / "simferry", "sandbox"], cwd=where, env=_environment(where), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield _until(process.stdout, "Ctrl-C stops it.\n")
    finally:
        process.terminate()
        process.communicate(timeout=COMMAND_S_MAX)


def _until(stream: IO[str], last: str) -> str:
    """The lines of the stream down to `last`; pytest's own timeout is the limit."""
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if line == last:
            return "".join(lines)
    raise AssertionError(f"the sandbox ended: {lines}")
