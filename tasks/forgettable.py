"""Whether a run may be forgotten: what is open about it, as far as its journal tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from domain.errors import RefusedToRun, UsageError
from domain.outcomes import Deed
from domain.plan import utc_of, utc_text
from domain.queue import ALWAYS_SENT, OPEN_DEEDS, with_deeds
from domain.state import fold, run_state
from journal.approval import has_begun
from journal.book import Journal
from journal.forgetting import newest_at_s
from journal.run_folder import RunFolder
from journal.status import RunFacts, Stage, facts
from tasks.asked import Surroundings
from tasks.restoring import restored

QUIET_S = 3_900.0  # after which nothing comes about any more of a run whose own limits cannot be read
PLANNING_S_MAX = 900.0  # a folder without a plan that was written to since then may be another process's
_UNKNOWN = "what is open about it cannot be known"
_LOOK, _GO_ON = "look with:  simferry reconcile {run}", "go on with:  simferry execute {run}"
_OPEN = {
    Deed.UNHEARD: f"in doubt: asked for, and nobody knows what came of it; {_LOOK}",
    Deed.TOLD: f"said to be done, and not seen so; {_LOOK}",
    Deed.PENDING: f"awaited: accepted or offered, and not done; {_GO_ON}",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A run that somebody wants forgotten: what is open about it, and until when what was sent may still come about."""

    facts: RunFacts
    fingerprint: str = ""
    open: tuple[str, ...] = ()
    unquiet_until: datetime | None = None


def known_of(around: Surroundings, folder: RunFolder) -> Known:
    """What is open about the run; nothing is about one that is half forgotten.

    Raises `RefusedToRun`, cause "locked", where another machine works on it, and `UsageError` where its journal is in a
    database that was not named.
    """
    if not folder.path.is_dir():
        words = f"its folder is lost: {_UNKNOWN}"
        return Known(RunFacts(folder.name, Stage.DAMAGED, words=words), open=(words,))
    _refuse_unreachable(around, folder)
    if folder.forgotten.exists():
        return Known(facts(folder, None))
    stands = facts(folder, around.journal_url)
    match stands.stage:
        case Stage.UNPLANNED:
            return Known(stands, unquiet_until=_after(folder, PLANNING_S_MAX))
        case Stage.DAMAGED:
            words = f"it is damaged, so {_UNKNOWN}: {stands.words.rstrip('.')}"
            return Known(stands, open=(words,), unquiet_until=_after(folder, QUIET_S))
        case Stage.PLANNED | Stage.APPROVED if not has_begun(folder):
            return Known(stands, folder.load_plan()[0].fingerprint)
        case _:
            return _begun(around, folder, stands)


def refuse(known: Known, now: datetime, *, even_open: bool) -> None:
    """Raise `RefusedToRun`, cause "open", where something is open and nobody said that it may be lost.

    Also where it was said, nothing that was sent may come about any more: cause "unsettled" until then.
    """
    name = known.facts.name
    if known.open and not even_open:
        points = "\n".join(f"  · {words}" for words in known.open)
        raise RefusedToRun(
            f"{name} is not forgotten, since something is open about it:\n{points}\nWhere nobody can find that out any "
            f"more, and it may be lost:  simferry forget {name} --even-open",
            "open",
        )
    unquiet = known.open or known.facts.stage == Stage.UNPLANNED
    if unquiet and known.unquiet_until is not None and now < known.unquiet_until:
        why = "what was sent last may still come about" if known.open else "it may be planned at this moment"
        raise RefusedToRun(
            f"{name} is not forgotten yet: {why}. The same command again after {utc_text(known.unquiet_until)[:19]}Z.",
            "unsettled",
        )


def _begun(around: Surroundings, folder: RunFolder, stands: RunFacts) -> Known:
    """What is open about a run that something was sent of."""
    plan, steps = folder.load_plan()
    with Journal.open(around.journal_url, folder, who=around.who) as journal:
        journal.hold()
        moves = with_deeds(steps, fold(journal.events()))
        done = restored(journal.events()) if plan.options.restores and plan.limits.token_life_s > 0 else None
        last_at = run_state(journal.headlines()).last_at
    words = (*_of_moves(moves), *_of_settings(moves, done), *_of_report(folder, moves))
    limits = plan.limits
    settled = timedelta(seconds=limits.settle_s + limits.token_life_s)
    until = utc_of(last_at) + settled if last_at is not None else None
    return Known(stands, plan.fingerprint, tuple(text.format(run=folder.name) for text in words), until)


def _of_moves(moves: pl.DataFrame) -> Iterator[str]:
    """SIMs about which something is to be found out, or whose way goes on."""
    sims = dict(moves.group_by("deed").len().iter_rows())
    yield from (f"{sims[deed]:,} SIMs are {_OPEN[deed]}" for deed in OPEN_DEEDS if sims.get(deed))
    between = moves.filter(pl.col("begun") & pl.col("deed").is_in([str(deed) for deed in ALWAYS_SENT])).height
    if between:
        yield f"{between:,} SIMs are between two parts of their way, and may be offline; {_GO_ON}"


def _of_settings(moves: pl.DataFrame, done: frozenset[str] | None) -> Iterator[str]:
    """SIMs that arrived, and whose settings were not read as wanted; `done` None: nothing is put back."""
    if done is not None:
        left = moves.filter(pl.col("deed") == Deed.ARRIVED, ~pl.col("key").is_in(sorted(done))).height
        if left:
            yield f"{left:,} SIMs are not set as they were before; put it back with:  simferry restore {{run}}"


def _of_report(folder: RunFolder, moves: pl.DataFrame) -> Iterator[str]:
    """Whether the last reconciliation knew all that the journal knows now; its counts are what is kept."""
    try:
        reported = pl.scan_parquet(folder.outcomes, glob=False).select(pl.col("last_at").max()).collect().item()
    except (FileNotFoundError, pl.exceptions.PolarsError):
        reported = ""
    if str(reported or "") < str(moves["last_at"].max() or ""):
        yield f"it was not reconciled since its last record, so its counts are not known; {_LOOK}"


def _refuse_unreachable(around: Surroundings, folder: RunFolder) -> None:
    """Raise `UsageError` where the run's records are in a database, and none is named."""
    try:
        place = str(json.loads(folder.begun.read_text(encoding="utf-8"))["journal"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if place != folder.journal.name and around.journal_url is None:
        raise UsageError(
            f"The records of {folder.name} are in {place}, and would stay there. Set SIMFERRY_JOURNAL_URL to it, then "
            "type the same command again."
        )


def _after(folder: RunFolder, seconds: float) -> datetime | None:
    """So long after a file of the run was last written; None where it has none."""
    newest_s = newest_at_s(folder)
    return None if newest_s is None else datetime.fromtimestamp(newest_s + seconds, UTC)
