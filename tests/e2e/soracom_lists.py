"""Lists of Soracom's SIMs made from the sandbox's own books, with what each of their SIMs has to come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.soracom.accounts import EAST
from sandbox.soracom.truth import Truth

# operator, type, status -> so many SIMs, and what they come to where we hold the credentials of both sides
CROWD: Mapping[tuple[str, str, str], tuple[int, str]] = {
    ("east", "uicc", "ready"): (40, "confirmed/eligible"),
    ("east", "euicc", "ready"): (8, "confirmed/eligible"),
    ("east", "uicc", "active"): (5, "assisted/by_support"),
    ("east", "uicc", "inactive"): (3, "assisted/by_support"),
    ("east", "uicc", "standby"): (2, "assisted/by_support"),
    ("east", "euicc", "suspended"): (2, "assisted/by_support"),
    ("east", "uicc", "terminated"): (3, "refused/terminated"),
    ("east", "uicc", "transferring"): (2, "refused/transferring"),
    ("east", "virtual", "active"): (2, "refused/virtual"),
    ("west", "uicc", "ready"): (4, "left/already_there"),
    ("far", "uicc", "ready"): (2, "refused/not_found"),
}
SPOILT = {"8.94231E+18": "rejected/e_notation", "89423107100000000": "rejected/length"}


@dataclass(frozen=True)
class Listed:
    """A list, and how the SIM or the raw text of each of its rows is to end."""

    path: Path
    ends: Mapping[str, str]

    @property
    def moving(self) -> int:
        return sum(end.startswith("confirmed") for end in self.ends.values())


def list_crowd(truth: Truth, path: Path) -> Listed:
    """SIMs of every kind, one in three by its IMSI alone, and rows that name none."""
    where, ends, rows = truth.where(), dict[str, str](), list[str]()
    for (operator, kind, status), (count, end) in CROWD.items():
        sims = where.filter(operator_name=operator, type=kind, status=status).head(count)
        assert sims.height == count, f"{sims.height} SIMs are {operator}'s, {kind} and {status}"
        ends |= dict.fromkeys(sims["iccid"], end)
        rows += [imsi if place % 3 == 2 else iccid for place, (iccid, imsi) in enumerate(sims["iccid", "imsi"].rows())]
    return Listed(_written(path, [*rows, *SPOILT]), ends | SPOILT)


def list_ready(truth: Truth, path: Path, count: int) -> Path:
    """So many SIMs of the east's that are ready."""
    ready = truth.where().filter(operator_name=EAST.name, status="ready", type="uicc")
    return _written(path, ready["iccid"].tail(count).to_list())


def _written(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["SIM", *rows]) + "\n", encoding="utf-8")
    return path
