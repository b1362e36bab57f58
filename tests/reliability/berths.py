"""The small worlds in which every point is tried: SIMs of one provider, the list, and how they are to be moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from chaos import emnify_books, soracom_books, supersim_books
from chaos.emnify_books import unchanged
from chaos.verdict import Books, Line
from domain.identifiers import printed
from domain.inventory import SIDE_TYPE, Side
from domain.outcomes import Outcome
from sandbox.homes import Name
from sandbox.soracom.accounts import FAR, WEST
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.soracom.words import Status
from tasks.asked import MoveAsked, NumbersAsked

EXAMPLES = Path(__file__).parents[2] / "inputs" / "examples"
NUMBERS = NumbersAsked(batch_sims=4, canary_sims=2, calls_in_flight=2)
FLEETS, GROUPS = str(EXAMPLES / "fleets.csv"), str(EXAMPLES / "groups.csv")


@dataclass(frozen=True)
class Berth:
    """One provider's; `listed` is SIMs of the source on the list by status, `others` those of every other status."""

    name: Name
    source: str
    target: str
    books: Callable[[Path], Books]
    sims: int
    listed: Mapping[str, int]
    moving: MoveAsked = field(default_factory=MoveAsked)
    others: int = 1
    kind: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}-{self.kind}" if self.kind else str(self.name)

    @property
    def is_blind(self) -> bool:
        return self.kind == "blind"

    def small(self, **listed: int) -> Berth:
        """The same with so few SIMs that all its points are tried in no time: a canary and a batch."""
        numbers = replace(NUMBERS, batch_sims=2, canary_sims=1)
        return replace(self, listed=listed, others=0, kind="small", moving=replace(self.moving, numbers=numbers))

    def rows(self, before: pl.DataFrame) -> list[str]:
        """The list: SIMs of the source, one of another account, one twice, and one that is no SIM."""
        there = pl.col("side") == pl.lit(Side.SOURCE, SIDE_TYPE)
        own = before.filter(there).sort("status", "key").partition_by("status", maintain_order=True)
        keys = [key for some in own for key in some["key"].head(self.listed.get(some["status"][0], self.others))]
        keys += before.filter(~there).sort("side", "key")["key"].tail(1).to_list()
        return [*(key if self.name is Name.SORACOM else printed(key) for key in [*keys, keys[0]]), "not a SIM"]


def _far(home: Path) -> Books:
    """Soracom's books for a target that a run cannot read: what is there is nowhere to its report."""
    truth = SoracomTruth(home)

    def read() -> pl.DataFrame:
        gone = pl.col("account") == FAR.operator
        side = pl.when(gone).then(pl.lit(Side.TARGET, SIDE_TYPE)).otherwise("side")
        west = pl.col("account") == WEST.operator
        return soracom_books.now_of(truth).with_columns(
            side=pl.when(west).then(pl.lit(Side.NOWHERE, SIDE_TYPE)).otherwise(side)
        )

    return Books(read(), read, _may_be_offered)


def _may_be_offered(outcome: Outcome, line: Line) -> bool:
    """What a run may say of a SIM that it offered: `side` is NOWHERE where the other side has accepted."""
    match outcome:
        case Outcome.CONFIRMED:
            return False
        case Outcome.NOT_DONE | Outcome.NOT_STARTED | Outcome.CANCELLED:
            return (line["side"], line["status"]) == (Side.SOURCE, Status.READY)
        case Outcome.DECLINED:
            return line["side"] == Side.SOURCE
        case Outcome.REFUSED | Outcome.ASSISTED | Outcome.LEFT:
            return unchanged(line)
        case _:
            return True


_SORACOM = Berth(
    Name.SORACOM,
    "east",
    "west",
    soracom_books.opened,
    sims=300,
    listed={str(Status.READY): 8},
    moving=MoveAsked(group_map=GROUPS, sims_per_token=3, numbers=NUMBERS),
)
BERTHS = {
    "emnify": Berth(
        Name.EMNIFY,
        "pilot",
        "fleet",
        emnify_books.opened,
        sims=300,
        listed={"Suspended": 6, "Activated": 4, "Issued": 4},
        moving=MoveAsked(detach_devices=True, numbers=NUMBERS),
    ),
    "supersim": Berth(
        Name.SUPERSIM,
        "north",
        "south",
        supersim_books.opened,
        sims=300,
        listed={"new": 4, "active": 4, "inactive": 2},
        moving=MoveAsked(deactivate_first=True, reactivate=True, group_map=FLEETS, numbers=NUMBERS),
    ),
    "soracom": _SORACOM,
    "soracom-blind": replace(
        _SORACOM, target="far", books=_far, moving=MoveAsked(sims_per_token=3, numbers=NUMBERS), kind="blind"
    ),
}
BERTHS |= {
    "emnify-small": BERTHS["emnify"].small(Activated=2, Suspended=1),
    "supersim-small": BERTHS["supersim"].small(active=1, new=1),
    "soracom-small": BERTHS["soracom"].small(ready=2),
}
