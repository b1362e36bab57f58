"""`simferry audit`: the flow of that name, then open breaks by kind and where the reports are."""

from __future__ import annotations

import argparse

from domain.errors import Exit
from flows.arguments import accounts_asked
from flows.audit_told import facts_of, told
from flows.engaged import engaged
from flows.said import say
from tasks.audit_asked import AuditAsked


def run(asked: argparse.Namespace) -> Exit:
    """Audit; exit code 6 where an account could not be read, 3 where breaks are open."""
    with engaged(asked):
        from flows.audit import audit  # noqa: PLC0415 - the engine is imported while its server starts

        closed = audit(audit_asked(asked), asked.month or "this month", accounts_asked(asked))
    say(asked, told(closed), facts_of(closed))
    if closed.failed or not closed.report.terms.all_read:
        return Exit.PROVIDER
    return Exit.ROWS if closed.report.summary.open else Exit.OK


def audit_asked(asked: argparse.Namespace) -> AuditAsked:
    """What the flow is asked for, as it was typed."""
    return AuditAsked(
        registers=tuple(asked.registers),
        accounts=tuple(asked.account or ()),
        month=asked.month,
        from_snapshots=asked.from_snapshots,
        only=tuple(asked.only or ()),
        leave_out=tuple(asked.leave_out or ()),
        notes=str(asked.notes) if asked.notes else None,
        settings=str(asked.settings) if asked.settings else None,
    )
