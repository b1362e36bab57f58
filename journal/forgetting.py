"""What is left of a run that was forgotten, and its folder emptied of everything else.

forgotten.json, with `erased_at` null     the run is being forgotten: nothing runs from its folder any more
  │ every other file of the folder is removed, and the run's rows of every database (journal/erasing.py)
  ▼
forgotten.json, with `erased_at`          counts and names, no identifier
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from domain.errors import RefusedToRun
from domain.plan import utc_text
from journal.files import flush, write_text
from journal.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is kept of a run: names, instants (ISO 8601, UTC), and SIMs by number only.

    `planned` are SIMs per step of its plan, `outcomes` SIMs per outcome of its last reconciliation, `left_open`
    sentences on what was not known yet when somebody wanted it forgotten all the same.
    """

    run: str
    by: str
    at: str
    erased_at: str | None = None
    provider: str = ""
    source: str = ""
    target: str = ""
    parent: str = ""
    made_at: str = ""
    fingerprint: str = ""
    planned: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    left_open: tuple[str, ...] = ()


def forgotten_of(folder: RunFolder) -> Forgotten | None:
    """What is kept of a run that was forgotten, or begun to be; None of one that is not.

    Raises `RefusedToRun`, cause "altered", where that is broken.
    """
    try:
        raw = json.loads(folder.forgotten.read_text(encoding="utf-8"))
        return Forgotten(**raw | {"left_open": tuple(raw["left_open"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedToRun(
            f"{folder.forgotten} is broken or was changed by hand. Of the run nothing else is left; "
            f"remove the folder {folder.path} by hand.",
            "altered",
        ) from error


def keep(folder: RunFolder, left: Forgotten) -> None:
    """Put down, durably, what is kept of the run; from here on nothing runs from its folder."""
    write_text(folder.forgotten, json.dumps(asdict(left), indent=2, ensure_ascii=False) + "\n")


def empty(folder: RunFolder) -> int:
    """Remove all files of the run but what is kept of it; how many there were. Repeating it is harmless.

    They are unlinked, which is all that a program can promise: disks and backups may have their bytes for longer.
    """
    kept = {folder.forgotten, folder.facts, folder.lock, folder.holder}
    removed = 0
    for path, is_folder in _deepest_first(folder.path):
        if path in kept:
            continue
        path.rmdir() if is_folder else path.unlink(missing_ok=True)
        removed += not is_folder
    flush(folder.path)
    return removed


def newest_at_s(folder: RunFolder) -> float | None:
    """When a file of the run was last written (seconds since 1970); None where it has none of its own."""
    own = {folder.facts, folder.lock, folder.holder}
    files = [path for path, is_folder in _deepest_first(folder.path) if not is_folder and path not in own]
    return max((path.lstat().st_mtime for path in files), default=None)


def erased(left: Forgotten, now: datetime) -> Forgotten:
    """The same, once nothing else is left; the first such instant stays."""
    return Forgotten(**asdict(left) | {"erased_at": left.erased_at or utc_text(now), "left_open": left.left_open})


def _deepest_first(root: Path) -> Iterator[tuple[Path, bool]]:
    """Everything in the folder, each with whether it is a folder; links are not followed."""
    for parent, folders, files in os.walk(root, topdown=False):
        for name in files:
            yield Path(parent) / name, False
        for name in folders:
            path = Path(parent) / name
            yield path, not path.is_symlink()
