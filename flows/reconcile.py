"""`simferry reconcile`: both accounts are read again, and every line of the list gets its outcome."""

from __future__ import annotations

from prefect import flow

from tasks import reconciling
from tasks.aboard import revisiting
from tasks.asked import here


@flow(name="reconcile", flow_run_name="reconcile {run}", retries=0, persist_result=False)
def reconcile(run: str, accounts: str | None = None) -> str:
    """Settle what is in doubt, survey both accounts, balance the list against them, and write the reports."""
    with revisiting(here(accounts), run) as aboard:
        reconciling.settle(aboard)
        looked = reconciling.look(aboard)
        outcomes = reconciling.balance(aboard, looked)
        reconciling.write(aboard, outcomes, looked)
        reconciling.let_go(aboard)
        return aboard.plan.run
