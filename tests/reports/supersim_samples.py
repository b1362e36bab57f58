"""A run at Super SIM, with fleets, parts and saved usage, as the reports get it; made by the real reconciliation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from domain.batches import BATCHES
from domain.inventory import GROUPS, HISTORY, SIGHTS, Side
from domain.orders import Part
from domain.outcomes import DEEDS, OUTCOMES
from domain.parts import Course, Goal
from domain.plan import STEPS, Party
from domain.reconciling import reconcile
from reports.run_report import RunReport
from tests.reports.report_samples import run_report

LIVE = ("ready", "active")
FIELD, ROAD, SOUTH_FIELD, SOUTH_ROAD, UNNAMED = (f"HF{number:032x}" for number in range(1, 6))
NAMES = ((FIELD, "=Field & <co>", None), (ROAD, "Road", 250), (SOUTH_FIELD, "Field", 20), (SOUTH_ROAD, "Road", 1_000))
COURSE = Course(
    {
        Part.DEACTIVATE: Goal(Side.SOURCE, Side.SOURCE, ("inactive",)),
        Part.MOVE: Goal(Side.TARGET, Side.SOURCE),
        Part.ACTIVATE: Goal(Side.TARGET, Side.TARGET, ("active",)),
        Part.REGISTER: Goal(Side.TARGET, Side.NOWHERE),
    },
    ("scheduled",),
    (("ready", "active"),),
)
FULL_WAY = "deactivate move activate"
AT = "2026-11-20T10:11:12.000000Z"

# How many SIMs: status and way; deed and its part; where they are now, and in which status.
Case = tuple[int, str, str, str | None, str, str, str]
CASES: tuple[Case, ...] = (
    (9, "new", "move", "arrived", "move", "target", "new"),
    (8, "active", FULL_WAY, "arrived", "activate", "target", "active"),
    (3, "active", FULL_WAY, "declined", "activate", "target", "inactive"),
    (2, "ready", FULL_WAY, "fell_back", "activate", "target", "inactive"),
    (2, "active", FULL_WAY, "pending", "activate", "target", "scheduled"),
    (2, "active", FULL_WAY, "arrived", "deactivate", "source", "inactive"),
    (1, "active", FULL_WAY, "still", "move", "source", "inactive"),
    (2, "active", FULL_WAY, "pending", "deactivate", "source", "scheduled"),
    (1, "active", FULL_WAY, "declined", "deactivate", "source", "active"),
    (1, "active", FULL_WAY, None, "deactivate", "source", "inactive"),  # by somebody else
    (2, "active", "deactivate move", "arrived", "move", "target", "inactive"),
    (3, "inactive", "move", "arrived", "move", "target", "inactive"),
    (1, "inactive", "move", "unheard", "move", "nowhere", ""),
)
USED_MB = (0.0, 1.25, 17.5, 20.0, 812.5, 26.75, None)


def iccid_of(number: int) -> str:
    return f"8988307000{number:010d}"


def frames(cases: tuple[Case, ...] = CASES) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """STEPS, DEEDS and SIGHTS of these cases."""
    steps, deeds, sights = [], [], []
    each = [case for case in cases for _ in range(case[0])]
    for at, (_, status, parts, deed, part, side, status_now) in enumerate(each, start=1):
        key, sid = f"K{at:04d}", f"HS{at:032x}"
        before, wanted = ((FIELD, SOUTH_FIELD), (ROAD, SOUTH_ROAD), (None, None), (ROAD, ""))[at % 4]
        named = {"line": at, "row": at + 1, "key": key, "iccid": iccid_of(at), "sim_id": sid, "status": status}
        planned = {"step": "MOVE", "code": "eligible", "words": "", "next_step": "", "batch": 1 + at // 20}
        steps.append(named | planned | {"group": before, "group_to": wanted, "parts": parts})
        if deed:
            words = ("83010", "Status transition not allowed") if deed == "declined" else (None, None)
            deeds.append((key, part, deed, 1, *words, AT))
        there = side == "target"
        seen = (sid, status_now, None, wanted or None if there else before) if side != "nowhere" else (None,) * 4
        sights.append((key, side, *seen))
    return (
        pl.DataFrame(steps, schema=STEPS, orient="row"),
        pl.DataFrame(deeds, schema=DEEDS, orient="row"),
        pl.DataFrame(sights, schema=SIGHTS, orient="row"),
    )


def supersim_outcomes(cases: tuple[Case, ...] = CASES) -> pl.DataFrame:
    rejected = pl.DataFrame(schema={name: OUTCOMES[name] for name in ("row", "raw", "code", "reason", "next_step")})
    steps, deeds, sights = frames(cases)
    return reconcile(steps, rejected, deeds, sights, COURSE)


def history_of(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Two billing periods of every SIM that was not new, the current one first; one period has ended by now."""
    old = outcomes.filter(pl.col("status_before") != "new")
    lines = []
    for at, sim_id in enumerate(old["sim_id"]):
        used = USED_MB[at % len(USED_MB)]
        total = None if used is None else int(used * 1_000_000)
        up = None if total is None else total // 4
        down = None if total is None or up is None else total - up
        ends = "2026-11-19T00:00:00Z" if at == 7 else "2026-12-02T00:00:00Z"
        now = (f"HB{at:032x}", "active", "2026-11-02T00:00:00Z", ends, total, up, down, AT)
        then = (f"HB{at + 999:032x}", "ready", "2026-10-02T00:00:00Z", "2026-11-02T00:00:00Z", 5_000, 2_000, 3_000, AT)
        lines += [(f"K{at:04d}", sim_id, *now), (f"K{at:04d}", sim_id, *then)]
    return pl.DataFrame(lines, schema=HISTORY, orient="row")


