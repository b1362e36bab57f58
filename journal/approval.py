"""A person's word for exactly one plan: given by naming the number of SIMs, asked for before anything runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from domain.errors import RefusedToRun
from domain.plan import Plan, Step, fingerprint, utc_of, utc_text
from journal.files import write_text
from journal.run_folder import RunFolder

CLOCK_S_MAX = 300.0  # that two machines' clocks may differ
_PLAN_AGAIN = "Make a new plan with `simferry plan`."


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which plan, when (ISO 8601, UTC), and how many SIMs they said would move."""

    fingerprint: str
    sims: int
    by: str
    at: str


def approve(folder: RunFolder, plan: Plan, sims: int, by: str, now: datetime) -> Approval:
    """Approve the plan; raises `RefusedToRun` where the number is wrong or the plan is altered, stale or spent.

    Causes: "number", "altered", "stale", "spent". A plan that moves nothing does not go stale: what it leaves to the
    provider's support may take weeks, and settings are put back after that.
    """
    _refuse_if_altered(plan)
    if has_begun(folder):
        raise RefusedToRun(f"The plan of {plan.run} has already been executed. {_PLAN_AGAIN}", "spent")
    moving = plan.counts.get(Step.MOVE, 0)
    if moving:
        refuse_if_stale(plan, now)
    if sims != moving:
        raise RefusedToRun(
            f"The plan of {plan.run} moves {moving:,} SIMs, not {sims:,}: it is not approved. "
            f"Read its summary again with:  simferry approve {plan.run}",
            "number",
        )
    given = Approval(plan.fingerprint, sims, by, utc_text(now))
    write_text(folder.approval, json.dumps(asdict(given), indent=2, ensure_ascii=False) + "\n")
    return given


def approval_of(folder: RunFolder) -> Approval | None:
    """The approval in the folder, of whichever plan; None where there is none that can be read."""
    try:
        return Approval(**json.loads(folder.approval.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def approved(folder: RunFolder, plan: Plan, now: datetime, *, moves: bool = True) -> Approval:
    """The approval of exactly this plan; raises `RefusedToRun` where there is none or it is stale.

    A run that has begun is not stale: what is left of it is looked at again before each batch. Nor does age matter to
    what `moves` nothing.
    """
    _refuse_if_altered(plan)
    given = approval_of(folder)
    if given is None or (given.fingerprint, given.sims) != (plan.fingerprint, plan.counts.get(Step.MOVE, 0)):
        raise RefusedToRun(
            f"The plan of {plan.run} is not approved. Read it and approve it with:  simferry approve {plan.run}",
            "approval",
        )
    if moves and not has_begun(folder):
        refuse_if_stale(plan, now)
    return given


def has_begun(folder: RunFolder) -> bool:
    """Whether a record of the run was ever written."""
    return folder.begun.exists()


def refuse_if_not_begun(folder: RunFolder, words: str) -> None:
    """Raise `RefusedToRun`, cause "not-begun", where nothing was ever sent by the run; `words` say what of it."""
    if not has_begun(folder):
        raise RefusedToRun(f"{folder.name} has not been executed: {words}", "not-begun")


def _refuse_if_altered(plan: Plan) -> None:
    if plan.fingerprint != fingerprint(plan):
        raise RefusedToRun(f"The plan of {plan.run} was altered after it was made. {_PLAN_AGAIN}", "altered")


def refuse_if_stale(plan: Plan, now: datetime) -> None:
    """Raise `RefusedToRun`, cause "stale", where the plan is older than its own limit, or from the future."""
    age_s = (now - utc_of(plan.made_at)).total_seconds()
    if age_s < -CLOCK_S_MAX:
        raise RefusedToRun(
            f"The plan of {plan.run} was made {-age_s / 60:.0f} minutes in the future. Set this machine's clock.",
            "stale",
        )
    if age_s > plan.limits.stale_after_s:
        raise RefusedToRun(
            f"The plan of {plan.run} is {age_s / 3600:.1f} h old, and the accounts may have changed since "
            f"(limit {plan.limits.stale_after_s / 3600:.0f} h). {_PLAN_AGAIN}",
            "stale",
        )
