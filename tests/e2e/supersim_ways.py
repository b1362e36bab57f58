"""A run of Super SIMs that go every way, planned by the command line: 24 SIMs in batches of 4, 8, 8 and 4."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.identifiers import printed
from domain.limits import Limits
from journal.files import read_frame
from journal.run_folder import RunFolder
from sandbox.remote import Sandbox
from sandbox.supersim.truth import Truth
from tests.e2e.ferry import EXAMPLES, Afloat, Desk
from tests.e2e.planned import Planned, Quay
from tests.e2e.supersim_agreement import Books

LIMITS = Limits(
    batch_sims=8,
    canary_sims=4,
    spot_sims=2,
    calls_in_flight=8,
    settle_s=1.5,
    settle_gap_s=0.2,
    await_s=4.0,
    await_gap_s=0.2,
)
CROWD = {"new": 9, "inactive": 3, "active": 8, "ready": 4}
CHANGES = 12 + 3 * 12
ACCOUNTS = {"source": "north", "target": "south"}
WAYS = ("--fleet-map", EXAMPLES / "fleets.csv", "--deactivate-first", "--reactivate")


def list_ways(sandbox: Sandbox, path: Path) -> Path:
    """A CSV of the north's SIMs of each status, unnamed ones."""
    ours = Truth(sandbox.home).where().filter(pl.col("account_name") == "north", pl.col("name").is_null())
    bodies = [body for status, count in CROWD.items() for body in ours.filter(status=status)["iccid"].head(count)]
    path.write_text("\n".join(["ICCID", *map(printed, bodies)]) + "\n", encoding="utf-8")
    return path


def plan_ways(folder: Path, afloat: Afloat, desk: Desk) -> Planned:
    """A plan of them, under short times, so that doubt is settled while a test waits."""
    with afloat(folder / "provider") as sandbox:
        ferry = desk(folder / "desk", sandbox)
        sizes = ("--batch", LIMITS.batch_sims, "--canary", LIMITS.canary_sims)
        run, sims = ferry.planned(list_ways(sandbox, folder / "ways.csv"), *WAYS, *sizes, **ACCOUNTS)
    assert sims == sum(CROWD.values())
    return Planned(ferry.runs, run, sims, LIMITS)


@dataclass(frozen=True)
class Verified:
    """A run whose last reconciliation is held against the books."""

    books: Books
    folder: RunFolder

    @property
    def disagreements(self) -> list[str]:
        """As in `Books`."""
        return self.books.disagreements(self.steps, self.outcomes.filter(pl.col("outcome") != "rejected"))

    @property
    def steps(self) -> pl.DataFrame:
        """The steps of the run (STEPS)."""
        return read_frame(self.folder.steps, "")

    @property
    def outcomes(self) -> pl.DataFrame:
        """OUTCOMES of its last reconciliation."""
        return read_frame(self.folder.outcomes, "")

    @property
    def counted(self) -> dict[str, int]:
        """SIMs per outcome."""
        return {str(outcome): count for outcome, count in self.outcomes.group_by("outcome").len().iter_rows()}


def verified(quay: Quay) -> Verified:
    """The books as they are before the run is executed, to be held against what becomes of it."""
    return Verified(Books.opened(Truth(quay.sandbox.home)), quay.folder)
