"""`simferry register`: a list with registration codes becomes a plan that a person can approve."""

from __future__ import annotations

from prefect import flow

from tasks import drafting, registering, surveying, writing
from tasks.accounts import looking_at
from tasks.asked import ListAsked, NumbersAsked, here

AS_USUAL = NumbersAsked()
AS_FOUND = ListAsked()


@flow(name="register", flow_run_name="register {list_path}", retries=0, persist_result=False, validate_parameters=True)
def register(
    list_path: str,
    target: str,
    accounts: str | None = None,
    asked: ListAsked = AS_FOUND,
    numbers: NumbersAsked = AS_USUAL,
) -> str:
    """Read a list with codes, judge it, look for its SIMs in the account, and write a plan for a person to approve."""
    around = here(accounts)
    with looking_at(around, target) as (parties, reader):
        sheet, verdict = registering.read_and_judged(list_path, reader.traits.name, asked)
        seen = surveying.survey_account(reader, verdict.lines)
        made = registering.draft(reader, verdict.lines, seen, numbers, around)
        final = drafting.tried(reader, made)
        return writing.write_plan(reader, parties, sheet, verdict, seen, final, around)
