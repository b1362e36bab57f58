"""What an audit came to, as the terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import State
from domain.audit.report import AuditReport, balances
from tasks.audit_asked import Closed


def told(closed: Closed) -> str:
    """Breaks by kind, how each register's rows add up, what could not be read, and where the reports are."""
    report = closed.report
    return "\n".join(
        (
            f"Audit {report.month}",
            *(f"  {notice}" for notice in report.notices),
            *_accounts(report),
            *_breaks(report),
            *_balances(report),
            *(f"{name} could not be read now: {problem}" for name, problem in closed.failed.items()),
            *_again(closed),
            f"Report:  {closed.folder / 'audit.xlsx'}  ·  {closed.folder / 'audit.html'}",
            *(f"To be moved, {sims:,}:  {closed.folder / 'fix' / name}" for name, sims in report.fixes.items()),
        )
    )


def facts_of(closed: Closed) -> dict[str, object]:
    """The same for machines."""
    report, summary = closed.report, closed.report.summary
    return {
        "month": report.month,
        "open": summary.open,
        "breaks": dict(summary.open_by_kind),
        "items": dict(summary.by_state),
        "accounts": {
            account.name: {"sims": summary.sims_by_account.get(account.name, 0), "problem": account.problem}
            for account in report.terms.accounts
        },
        "registers": {one.register: {"rows": one.rows, **one.parts} for one in balances(report)},
        "at_risk": summary.at_risk,
        "failed": dict(closed.failed),
        "fixes": dict(report.fixes),
        "folder": closed.folder,
    }


def _accounts(report: AuditReport) -> Iterator[str]:
    for account in report.terms.accounts:
        sims = report.summary.sims_by_account.get(account.name, 0)
        at = report.read_at.get(account.name, "")
        read = f", read {at[:16].replace('T', ' ')} UTC" if at else ""
        yield f"  {account.name}: {f'{sims:,} SIMs{read}' if account.was_read else 'not read'}"


def _breaks(report: AuditReport) -> Iterator[str]:
    summary = report.summary
    states = summary.by_state  # of those that are open, too
    since = f", resolved {states[State.RESOLVED]:,}" if report.previous else ""
    unseen = f", not looked at {states[State.NOT_LOOKED_AT]:,}" if states[State.NOT_LOOKED_AT] else ""
    yield (
        f"{summary.open:,} open breaks: new {states[State.NEW]:,}, still open {states[State.OPEN]:,}{unseen}{since}"
        if summary.open or states[State.RESOLVED]
        else "No open breaks: the books and the accounts agree."
    )
    for kind in Kind:
        count = summary.open_by_kind.get(str(kind), 0)
        if count:
            yield f"  {MEANINGS[kind].title:<26} {count:>9,}"
    by_run = (pl.col("kind") == Kind.MOVED_BY_RUN) & (pl.col("state") != State.RESOLVED)
    explained = report.ledger.filter(by_run).height
    if explained:
        yield f"  {MEANINGS[Kind.MOVED_BY_RUN].title:<26} {explained:>9,}   explained: correct the books"
    if summary.at_risk:
        yield f"Price of the SIMs behind them: {f'{summary.at_risk:,.2f} {report.currency}'.rstrip()} a month"


def _balances(report: AuditReport) -> Iterator[str]:
    for one in balances(report):
        parts = " + ".join(f"{sims:,} {name}" for name, sims in one.parts.items())
        yield f"{one.register}: {one.rows:,} rows = {parts}"


def _again(closed: Closed) -> Iterator[str]:
    unread = sorted({one.name for one in closed.report.terms.accounts if not one.was_read} | set(closed.failed))
    if unread:
        only = " ".join(f"--only {name}" for name in unread)
        month = f"simferry audit --month {closed.report.month}"
        yield f"Complete the month when they can be read:  {month} {only}"
        yield f"An account that does not belong into it:  {month} --from-snapshots --leave-out {unread[0]}"
