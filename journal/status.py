"""Runs at a glance: what each is about, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import polars as pl

from domain.errors import FerryError, RefusedToRun
from domain.outcomes import RECONCILED_AT, Outcome
from domain.plan import Plan, Step, fingerprint, from_json, utc_of
from domain.state import RunState, run_state
from journal.approval import Approval, approval_of, has_begun
from journal.book import Journal
from journal.folder import every_run
from journal.forgetting import Forgotten, forgotten_of
from journal.run_folder import RunFolder


class Stage(StrEnum):
    """How far a run has come."""

    UNPLANNED = "unplanned"  # its plan is being made, or was given up
    DAMAGED = "damaged"  # its plan or its journal cannot be read
    PLANNED = "planned"
    APPROVED = "approved"
    BEGUN = "begun"  # under way, or left where it was
    STOPPED = "stopped"  # by a breaker or a person; the cause has to be named
    FINISHED = "finished"
    FORGOTTEN = "forgotten"  # counts are left; or its erasure was interrupted, and is to be finished


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run; `counts` are SIMs per step of its plan, `totals` SIMs per outcome of its last reconciliation.

    `ways` are SIMs to be moved per way, in the plan's words. `last` is the batch and the part of a way that the last
    record about SIMs is about.
    """

    name: str
    stage: Stage
    list_file: str = ""
    provider: str = ""
    source: str = ""
    target: str = ""
    made_at: str = ""  # ISO 8601, UTC, as are all instants here
    parent: str = ""  # whose credentials carry it out, where the plan names an account for that
    counts: Mapping[Step, int] = field(default_factory=dict)
    ways: Mapping[str, int] = field(default_factory=dict)
    approval: Approval | None = None
    stopped: tuple[str, str] | None = None  # cause, words
    last_at: str | None = None  # of the last record
    last: tuple[int, str] | None = None
    totals: Mapping[Outcome, int] = field(default_factory=dict)
    reconciled_at: str = ""  # when `totals` were counted; "" where that is not known
    words: str = ""  # what is damaged
    forgotten: Forgotten | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether something was recorded since its last reconciliation."""
        return bool(self.reconciled_at and self.last_at) and utc_of(str(self.last_at)) > utc_of(self.reconciled_at)


def runs(home: Path, url: str | None) -> list[RunFacts]:
    """All runs in `home`, oldest day first; `url` is where their journals are, None: in their folders."""
    return [facts(folder, url) for folder in every_run(home)]


def facts(folder: RunFolder, url: str | None) -> RunFacts:
    """One run at a glance; what is damaged is said, not raised."""
    if folder.forgotten.exists():
        return _left(folder)
    try:
        plan = from_json(folder.plan.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return RunFacts(folder.name, Stage.UNPLANNED)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return RunFacts(folder.name, Stage.DAMAGED, words=f"its plan cannot be read: {error}")
    if plan.fingerprint != fingerprint(plan):
        return RunFacts(folder.name, Stage.DAMAGED, words="its plan was altered after it was made")
    given = approval_of(folder)
    try:
        state = _state(folder, url)
    except FerryError as error:
        return replace(_facts(folder, plan, Stage.DAMAGED, given, RunState()), words=str(error))
    return _facts(folder, plan, _stage(state, given, plan), given, state)


def last_totals(folder: RunFolder) -> dict[Outcome, int]:
    """SIMs per outcome of the last reconciliation; empty where there was none."""
    try:
        counted = pl.scan_parquet(folder.outcomes, glob=False).group_by("outcome").len().collect()
    except (FileNotFoundError, pl.exceptions.PolarsError):
        return {}
    found = {str(outcome): int(count) for outcome, count in counted.iter_rows()}
    return {outcome: found[outcome] for outcome in Outcome if outcome in found}


def reconciled_at(folder: RunFolder) -> str:
    """When the last reconciliation was; "" where there was none, or it did not say."""
    try:
        return pl.read_parquet_metadata(folder.outcomes).get(RECONCILED_AT, "")
    except (OSError, pl.exceptions.PolarsError):
        return ""


def _left(folder: RunFolder) -> RunFacts:
    """What is known of a run that was forgotten."""
    try:
        left = forgotten_of(folder)
    except RefusedToRun as error:
        return RunFacts(folder.name, Stage.DAMAGED, words=str(error))
    if left is None:  # between two looks it went
        return RunFacts(folder.name, Stage.DAMAGED, words="its folder is being changed")
    return RunFacts(
        name=folder.name,
        stage=Stage.FORGOTTEN,
        provider=left.provider,
        source=left.source,
        target=left.target,
        made_at=left.made_at,
        parent=left.parent,
        counts={step: left.planned.get(step, 0) for step in Step} if left.planned else {},
        totals={outcome: left.outcomes[outcome] for outcome in Outcome if outcome in left.outcomes},
        forgotten=left,
    )


def _state(folder: RunFolder, url: str | None) -> RunState:
    """How the run stands; a journal that was never begun is not looked for, and not made."""
    if not has_begun(folder):
        return RunState()
    with Journal.open(url, folder) as journal:
        return run_state(journal.headlines())


def _stage(state: RunState, given: Approval | None, plan: Plan) -> Stage:
    if state.finished:
        return Stage.FINISHED
    if state.stopped is not None:
        return Stage.STOPPED
    if state.opened:
        return Stage.BEGUN
    return Stage.APPROVED if given is not None and given.fingerprint == plan.fingerprint else Stage.PLANNED


def _facts(folder: RunFolder, plan: Plan, stage: Stage, given: Approval | None, state: RunState) -> RunFacts:
    return RunFacts(
        name=folder.name,
        stage=stage,
        list_file=plan.list.file,
        provider=plan.provider,
        source=plan.source.name,
        target=plan.target.name,
        made_at=plan.made_at,
        parent=plan.parent.name if plan.parent else "",
        counts={step: plan.counts.get(step, 0) for step in Step},
        ways=plan.ways,
        approval=given,
        stopped=state.stopped,
        last_at=state.last_at,
        last=state.last,
        totals=last_totals(folder),
        reconciled_at=reconciled_at(folder),
    )
