"""The sheets of an audit's workbook behind its summary."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import NOTES_SHEET, State
from domain.audit.ledger import Heading as Column
from domain.audit.report import AuditReport
from reports.audit_words import matrix, open_items
from reports.headings import Heading, Look
from reports.tables import Table

_ITEM = (
    Heading("title", Column.KIND, 24),
    Heading("who", Column.SIM, 24),
    Heading("subject", Column.SUBJECT, 22),
)
_STORY = (
    Heading("state", "State", 14),
    Heading("said", "The books say", 34, Look.WORDS),
    Heading("seen", "The provider has", 34, Look.WORDS),
    Heading("first_seen", "First seen", 11),
    Heading("age_months", "Months", 9, Look.COUNT),
    Heading("price", "Price a month", 14, Look.MEGABYTES),
)
_WHERE = (
    Heading("register", "Register", 16),
    Heading("row", "Row", 9, Look.COUNT),
    Heading("account", "Account", 16),
    Heading("iccid", "ICCID", 22),
    Heading("imsi", "IMSI", 17),
    Heading("run", "Run", 26),
)
OPEN = (
    *_ITEM,
    Heading("owner", Column.OWNER, 16),
    Heading("note", Column.NOTE, 40, Look.WORDS),
    *_STORY,
    Heading("next_step", "Next step", 60, Look.WORDS),
    *_WHERE,
)
BREAKS = (*_ITEM, *_STORY, *_WHERE, Heading("owner", "Owner", 16), Heading("note", "Note", 40, Look.WORDS))
RESOLVED = (
    *_ITEM,
    Heading("resolved_by", "Resolved by", 52, Look.WORDS),
    Heading("first_seen", "First seen", 11),
    Heading("last_seen", "Last seen", 11),
    Heading("said", "The books said", 34, Look.WORDS),
    Heading("seen", "The provider had", 34, Look.WORDS),
    Heading("owner", "Owner", 16),
    Heading("note", "Note", 40, Look.WORDS),
)
MOVES = (
    Heading("movement", "What", 16),
    Heading("iccid", "ICCID", 22),
    Heading("imsi", "IMSI", 17),
    Heading("account_before", "Account before", 18),
    Heading("account", "Account now", 18),
    Heading("before", "Before", 18),
    Heading("now", "Now", 18),
    Heading("run", "Run", 26),
)
_NOTE = (
    "Fill in owners and notes here, save the workbook, and hand it to the next audit with --notes. Leave the other "
    "columns and the name of the sheet as they are."
)


def audit_tables(report: AuditReport) -> tuple[Table, ...]:
    """Every table of the workbook, in the order of its sheets."""
    resolved = _titled(report.ledger.filter(pl.col("state") == State.RESOLVED))
    printed = 9
    return (
        Table(NOTES_SHEET, OPEN, _titled(open_items(report)), "No break is open.", printed, (_NOTE,)),
        *_by_kind(report),
        Table("Resolved", RESOLVED, resolved, "Nothing was resolved this month.", 8),
        Table("Movements", MOVES, report.moves, _no_moves(report), 8),
        _matrix(report),
    )


def _by_kind(report: AuditReport) -> Iterator[Table]:
    """A sheet for each kind of which there are items, with all of them and what to do."""
    items = report.ledger.filter(pl.col("state") != State.RESOLVED)
    for kind in Kind:
        lines = items.filter(pl.col("kind") == kind)
        if lines.height:
            meaning = MEANINGS[kind]
            yield Table(meaning.title, BREAKS, _titled(lines), "", 9, (f"{meaning.words} {meaning.next_step}",))


def _titled(items: pl.DataFrame) -> pl.DataFrame:
    titles = {str(kind): meaning.title for kind, meaning in MEANINGS.items()}
    steps = {str(kind): meaning.next_step for kind, meaning in MEANINGS.items()}
    kind = pl.col("kind").cast(pl.String)
    return items.with_columns(
        kind.replace_strict(titles, return_dtype=pl.String).alias("title"),
        kind.replace_strict(steps, return_dtype=pl.String).alias("next_step"),
    )


def _matrix(report: AuditReport) -> Table:
    statuses, rows = matrix(report)
    names = [f"status_{at}" for at, _ in enumerate(statuses)]
    lines = pl.DataFrame(
        [(account, *cells, total) for account, cells, total in rows],
        schema={"account": pl.String, **dict.fromkeys(names, pl.Int64), "total": pl.Int64},
        orient="row",
    )
    headings = (
        Heading("account", "Account", 22),
        *(Heading(name, status, 14, Look.COUNT) for name, status in zip(names, statuses, strict=True)),
        Heading("total", "SIMs", 12, Look.COUNT),
    )
    return Table("Accounts by status", headings, lines, "No account was read.", len(headings))


def _no_moves(report: AuditReport) -> str:
    if not report.previous:
        return "This is the first month: there is nothing to compare with."
    return f"Nothing has come, gone or changed since {report.previous}."
