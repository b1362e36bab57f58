"""`simferry audit`: what the books say is held against what the accounts hold, once a month; nothing is changed."""

from __future__ import annotations

from typing import cast

from prefect import flow
from prefect.states import Completed

from domain.audit.terms import Terms
from reports.audit_markdown import markdown_of
from tasks import audit_closing, audit_judging, audit_registers, audit_surveys
from tasks.asked import here
from tasks.audit_asked import AuditAsked, Closed, desk_of, leave_out
from tasks.audit_notices import doubtful

MESSAGE_CHARS_MAX = 4_000


@flow(name="audit", flow_run_name="audit {month}", retries=0, persist_result=False)
def audit(
    asked: AuditAsked,
    month: str = "this month",  # noqa: ARG001 - names the flow run
    accounts: str | None = None,
) -> Closed:
    """Read registers and accounts, hold them against each other, carry open items on, and write the reports."""
    desk = desk_of(asked, here(accounts))
    leave_out(desk)
    books = audit_registers.read_all(desk)
    surveyed = audit_surveys.survey_all(desk)
    terms = Terms(desk.today, books.registers, surveyed.accounts, desk.settings.rules, desk.settings.statuses)
    found = audit_judging.hold_against(desk, terms, audit_closing.earlier_items(desk))
    notices = (*books.notices, *surveyed.notices, *doubtful(desk, terms, found.holdings))
    closed = audit_closing.close(desk, terms, found, notices, surveyed.failed)
    # The engine gives the caller what the state carries; automations send its message.
    return cast("Closed", Completed(data=closed, message=markdown_of(closed.report)[:MESSAGE_CHARS_MAX]))
