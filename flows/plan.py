"""`simferry plan`: a list becomes a plan that a person can approve."""

from __future__ import annotations

from prefect import flow

from tasks import drafting, surveying, writing
from tasks.accounts import looking
from tasks.asked import ListAsked, MoveAsked, here
from tasks.suiting import refuse_unsuited

AS_USUAL = MoveAsked()
AS_FOUND = ListAsked()


@flow(name="plan", flow_run_name="plan {list_path}", retries=0, persist_result=False, validate_parameters=True)
def plan(
    list_path: str,
    source: str,
    target: str,
    accounts: str | None = None,
    asked: ListAsked = AS_FOUND,
    moving: MoveAsked = AS_USUAL,
) -> str:
    """Read a list, judge it, look at its SIMs, dry-run their move, and write a plan for a person to approve."""
    around = here(accounts)
    with looking(around, source, target) as (pair, reader):
        refuse_unsuited(reader.traits.name, moving)
        sheet = drafting.read(list_path, asked)
        verdict = drafting.judged(sheet, reader.traits.name, asked)
        seen = surveying.survey(reader, verdict.lines)
        made = drafting.draft(reader, verdict.lines, seen, moving, pair, around)
        final = drafting.tried(reader, made)
        return writing.write_plan(reader, pair.parties, sheet, verdict, seen, final, around)
