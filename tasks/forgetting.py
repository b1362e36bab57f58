"""A run forgotten: everything but counts and names erased, in an order that may break off anywhere.

hold the run ─► what is open? ─► forgotten.json ═► databases ─► marks ─► files ─► forgotten.json, with `erased_at`
                (refuse)         (nothing runs from it any more; the same command again goes on from here)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.errors import RefusedToRun
from domain.plan import utc_text
from journal.claims import CLAIMS_FILE
from journal.erasing import erase_rows, runs_named
from journal.files import PRIVATE_FOLDER
from journal.folder import RUN_NAME, every_run, open_run
from journal.forgetting import Forgotten, empty, erased, forgotten_of, keep
from journal.lock import holding
from journal.run_folder import RunFolder
from journal.wake import silence
from tasks.asked import Surroundings
from tasks.forgettable import Known, known_of, refuse


@dataclass(frozen=True, slots=True)
class Sought:
    """A run that is to be forgotten; its folder need not be there."""

    folder: RunFolder
    identity: str


def sought(around: Surroundings, name: str) -> Sought:
    """The run of that name; also one whose folder is lost, and which databases still know by its name or identity.

    Raises `UsageError` where nobody knows it, `RefusedToRun`, cause "name", where several lost runs are called so.
    """
    lost = {} if any(folder.name.startswith(name) for folder in every_run(around.home)) else _lost(around, name)
    if not lost:
        folder = open_run(around.home, name)
        return Sought(folder, folder.identity)
    if len(lost) > 1:
        raise RefusedToRun(
            f"{len(lost)} lost runs are called {name}. Name one of them by its id: {', '.join(lost)}.", "name"
        )
    ((identity, run),) = lost.items()
    return Sought(RunFolder(around.home / run), identity)


def forget(around: Surroundings, run: Sought, by: str, now: datetime, *, even_open: bool) -> Forgotten:
    """Erase the run but for counts and names, which come back; what was interrupted is finished.

    Raises `RefusedToRun`: "open" and "unsettled" as `refuse` does, "locked" where another process holds the run,
    "journal" where a database cannot be rid of it now.
    """
    folder = run.folder
    known = known_of(around, folder)
    refuse(known, now, even_open=even_open)
    is_lost = not folder.path.is_dir()
    if is_lost:
        folder.path.mkdir(mode=PRIVATE_FOLDER, parents=True)
        folder.begin(run.identity, now)
    with holding(folder, by, now):
        if not is_lost:  # what was open may have changed until the run was in hand
            known = known_of(around, folder)
            refuse(known, now, even_open=even_open)
        left = forgotten_of(folder) or _left(known, by, now)
        keep(folder, left)
        _erase(around, run)
        done = erased(left, now)
        keep(folder, done)
    return done


def _left(known: Known, by: str, now: datetime) -> Forgotten:
    """What is kept of the run."""
    stands = known.facts
    return Forgotten(
        run=stands.name,
        by=by,
        at=utc_text(now),
        provider=stands.provider,
        source=stands.source,
        target=stands.target,
        parent=stands.parent,
        made_at=stands.made_at,
        fingerprint=known.fingerprint,
        planned={str(step): count for step, count in stands.counts.items()},
        outcomes={str(outcome): count for outcome, count in stands.totals.items()},
        left_open=known.open,
    )


def _erase(around: Surroundings, run: Sought) -> None:
    """Databases first: the folder's files say where to look, for as long as there is something to look for."""
    claims = around.home / CLAIMS_FILE
    erase_rows(None, claims, run.identity)
    if around.journal_url is not None:
        erase_rows(around.journal_url, claims, run.identity)
    silence(around.home)
    empty(run.folder)


def _lost(around: Surroundings, name: str) -> dict[str, str]:
    """Runs of that name or identity that databases alone know: identity → name."""
    claims = around.home / CLAIMS_FILE
    found = runs_named(None, claims, name)
    if around.journal_url is not None:
        found |= runs_named(around.journal_url, claims, name)
    return {identity: run for identity, run in found.items() if RUN_NAME.fullmatch(run)}
