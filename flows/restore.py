"""`simferry restore`: what SIMs were set to before a transfer is put back, or finished, on its own."""

from __future__ import annotations

from prefect import flow

from tasks import restoring_run
from tasks.aboard import attending
from tasks.asked import here
from tasks.restoring_run import Restored


@flow(name="restore", flow_run_name="restore {run}", retries=0, persist_result=False)
def restore(run: str, accounts: str | None = None) -> Restored:
    """Read every SIM of a run at the target, put back what it was set to, and read it again."""
    with attending(here(accounts), run) as aboard:
        return restoring_run.restore(aboard)
