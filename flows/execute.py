"""`simferry execute`: an approved plan is carried out, or taken up where it was left."""

from __future__ import annotations

from prefect import flow

from domain.breakers import Tally
from tasks import executing
from tasks.aboard import boarding
from tasks.asked import here


@flow(name="execute", flow_run_name="execute {run}", retries=0, persist_result=False)
def execute(run: str, accounts: str | None = None, resume_after: str | None = None) -> str:
    """Settle what is in doubt, carry wave after wave across, and read every SIM back that was said to have moved."""
    with boarding(here(accounts), run, resume_after) as aboard:
        executing.settle_doubts(aboard)
        tally = Tally()
        for wave in executing.waves_left(aboard):
            tally = executing.carry_wave(aboard, wave, tally)
        executing.look_back(aboard)
        executing.restore(aboard)
        executing.finish(aboard)
        return aboard.plan.run
