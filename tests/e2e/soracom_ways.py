"""A run of Soracom's SIMs planned by the command line: 24 of them in batches of 3, 6, 6, 6 and 3, a token each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.limits import Limits
from journal.files import read_frame
from journal.run_folder import RunFolder
from sandbox.soracom.truth import Truth
from tests.e2e.ferry import EXAMPLES, Afloat, Desk
from tests.e2e.planned import Planned, Quay
from tests.e2e.soracom_agreement import Books
from tests.e2e.soracom_lists import list_ready
from tests.e2e.soracom_settings import settings_disagreements, told_settings

SIMS = 24
LIFE_S = 3_600.0  # of a token; the sandbox's clock is put forward by it
LIMITS = Limits(
    batch_sims=6,
    canary_sims=3,
    calls_in_flight=4,
    settle_s=1.5,
    settle_gap_s=0.2,
    await_s=0.0,
    token_life_s=LIFE_S,
)
GROUPS = {"Meters": "Meters West"}  # as groups.csv has it
ASKED = ("--group-map", EXAMPLES / "groups.csv", "--batch", 6, "--canary", 3)


def plan_tokens(folder: Path, afloat: Afloat, desk: Desk) -> Planned:
    """A plan of SIMs that are all ready, whose copies are under short times, so that doubt is settled in a test."""
    with afloat(folder / "provider") as sandbox:
        ferry = desk(folder / "desk", sandbox)
        listed = list_ready(Truth(sandbox.home), folder / "ready.csv", SIMS)
        run, sims = ferry.planned(listed, *ASKED, source="east", target="west")
    assert sims == SIMS
    return Planned(ferry.runs, run, sims, LIMITS)


@dataclass(frozen=True)
class Verified:
    """A run from the east to the west whose last reconciliation is held against the books."""

    books: Books
    folder: RunFolder

    @property
    def disagreements(self) -> list[str]:
        """As in `Books`, of places and of settings."""
        told = told_settings(self.folder, self.outcomes)
        return [
            *self.books.disagreements(self.steps, self.outcomes),
            *settings_disagreements(self.books, told, self.steps, GROUPS),
        ]

    @property
    def steps(self) -> pl.DataFrame:
        """The steps of the run (STEPS)."""
        return read_frame(self.folder.steps, "")

    @property
    def outcomes(self) -> pl.DataFrame:
        """OUTCOMES of its last reconciliation, without rows that were rejected."""
        return read_frame(self.folder.outcomes, "").filter(pl.col("outcome") != "rejected")

    @property
    def counted(self) -> dict[str, int]:
        """SIMs per outcome."""
        return {str(outcome): count for outcome, count in self.outcomes.group_by("outcome").len().iter_rows()}

    @property
    def settings(self) -> dict[str, int]:
        """Settings per what became of them."""
        told = told_settings(self.folder, self.outcomes)
        return {str(result): count for result, count in told.group_by("result").len().iter_rows()}


def verified(quay: Quay) -> Verified:
    """The books as they are before the run is executed, to be held against what becomes of it."""
    return Verified(Books.opened(Truth(quay.sandbox.home)), quay.folder)
