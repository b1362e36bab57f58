"""A small plan and its folder, for tests of the memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from domain.identifiers import printed
from domain.limits import Limits
from domain.lists import ROWS, Column, Role, Sheet
from domain.orders import Options
from domain.plan import STEPS, Checked, ListFacts, Party, Plan, Step, sealed, steps_digest, utc_text
from journal.folder import new_run
from journal.run_folder import RunFolder

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEYS = tuple(str(8988303000000000000 + place) for place in range(4))


def steps(ways: Sequence[str] = ("move", "move", "move")) -> pl.DataFrame:
    """Three SIMs to move in two batches, each by its way, and one that is left."""
    whats = [Step.MOVE, Step.MOVE, Step.MOVE, Step.LEAVE]
    count = len(KEYS)
    columns = {
        "line": range(count),
        "row": range(2, count + 2),
        "step": whats,
        "code": ["eligible"] * count,
        "words": ["it fits"] * count,
        "key": KEYS,
        "iccid": [printed(key) for key in KEYS],
        "imsi": [f"26201{key[-10:]}" for key in KEYS],
        "sim_id": [f"id{key}" for key in KEYS],
        "status": ["Issued"] * count,
        "parts": [*ways, None],
        "batch": [1, 2, 2, None],
    }
    nothing = {name: [None] * count for name in STEPS.names() if name not in columns}
    return pl.DataFrame(columns | nothing, schema_overrides=STEPS).select(STEPS.names())


def plan_of(run: str, frame: pl.DataFrame) -> Plan:
    """A sealed plan over the steps."""
    return sealed(
        Plan(
            run=run,
            made_at=utc_text(NOW),
            provider="emnify",
            source=Party("depot", "1", "http://127.0.0.1"),
            target=Party("fleet", "2", "http://127.0.0.1"),
            list=ListFacts("Fleet März.csv", "0" * 64, "", "CSV, comma, UTF-8", 5, 4, 1),
            options=Options(("Issued",)),
            limits=Limits(),
            counts={str(step): int((frame["step"] == step).sum()) for step in Step},
            reasons={},
            batches=2,
            guarantee="a SIM in the target is refused",
            consequences=(),
            checked=Checked(("a",)),
            preflight=(),
            calls_estimated=4,
            seconds_estimated=2.0,
            steps_sha256=steps_digest(frame),
            ways=dict(Counter(frame["parts"].drop_nulls())),
        )
    )


def sheet_of(path: Path) -> Sheet:
    """What was found out about the list."""
    sim = Column(0, "ICCID", "A")
    return Sheet(path, "0" * 64, "csv", "", 1, (sim,), {Role.SIM: sim}, pl.DataFrame(schema=ROWS), "CSV, comma, UTF-8")


def planned(home: Path, ways: Sequence[str] = ("move", "move", "move")) -> tuple[RunFolder, Plan]:
    """A run with its list, its sheet and its plan."""
    home.mkdir(parents=True, exist_ok=True)
    listed = home.parent / "Fleet März.csv"
    listed.write_text("ICCID\n" + "\n".join(KEYS), encoding="utf-8")
    folder = new_run(home, listed, NOW)
    folder.pin(listed)
    folder.save_sheet(sheet_of(listed))
    frame = steps(ways)
    plan = plan_of(folder.name, frame)
    folder.save_plan(plan, frame)
    return folder, plan


def resealed(plan: Plan, sims: int) -> Plan:
    """A plan that says another number of SIMs, with the fingerprint it had."""
    return replace(plan, counts={**plan.counts, "MOVE": sims})
