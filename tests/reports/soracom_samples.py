"""A run at Soracom with every way a transfer can end, its settings and tokens; made by the real reconciliation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from domain.batches import BATCHES
from domain.inventory import GROUPS, SIGHTS, Side
from domain.orders import Part
from domain.outcomes import DEEDS, OUTCOMES
from domain.parts import Course, Goal
from domain.plan import STEPS, Party
from domain.reconciling import reconcile
from domain.settings import SETTINGS, compared
from reports.run_report import RunReport
from reports.support_request import SupportRequest, sims_of_outcomes
from reports.token_lines import TokenLine
from tests.reports.report_samples import run_report

EAST, WEST = "OP0012345678", "OP0087654321"
ROAD, FIELD, WEST_ROAD = (f"{number:08x}-aaaa-4bbb-8ccc-{number:012x}" for number in range(1, 4))
NAMES = ((ROAD, "Road", None), (FIELD, "=Field & <co>", None), (WEST_ROAD, "Road", None))
AT = "2026-11-20T10:11:12.000000Z"
COURSE = Course(
    {
        Part.OFFER: Goal(Side.TARGET, Side.SOURCE, starts=("ready",), under_way=("transferring",), leaves=True),
        Part.ISSUE: Goal(Side.SOURCE, Side.SOURCE, ("transferring",), starts=("ready",)),
        Part.ACCEPT: Goal(Side.TARGET, Side.SOURCE, starts=("transferring",), back=("ready",)),
    }
)
BOTH = "issue accept"

# How many SIMs: step, status; way; deed and its part; where they are now, and in which status.
Case = tuple[int, str, str, str, str | None, str, str, str]
CASES: tuple[Case, ...] = (
    (20, "MOVE", "ready", BOTH, "arrived", "accept", "target", "ready"),
    (3, "MOVE", "ready", BOTH, "told", "issue", "source", "transferring"),
    (2, "MOVE", "ready", BOTH, "arrived", "issue", "source", "ready"),  # its token ran out
    (2, "MOVE", "ready", BOTH, "arrived", "issue", "source", "active"),  # it connected in between
    (1, "MOVE", "ready", BOTH, "unheard", "issue", "source", "transferring"),
    (2, "MOVE", "ready", BOTH, "cancelled", "issue", "source", "ready"),
    (1, "MOVE", "ready", BOTH, "held_back", "issue", "source", "active"),
    (1, "MOVE", "ready", BOTH, "held_back", "issue", "source", "ready"),
    (4, "ASSIST", "active", "", None, "", "source", "active"),
    (2, "ASSIST", "suspended", "", None, "", "source", "suspended"),
    (1, "ASSIST", "active", "", None, "", "target", "active"),  # support was there already
    (1, "REFUSE", "terminated", "", None, "", "source", "terminated"),
)
BLIND: tuple[Case, ...] = (
    (6, "MOVE", "ready", "offer", "pending", "offer", "source", "transferring"),
    (4, "MOVE", "ready", "offer", "pending", "offer", "nowhere", ""),
    (3, "MOVE", "ready", "offer", "fell_back", "offer", "source", "ready"),
    (1, "MOVE", "ready", "offer", "unheard", "offer", "source", "transferring"),
)


def sim_of(number: int) -> str:
    return f"8942310021{number:09d}"


def imsi_of(number: int) -> str:
    return f"295050{number:09d}"


def group_of(number: int) -> str | None:
    return (ROAD, FIELD, None)[number % 3]


def frames(cases: tuple[Case, ...] = CASES) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """STEPS, DEEDS and SIGHTS of these cases."""
    steps, deeds, sights = [], [], []
    each = [case for case in cases for _ in range(case[0])]
    for at, (_, step, status, parts, deed, part, side, status_now) in enumerate(each, start=1):
        key, group = sim_of(at), group_of(at)
        moves = step == "MOVE"
        words = ("eligible", "", "") if moves else (status, f"It is {status}.", "See the next step.")
        wanted = {ROAD: WEST_ROAD, FIELD: ""}.get(group or "")
        named = {"line": at, "row": at + 1, "key": key, "iccid": key, "imsi": imsi_of(at), "sim_id": key}
        said = {"step": step, "code": words[0], "words": words[1], "next_step": words[2], "parts": parts or None}
        steps.append(
            named
            | said
            | {"status": status, "group": group, "group_to": wanted, "batch": 1 + at // 20 if moves else None}
        )
        if deed:
            held = ("status_changed", f"Its status is {status_now} now.") if deed == "held_back" else (None, None)
            deeds.append((key, part, deed, 1, *held, AT))
        there = side == "target"
        seen = (key, status_now, None, wanted or None if there else group) if side != "nowhere" else (None,) * 4
        sights.append((key, side, *seen))
    return (
        pl.DataFrame(steps, schema=STEPS, orient="row"),
        pl.DataFrame(deeds, schema=DEEDS, orient="row"),
        pl.DataFrame(sights, schema=SIGHTS, orient="row"),
    )


def soracom_outcomes(cases: tuple[Case, ...] = CASES) -> pl.DataFrame:
    rejected = pl.DataFrame(schema={name: OUTCOMES[name] for name in ("row", "raw", "code", "reason", "next_step")})
    steps, deeds, sights = frames(cases)
    return reconcile(steps, rejected, deeds, sights, COURSE)


def settings_before(count: int) -> pl.DataFrame:
    """What the first so many SIMs were set to in the source, each something else."""
    lines: list[tuple[str, str, str]] = []
    for at in range(1, count + 1):
        key, group = sim_of(at), group_of(at)
        lines.append((key, "speed_class", "s1.standard" if at % 2 else "s1.4xfast"))
        lines.append((key, "tag:name", f"=Meter {at} & <co>"))
        lines += [(key, "group", group)] if group else []
        lines += [(key, "tag:site", "Köln, north gate")] if at % 2 else []
        lines += [(key, "imei_lock", f"35{at:013d}")] if at % 4 == 0 else []
        lines += [(key, "expiry", "2027-01-01T00:00:00.000Z deactivate")] if at % 5 == 0 else []
        lines.append((key, "termination_protection", "on" if at % 6 == 0 else "off"))
        lines += [(key, "event_handler:Monthly limit", "active")] if at % 7 == 0 else []
        lines += [(key, "port_mapping:10.0.0.1:443", "22")] if at % 11 == 0 else []
    return pl.DataFrame(lines, schema=SETTINGS, orient="row")


def compared_settings(cases: tuple[Case, ...] = CASES) -> pl.DataFrame:
    """The settings before and after: one SIM's IMEI lock is missing, another's speed class is the target's own."""
    steps, _, sights = frames(cases)
    moved = steps.filter(pl.col("step") == "MOVE")
    before = settings_before(steps.height).join(moved, on="key", how="semi")
    seen = sights.filter(pl.col("side") == "target")["key"]
    after = before.filter(pl.col("key").is_in(seen.implode()), ~pl.col("setting").str.contains("handler|mapping"))
    mapped = pl.col("value").replace(ROAD, WEST_ROAD)
    after = after.with_columns(pl.when(pl.col("setting") == "group").then(mapped).otherwise("value").alias("value"))
    missing = (pl.col("key") == sim_of(4)) & (pl.col("setting") == "imei_lock")
    other = (pl.col("key") == sim_of(6)) & (pl.col("setting") == "speed_class")
    off_group = (pl.col("setting") == "group") & (pl.col("value") == FIELD)
    after = after.filter(~missing, ~off_group).with_columns(
        pl.when(other).then(pl.lit("s1.minimum")).otherwise("value").alias("value")
    )
    return compared(before, moved, after, seen)


