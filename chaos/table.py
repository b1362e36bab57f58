"""Results for people and for machines: a line per provider and kind of strike, and a JSON of numbers and words."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from chaos.hazards import Hazard
from chaos.trial import Result
from domain.outcomes import Outcome

STRUCK = {
    Hazard.KILL: "simferry killed",
    Hazard.SANDBOX: "provider killed",
    Hazard.DISK: "disk filled",
    Hazard.JOURNAL: "journal taken away",
}


WORDS = ("provider", "what was done")  # headings of columns that hold no numbers


@dataclass(frozen=True, slots=True)
class Row:
    """All trials of one provider under one hazard."""

    provider: str
    struck: str
    kills: int
    trials: int
    executions: int
    sims: int
    reports: int
    lost: int
    moved_twice: int
    lies: int
    in_doubt: int
    awaiting: int
    broken: int
    wall_s: float

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.lost or self.moved_twice or self.lies or self.broken)


def rows_of(results: Sequence[Result]) -> list[Row]:
    """A line for each provider and hazard, in the order in which they come."""
    together: dict[tuple[str, Hazard], list[Result]] = {}
    for one in results:
        together.setdefault((str(one.case.world.provider), one.case.hazard), []).append(one)
    return [row_of(some) for some in together.values()]


def row_of(results: Sequence[Result]) -> Row:
    """The line of some trials of one provider under one hazard, at least one; its time is the sum of theirs."""
    case = results[0].case
    return Row(
        provider=str(case.world.provider),
        struck=STRUCK[case.hazard],
        kills=sum(one.strikes for one in results),
        trials=len(results),
        executions=sum(one.executions for one in results),
        sims=sum(one.sims for one in results),
        reports=sum(one.reports for one in results),
        lost=sum(len(one.verdict.lost) for one in results),
        moved_twice=sum(len(one.verdict.moved_twice) for one in results),
        lies=sum(len(one.verdict.lies) for one in results),
        in_doubt=sum(one.ends.get(Outcome.IN_DOUBT, 0) for one in results),
        awaiting=sum(one.ends.get(Outcome.AWAITING, 0) for one in results),
        broken=sum(bool(one.broken) for one in results),
        wall_s=round(sum(one.wall_s for one in results), 1),
    )


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table: with colours on a terminal, and as plain lines elsewhere."""
    headings = (
        *(*WORDS, "times", "runs", "executions", "SIMs", "reports"),
        *("lost", "moved twice", "lies", "in doubt", "awaiting", "broken", "minutes"),
    )
    table = Table(box=None, pad_edge=False, show_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < len(WORDS) else "right", no_wrap=True)
    for row in rows:
        cells = [*list(asdict(row).values())[:-1], f"{row.wall_s / 60:.1f}"]
        table.add_row(
            *(cell if isinstance(cell, str) else f"{cell:,}" for cell in cells), style="red" if row.failed else None
        )
    console.print(table)


def as_json(results: Sequence[Result], load: int, seed: int) -> str:
    """The same for machines, trial by trial; numbers and words, and nothing of the machine's places."""
    return json.dumps(
        {
            "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
            "seed": seed,
            "load": load,
            "rows": [asdict(row) for row in rows_of(results)],
            "trials": [_trial(one) for one in results],
        },
        indent=2,
    )


def _trial(one: Result) -> dict[str, object]:
    counted: Counter[str] = Counter({str(outcome): lines for outcome, lines in one.ends.items()})
    return {
        "provider": str(one.case.world.provider),
        "struck": STRUCK[one.case.hazard],
        "script": one.case.name,
        "seed": one.case.seed,
        "times": one.strikes,
        "executions": one.executions,
        "sims": one.sims,
        "lines": one.lines,
        "reports": one.reports,
        "outcomes": dict(sorted(counted.items())),
        "wrong": list(one.verdict.words),
        "broken": bool(one.broken),
        "wall_s": round(one.wall_s, 1),
    }
