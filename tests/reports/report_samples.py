"""A run with every outcome in it, as the reports get it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from domain.batches import BATCHES
from domain.findings import FINDINGS
from domain.limits import Limits
from domain.lists import Column
from domain.orders import Options
from domain.outcomes import OUTCOMES
from domain.plan import Checked, ListFacts, Party, Plan
from reports.run_report import Approved, ListFile, RunReport

LOOK_AGAIN = "Nothing is sent again for it. Look once more with `simferry reconcile`."
RETRY = "It is in retry.csv: make a new plan from that list when the cause is gone."
Made = Callable[..., RunReport]

KINDS: tuple[tuple[str, int, str | None, str, str, str | None], ...] = (
    ("confirmed", 30, None, "seen in the target account", "Nothing to do.", "target"),
    ("left", 4, "already_there", "already in the target account", "Nothing to do.", "target"),
    ("in_doubt", 3, None, "the provider did not answer after it was asked", LOOK_AGAIN, "source"),
    ("drifted", 2, "held_back", "its status changed since the plan", RETRY, "source"),
    ("drifted", 1, None, "asked for, and now in neither account", "Find out who moved it.", "nowhere"),
    ("awaiting", 2, None, "accepted by the provider and not done yet", LOOK_AGAIN, "source"),
    ("declined", 5, "1503", "status not allowed", RETRY, "source"),
    ("not_done", 1, None, "two reads agree that nothing happened", RETRY, "source"),
    ("not_started", 6, None, "the run stopped before its turn", "Run `simferry execute` again.", "source"),
    ("cancelled", 1, None, "cancelled before the other side accepted", RETRY, "source"),
    ("assisted", 1, "active", "only support can transfer it", "Ask the provider's support.", "source"),
    ("refused", 3, "not_found", "neither account holds this SIM", "Check the number.", None),
    ("rejected", 7, "lost_digits", "a number of 19 digits: Excel kept 15", "Get the list as text.", None),
)
SENT = {"confirmed", "in_doubt", "drifted", "awaiting", "declined", "not_done", "cancelled"}


def iccid_of(number: int) -> str:
    return f"8988303000{number:09d}"


def outcomes_of(kinds: tuple[tuple[str, int, str | None, str, str, str | None], ...] = KINDS) -> pl.DataFrame:
    lines: list[dict[str, str | int | None]] = []
    for outcome, count, code, reason, next_step, side in kinds:
        for _ in range(count):
            at = len(lines) + 1
            rejected, active = outcome == "rejected", at % 3 == 0
            now = ("Suspended" if active and outcome == "confirmed" else "Issued") if side else None
            line: dict[str, str | int | None] = {
                "line": None if rejected else at,
                "row": at + 1,
                "outcome": outcome,
                "code": code,
                "reason": reason,
                "next_step": next_step,
                "iccid": None if rejected else iccid_of(at),
                "raw": "8.98830300000801E+18" if rejected else iccid_of(at),
                "sim_id": None if rejected else str(7_000 + at),
                "batch": 1 + at // 20 if outcome in SENT else None,
                "attempts": 1 if outcome in SENT else None,
                "status_before": ("Activated" if active else "Issued") if side else None,
                "side_now": side,
                "status_now": now,
                "last_at": "2026-11-20T10:11:12.000000Z" if outcome in SENT else None,
            }
            if active and side:
                line |= {"device_id": str(900 + at), "device_name": f"=Meter {at} & <co>"}
            lines.append(line)
    return pl.DataFrame(lines, schema=OUTCOMES, orient="row")


def findings_of(outcomes: pl.DataFrame) -> pl.DataFrame:
    lines = [
        {
            "row": row,
            "code": "lost_digits",
            "severity": "error",
            "file": "fleet.xlsx",
            "sheet": "SIMs",
            "column": "ICCID",
            "cell": f"B{row}",
            "raw": raw,
            "sentence": "A number of 19 digits: Excel kept 15 of them.",
            "suggestion": "Get the list again with this column as text.",
        }
        for row, raw in outcomes.filter(pl.col("outcome") == "rejected").select("row", "raw").iter_rows()
    ]
    return pl.DataFrame(lines, schema=FINDINGS, orient="row")


def plan_of(outcomes: pl.DataFrame, file: str) -> Plan:
    rejected = outcomes.filter(pl.col("outcome") == "rejected").height
    steps = {"left": "LEAVE", "refused": "REFUSE", "assisted": "ASSIST"}
    counts = dict.fromkeys(("MOVE", "LEAVE", "REFUSE", "ASSIST"), 0)
    for outcome, count in outcomes.group_by(pl.col("outcome").cast(pl.String)).len().iter_rows():
        if outcome != "rejected":
            counts[steps.get(outcome, "MOVE")] += count
    return Plan(
        run="2026-11-20-fleet",
        made_at="2026-11-20T09:00:00.000000Z",
        provider="emnify",
        source=Party("acme-old", "1001", "https://cdn.emnify.net"),
        target=Party("acme-new", "2002", "https://cdn.emnify.net"),
        list=ListFacts(file, "ab" * 32, "SIMs", "Excel", outcomes.height, outcomes.height - rejected, rejected),
        options=Options(),
        limits=Limits(),
        counts=counts,
        reasons={},
        batches=3,
        guarantee="all or nothing per batch",
        consequences=(),
        checked=Checked(),
        preflight=(),
        calls_estimated=9,
        seconds_estimated=12.0,
        steps_sha256="cd" * 32,
        ways={"move": counts["MOVE"]},
        fingerprint="ef" * 32,
    )


def run_report(
    folder: Path, outcomes: pl.DataFrame | None = None, listed: ListFile | None = None, **more: object
) -> RunReport:
    lines = outcomes_of() if outcomes is None else outcomes
    if listed is None:
        pinned = folder / "list.csv"
        rows = lines.select(pl.col("raw").fill_null("")).to_series().to_list()
        pinned.write_text("ICCID\n" + "".join(f"{raw}\n" for raw in rows), "utf-8")
        listed = ListFile(pinned, "fleet.csv", "csv", "", 1, (Column(0, "ICCID", "A"),))
    batches = pl.DataFrame(
        [
            (1, "move", 1, 5, "2026-11-20T10:00:00Z", "2026-11-20T10:00:01Z", "yes", 200, None, "", 5, 0, 1.25),
            (2, "move", 1, 40, "2026-11-20T10:00:02Z", None, "unheard", None, None, "no answer", 0, 37, None),
        ],
        schema=BATCHES,
        orient="row",
    )
    report = RunReport(
        plan=plan_of(lines, listed.name),
        list=listed,
        outcomes=lines,
        findings=findings_of(lines),
        batches=batches,
        settings=(("batch_sims", "500"), ("settle_s", "60")),
        live_statuses=("Activated",),
        approved=Approved("anna", "2026-11-20T09:30:00.000000Z"),
        reconciled_at="2026-11-20T10:30:00.000000Z",
    )
    return replace(report, **more)  # type: ignore[arg-type]  # tests name fields of RunReport