def tokens_of() -> tuple[TokenLine, ...]:
    """Three tokens, of which the second one waits until 11:00 and the third one's time is over."""
    return (
        TokenLine(1, 1, 19, "2026-11-20T09:20:00.000000Z", "2026-11-20T10:20:00.000000Z", 0, 19, 0, 0),
        TokenLine(2, 2, 3, "2026-11-20T10:00:00.000000Z", "2026-11-20T11:00:00.000000Z", 3, 0, 0, 0),
        TokenLine(3, 2, 5, "2026-11-20T09:25:00.000000Z", "2026-11-20T10:25:00.000000Z", 1, 0, 2, 2),
    )


def support_of(outcomes: pl.DataFrame, **more: object) -> SupportRequest:
    settings = settings_before(outcomes.height)
    request = SupportRequest(
        provider="soracom",
        source=Party("east", EAST, "https://g.api.soracom.io"),
        target=Party("west", WEST, "https://g.api.soracom.io"),
        target_email="ops@west.example",
        coverage="global",
        run="2026-11-20-meters",
        made_at=date(2026, 11, 20),
        sims=sims_of_outcomes(outcomes, settings, groups()),
        settings=settings,
    )
    return replace(request, **more)  # type: ignore[arg-type]  # tests name fields of SupportRequest


def groups() -> pl.DataFrame:
    return pl.DataFrame(NAMES, schema=GROUPS, orient="row")


def batches_of() -> pl.DataFrame:
    lines = [
        (1, "issue", 1, 19, "10:00:00", "10:00:01", "yes", 200, None, "", 19, 0, 0.8),
        (1, "accept", 1, 19, "10:00:02", "10:00:03", "yes", 200, None, "", 19, 0, 0.9),
        (1, "restore", 1, 19, "10:00:04", "10:00:06", "yes 18, no 1", 400, "SEM0001", "=not allowed", 18, 0, 2.1),
        (2, "issue", 1, 8, "10:00:08", "10:00:09", "yes", 200, None, "", 8, 2, 0.7),
    ]
    dated = pl.format("2026-11-20T{}Z", pl.col("intended_at")), pl.format("2026-11-20T{}Z", pl.col("answered_at"))
    table = pl.DataFrame(lines, schema=BATCHES, orient="row")
    return table.with_columns(dated[0].alias("intended_at"), dated[1].alias("answered_at"))


def soracom_report(folder: Path, cases: tuple[Case, ...] = CASES, **more: object) -> RunReport:
    outcomes = soracom_outcomes(cases)
    report = run_report(folder, outcomes.with_columns(raw=pl.col("iccid")))
    ways = {case[3]: sum(other[0] for other in cases if other[3] == case[3]) for case in cases if case[3]}
    support = support_of(outcomes)
    plan = replace(
        report.plan,
        run=support.run,
        provider="soracom",
        source=support.source,
        target=support.target,
        counts={
            step: sum(case[0] for case in cases if case[1] == step) for step in ("MOVE", "LEAVE", "REFUSE", "ASSIST")
        },
        ways=ways,
        groups=("Groups by equal name: Road → Road; =Field & <co> → none.",),
    )
    made = replace(
        report,
        plan=plan,
        outcomes=outcomes,
        batches=batches_of(),
        live_statuses=("active",),
        groups=groups(),
        settings_compared=compared_settings(cases),
        tokens=tokens_of(),
        support=support,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # tests name fields of RunReport
