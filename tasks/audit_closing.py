"""The end of an audit: the month's ledger, its counts, lists to mend with, and the reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from domain.audit.frames import IDENTITY
from domain.audit.kinds import Kind
from domain.audit.ledger import LEDGER, NOTES, State, is_open, ledger_of
from domain.audit.movements import MOVEMENTS
from domain.audit.report import AuditReport, MonthSummary, balances, summary_of
from domain.audit.terms import Terms
from domain.errors import RefusedToRun
from domain.identifiers import BODY_DIGITS
from inputs.audit_notes import read_notes
from journal import audits
from journal.audits import every_month
from journal.files import PRIVATE_FOLDER, write_text
from reports.audit import write_audit
from reports.audit_markdown import markdown_of
from tasks import artifacts
from tasks.audit_asked import Closed, Desk
from tasks.audit_judging import Findings
from tasks.clock import WallClock
from tasks.kinds import reading

TREND_MONTHS = 24


def earlier_items(desk: Desk) -> pl.DataFrame:
    """The ledger (LEDGER) of the month before, none where this is the first."""
    previous = desk.previous
    return previous.read("ledger", LEDGER) if previous else pl.DataFrame(schema=LEDGER)


def notes_of(desk: Desk) -> pl.DataFrame:
    """What people have written (NOTES): what is kept, and what the workbook says that was handed in, which is kept too.

    Raises `ListError` where that is no workbook of an audit.
    """
    kept = audits.read_notes(desk.home, NOTES)
    if desk.asked.notes is None:
        return kept
    written = read_notes(Path(desk.asked.notes))
    joined = pl.concat([kept, written]).unique(list(IDENTITY), keep="last", maintain_order=True)
    audits.keep_notes(desk.home, joined)
    return joined


@reading(name="close the month")
def close(desk: Desk, terms: Terms, found: Findings, notices: tuple[str, ...], failed: Mapping[str, str]) -> Closed:
    """Write the month down: breaks, ledger, movements, counts, lists and reports, in an order that can be repeated."""
    month, folder = desk.folder.month, desk.folder
    ledger = ledger_of(month, earlier_items(desk), found.breaks, found.now, notes_of(desk), terms)
    folder.write("breaks", found.breaks)
    folder.write("ledger", ledger)
    folder.write("movements", found.moves)
    summary = summary_of(month, ledger, found.holdings)
    write_text(folder.file("summary.json"), json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n")
    report = AuditReport(
        month=month,
        made_at=WallClock().now(),
        terms=terms,
        ledger=ledger,
        moves=found.moves.match_to_schema(MOVEMENTS),
        stands=found.stands,
        holdings=found.holdings,
        trend=(*_trend(desk), summary),
        read_at={parts.name: str(parts.facts.get("read_at") or "") for parts in folder.snapshots()},
        damaged={parts.name: int(parts.facts["damaged"] or 0) for parts in folder.registers()},
        fixes=_fixes(desk, terms, ledger),
        notices=notices,
        currency=desk.settings.currency,
        previous=desk.previous.month if desk.previous else "",
    )
    for balance in balances(report):
        if not balance.is_even:
            raise RuntimeError(f"{balance.register}: {balance.rows} rows, but {dict(balance.parts)}: rows went astray")
    write_audit(report, folder.path)
    artifacts.final(f"audit {month}", markdown_of(report), folder.file("audit.html"))
    return Closed(report, folder.path, failed)


def _trend(desk: Desk) -> list[MonthSummary]:
    """Counts of earlier months, as far as they are known, the oldest first."""
    earlier = [folder for folder in every_month(desk.home) if folder.month < desk.folder.month]
    found = []
    for folder in earlier[-TREND_MONTHS:]:
        path = folder.file("summary.json")
        if path.exists():
            try:
                found.append(MonthSummary(**json.loads(path.read_text(encoding="utf-8"))))
            except (ValueError, TypeError) as error:
                words = f"{path} is broken or was changed by hand. Run the audit of {folder.month} again."
                raise RefusedToRun(words, "altered") from error
    return found


def _fixes(desk: Desk, terms: Terms, ledger: pl.DataFrame) -> dict[str, int]:
    """SIMs in each list for `simferry plan`: those to be moved to where the books say, a file for each two accounts."""
    folder = desk.folder.file("fix")
    folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
    providers = {account.name: account.provider for account in terms.accounts}
    wrong = ledger.filter(is_open() & (pl.col("kind") == Kind.WRONG_ACCOUNT)).filter(
        pl.col("state") != State.NOT_LOOKED_AT
    )
    wrong = wrong.with_columns(pl.col("said").str.strip_prefix("in ").alias("target"))
    written = {}
    for (source, target), rows in wrong.partition_by("account", "target", as_dict=True).items():
        if providers.get(source) and providers.get(source) == providers.get(target):
            name = f"move-{_safe(source)}-to-{_safe(target)}.csv"
            listed = rows.unique("who", keep="first", maintain_order=True)
            cells = listed.select(pl.coalesce("iccid", pl.col("who").str.head(BODY_DIGITS)).alias("ICCID"))
            write_text(folder / name, cells.write_csv())
            written[name] = listed.height
    for old in folder.glob("move-*.csv"):
        if old.name not in written:
            old.unlink()
    return written


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
