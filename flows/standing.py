"""How a run stands, from its folder and its journal alone."""

from __future__ import annotations

import polars as pl

from domain.outcomes import Deed, Outcome
from domain.queue import with_deeds
from domain.state import fold
from journal.book import Journal
from journal.folder import open_run
from tasks.asked import Surroundings

UNCONFIRMED = (
    Outcome.DECLINED,
    Outcome.AWAITING,
    Outcome.NOT_DONE,
    Outcome.IN_DOUBT,
    Outcome.DRIFTED,
    Outcome.CANCELLED,
    Outcome.NOT_STARTED,
)


def done_so_far(around: Surroundings, run: str) -> dict[Deed, int]:
    """SIMs of the run's MOVE steps per deed."""
    folder = open_run(around.home, run)
    _, steps = folder.load_plan()
    with Journal.open(around.journal_url, folder) as journal:
        moves = with_deeds(steps, fold(journal.events()))
    counted = moves.group_by("deed").len().sort("len", descending=True)
    return {Deed(deed): int(count) for deed, count in counted.iter_rows()}


def outcomes_of(around: Surroundings, run: str) -> pl.DataFrame:
    """The outcomes of the run's last reconciliation (OUTCOMES)."""
    folder = open_run(around.home, run)
    return folder.load_frame(folder.outcomes)
