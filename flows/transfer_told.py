"""What a plan of a transfer by tokens says beside the others: who accepts, what support is asked for, and what of SIMs
is put back.
"""  # noqa: D205 - one sentence on two lines

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.plan import Plan, Step
from flows.wording import sims, span
from reports.foreseen import SETTINGS_FILE
from reports.support_pack import TEXT, WORKBOOK

BY_SUPPORT = "by_support"  # the reason of SIMs that are not refused, but left to support


def is_transfer(plan: Plan) -> bool:
    """Whether its SIMs are handed over by tokens."""
    return plan.limits.token_life_s > 0


def other_side(plan: Plan) -> Iterator[str]:
    """Who accepts, and what has to be seen to before; nothing where nothing is offered."""
    if not is_transfer(plan) or not plan.counts[Step.MOVE]:
        return
    target = plan.target.name
    if plan.options.accepts:
        yield f"We accept for {target} ourselves, with its credentials: each token as soon as it is issued."
        return
    yield (
        f"{target} ({plan.target.account_id}) has to accept. For each token an e-mail goes to {plan.target.email}; "
        f"whoever opens its link, being logged in as {target}, accepts all of its SIMs at once."
    )
    yield (
        f"Have them at the telephone when you execute: each link ends {span(plan.limits.token_life_s)} after it was "
        f"sent. `simferry status {plan.run}` counts down, and `simferry cancel {plan.run}` takes back what they have "
        "not accepted."
    )


def left_to_support(plan: Plan, folder: Path) -> Iterator[str]:
    """What is to be sent to the provider's support, and what then."""
    if plan.counts[Step.ASSIST]:
        yield (
            f"{sims(plan.counts[Step.ASSIST])}: send {folder / TEXT} with {WORKBOOK} beside it. When they have been "
            f"transferred, `simferry reconcile {plan.run}` finds them."
        )


def listed(plan: Plan, folder: Path) -> Iterator[str]:
    """Where what becomes of every SIM's settings is listed."""
    if is_transfer(plan) and (plan.counts[Step.MOVE] or plan.counts[Step.ASSIST]):
        yield f"What each SIM is set to, and what becomes of it, line by line: {folder / SETTINGS_FILE}"


def settings(plan: Plan) -> Iterator[str]:
    """The run's settings that others have not."""
    limits, options = plan.limits, plan.options
    put_back = "put back, read back and compared" if options.restores else "saved, and not put back by us"
    each = "one SIM" if options.sims_per_token == 1 else f"up to {options.sims_per_token} SIMs"
    yield f"a token is for {each}, and lives {span(limits.token_life_s)}; what SIMs are set to is {put_back}"
    yield f"requests at once: up to {limits.calls_in_flight}, as many as the provider takes"
    if not options.accepts:
        waited = f"up to {span(limits.await_s)}, then the run ends without it" if limits.await_s else "not at all"
        yield f"what the other side is to accept is waited for: {waited}; another execute looks again"
