"""A run planned and approved once, and copied: each copy has a provider of its own that has seen nothing of it yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from domain.limits import Limits
from domain.plan import Step, sealed
from journal.approval import approve
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from tests.e2e.ferry import Afloat, Desk, Ferry

# Short times, so that doubt is settled while a test waits; 58 SIMs go in batches of 5, 20, 20 and 13.
LIMITS = Limits(batch_sims=20, canary_sims=5, settle_s=1.5, settle_gap_s=0.2, spot_sims=2)


@dataclass(frozen=True)
class Planned:
    """The template: a home with one plan in it, made against a provider that is gone by now."""

    runs: Path
    run: str
    sims: int
    limits: Limits = LIMITS  # that its copies are under


@dataclass(frozen=True)
class Quay:
    """A copy: its operator, its provider, and the run."""

    ferry: Ferry
    sandbox: Sandbox
    run: str
    sims: int
    limits: Limits = LIMITS

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.ferry.runs / self.run)


def plan_once(folder: Path, afloat: Afloat, desk: Desk, listed: Path) -> Planned:
    """A plan of the list, made by the command line."""
    with afloat(folder / "provider") as sandbox:
        ferry = desk(folder / "desk", sandbox)
        run, sims = ferry.planned(listed, "--batch", str(LIMITS.batch_sims))
    return Planned(ferry.runs, run, sims)


@contextmanager
def quay(planned: Planned, folder: Path, afloat: Afloat, desk: Desk, *, approved: bool = True) -> Iterator[Quay]:
    """The plan laid out in `folder` for a provider of its own; approved there unless said otherwise."""
    with afloat(folder / "provider") as sandbox:
        ferry = desk(folder / "desk", sandbox)
        shutil.copytree(planned.runs, ferry.runs)
        made = Quay(ferry, sandbox, planned.run, planned.sims, planned.limits)
        turn_to(made, sandbox.base_url)
        if approved:
            plan, _ = made.folder.load_plan()
            approve(made.folder, plan, planned.sims, "a test", datetime.now(UTC))
        yield made


def turn_to(made: Quay, base_url: str) -> None:
    """Let the plan be one that was made at another address, under the limits of the copy."""
    plan, steps = made.folder.load_plan()
    source, target = (replace(party, base_url=base_url) for party in (plan.source, plan.target))
    parent = plan.parent and replace(plan.parent, base_url=base_url)
    turned = sealed(replace(plan, source=source, target=target, parent=parent, limits=made.limits))
    assert turned.counts[Step.MOVE] == made.sims
    made.folder.save_plan(turned, steps)