def batches_of() -> pl.DataFrame:
    lines = [
        (1, "deactivate", 1, 9, "10:00:00", "10:00:31", "later", 202, None, "", 9, 0, 31.4),
        (1, "move", 1, 19, "10:00:32", "10:00:33", "yes", 200, None, "", 19, 0, 0.9),
        (1, "activate", 1, 9, "10:00:34", "10:01:06", "later 8, no 1", 202, "83010", "=not allowed", 8, 0, 32.0),
        (2, "deactivate", 1, 14, "10:01:08", "10:01:40", "later 13, no 1", 202, "83010", "not allowed", 9, 2, 32.5),
    ]
    dated = pl.format("2026-11-20T{}Z", pl.col("intended_at")), pl.format("2026-11-20T{}Z", pl.col("answered_at"))
    table = pl.DataFrame(lines, schema=BATCHES, orient="row")
    return table.with_columns(dated[0].alias("intended_at"), dated[1].alias("answered_at"))


def supersim_report(folder: Path, cases: tuple[Case, ...] = CASES, **more: object) -> RunReport:
    outcomes = supersim_outcomes(cases)
    report = run_report(folder, outcomes.with_columns(raw=pl.col("iccid")))
    ways = {case[2]: sum(other[0] for other in cases if other[2] == case[2]) for case in cases}
    plan = replace(
        report.plan,
        provider="supersim",
        source=Party("north", "AC" + "1" * 32, "https://supersim.twilio.com"),
        target=Party("south", "AC" + "2" * 32, "https://supersim.twilio.com"),
        parent=Party("depot", "AC" + "0" * 32, "https://supersim.twilio.com"),
        ways=dict(sorted(ways.items())),
        groups=("Fleets by fleets.csv: =Field & <co> → Field; Road → Road.",),
        consequences=("What SIMs used since their billing period began still counts.", "They are offline meanwhile."),
    )
    made = replace(
        report,
        plan=plan,
        outcomes=outcomes,
        batches=batches_of(),
        live_statuses=LIVE,
        groups=pl.DataFrame([*NAMES, (UNNAMED, None, 0)], schema=GROUPS, orient="row"),
        history=history_of(outcomes),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # tests name fields of RunReport
