"""`simferry cancel`: tokens that nobody has accepted yet are taken back."""

from __future__ import annotations

from prefect import flow

from domain.tokens import Cancelled
from tasks import cancelling
from tasks.aboard import attending
from tasks.asked import here


@flow(name="cancel", flow_run_name="cancel {run}", retries=0, persist_result=False)
def cancel(run: str, accounts: str | None = None, token: int | None = None) -> tuple[Cancelled, ...]:
    """Take back every open token of a run, or one, and read its SIMs back."""
    with attending(here(accounts), run) as aboard:
        return cancelling.cancel(aboard, token)
