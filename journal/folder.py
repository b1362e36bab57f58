"""Where all runs lie, and how one is begun or found by its name."""

from __future__ import annotations

import difflib
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import UsageError
from journal.files import PRIVATE_FOLDER
from journal.run_folder import RunFolder

HOME_VARIABLE = "SIMFERRY_HOME"
HOME_USUAL = Path("runs")
RUN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
SLUG_LETTERS_MAX = 40
SAME_NAME_MAX = 1000  # runs of one list on one day
NAMES_SHOWN = 5


def home(environ: Mapping[str, str]) -> Path:
    """Where runs lie: what SIMFERRY_HOME says, else `runs` in the working folder."""
    return Path(environ.get(HOME_VARIABLE) or HOME_USUAL)


def new_run(home: Path, list_path: Path, now: datetime) -> RunFolder:
    """A new folder named for the day (UTC) and the list, readable by its owner alone; no two calls get the same."""
    slug = re.sub(r"[^a-z0-9]+", "-", list_path.stem.lower())[:SLUG_LETTERS_MAX].strip("-") or "list"
    home.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    for number in range(1, SAME_NAME_MAX + 1):
        tail = "" if number == 1 else f"-{number}"
        path = home / f"{now.astimezone(UTC):%Y-%m-%d}-{slug}{tail}"
        try:
            path.mkdir(mode=PRIVATE_FOLDER)
        except FileExistsError:
            continue
        folder = RunFolder(path)
        folder.begin(secrets.token_hex(8), now)
        return folder
    raise UsageError(f"{home} already holds {SAME_NAME_MAX} runs of this list from today. Move old runs elsewhere.")


def open_run(home: Path, name: str) -> RunFolder:
    """The run of that name, or the only one whose name begins so; raises `UsageError` that names the nearest."""
    names = [folder.name for folder in every_run(home)]
    matching = [name] if name in names else [other for other in names if name and other.startswith(name)]
    if len(matching) == 1:
        return RunFolder(home / matching[0])
    if matching:
        shown = ", ".join(matching[:NAMES_SHOWN]) + (" …" if len(matching) > NAMES_SHOWN else "")
        raise UsageError(f"{len(matching)} runs begin with {name}: {shown}. Give more of the name.")
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`simferry status` lists the runs there are."
    raise UsageError(f"There is no run {name!r} in {home}. {hint}")


def every_run(home: Path) -> Iterator[RunFolder]:
    """All runs in order of their names, oldest day first; none where there is no home yet."""
    if home.is_dir():
        for path in sorted(home.iterdir()):
            if path.is_dir() and RUN_NAME.fullmatch(path.name):
                yield RunFolder(path)
