"""The README's transcripts are run and compared with what they show; its accounts, commands and links are real."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from flows.arguments import parser
from providers.accounts import read_accounts
from tasks.engine import QUIET
from tasks.engine_own import own_server

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=-[a-z])")  # what the name of a run begins with
COMMAND_S_MAX = 120
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))]
PLACEHOLDERS = {"N": "5", "SECONDS": "5"}  # what stands for a number


@dataclass(frozen=True)
class Typed:
    """A command of a transcript, and the lines that it shows under it."""

    command: str
    shown: str


@pytest.fixture(scope="module")
def prefect_url() -> Iterator[str]:
    with own_server(QUIET, lambda: None) as url:
        yield url


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the project's, with a sandbox that goes on from one transcript to the next."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "inputs").symlink_to(ROOT / "inputs")
    return folder


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def transcripts() -> list[list[Typed]]:
    """The commands of each console block of the README, each with what is shown under it."""
    blocks = re.findall(r"^```console\n(.*?)^```", text_of("README.md"), flags=re.MULTILINE | re.DOTALL)
    return [[_typed(part) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]] for block in blocks]


def _typed(part: str) -> Typed:
    """A command, on one line or several, and what is under it."""
    command, _, shown = part.partition("\n")
    while command.endswith("\\"):
        more, _, shown = shown.partition("\n")
        command = command.removesuffix("\\") + more.strip()
    return Typed(command, shown)


@pytest.mark.parametrize("transcript", transcripts(), ids=lambda transcript: f"{len(transcript)} commands")
def test_what_the_readme_shows_is_true(
    transcript: list[Typed], desk: Path, prefect_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(desk / "cache"))
    day = ""
    environ = _environment(desk) | {"PREFECT_API_URL": prefect_url}
    with ExitStack() as until_the_end:
        for typed in transcript:
            command, shown = (DAY.sub(day, text) if day else text for text in (typed.command, typed.shown))
            if command == "simferry sandbox &":
                printed = until_the_end.enter_context(_sandbox(desk))
            elif command.startswith("export "):
                name, _, value = command.removeprefix("export ").partition("=")
                environ[name], printed = value, ""
            elif command == "kill %1":
                printed = ""  # the sandbox ends with this test
            else:
                printed = _printed(command, desk, environ)
            if not day and (named := DAY.search(printed)):
                day = named.group()
                shown = DAY.sub(day, shown)
            assert _pattern(shown).fullmatch(printed), f"$ {command}\n{printed}\n--- the README shows:\n{shown}"
    assert day


def test_the_first_screen_shows_every_step_of_a_run() -> None:
    asked = [shlex.split(typed.command)[1] for typed in transcripts()[0] if typed.command.startswith("simferry ")]
    assert asked == ["sandbox", "plan", "approve", "execute", "reconcile"]


def test_the_accounts_that_the_readme_shows_are_taken(tmp_path: Path) -> None:
    tables = re.findall(r"^```toml\n(.*?)^```", text_of("README.md"), flags=re.MULTILINE | re.DOTALL)
    file = tmp_path / "accounts.toml"
    file.write_text("\n".join(tables), encoding="utf-8")
    assert {account.provider for account in read_accounts(file).values()} == {"emnify", "soracom", "supersim"}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_is_one_that_can_be_typed(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [command for command in commands_on(page) if not can_be_typed(command)]
    assert wrong == [], capsys.readouterr().err


def can_be_typed(command: str) -> bool:
    """Whether the command line takes it; of a name alone, whether there is such a command."""
    _, name, *rest = [PLACEHOLDERS.get(word, word) for word in shlex.split(command, comments=True)]
    try:
        _ = name == "sandbox" or parser().parse_args([name, *(rest or ["--help"])])  # what a sandbox takes is its own
    except SystemExit as end:
        return not end.code
    return True


def commands_on(page: str) -> Iterator[str]:
    """Commands in blocks and in lines; what is optional stands in brackets."""
    text = text_of(page)
    lines = [
        line for block in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for line in block.split("\n")
    ]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for command in (*lines, *re.findall(r"`(simferry [^`]+)`", prose)):
        if command.startswith("simferry ") and "…" not in command:
            yield command.translate(str.maketrans("", "", "[]")).removesuffix("&")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]*)\)", text_of(page)):
        name, _, anchor = link.partition("#")
        there = (ROOT / page).parent / name if name else ROOT / page
        assert there.is_file(), f"{page} links to {link}"
        assert not anchor or anchor in _anchors(there), f"{page} links to {link}"


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
