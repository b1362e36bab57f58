"""A plan's summary, as a person reads it before approving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from domain.orders import Options, Part
from domain.plan import Party, Plan, Reason, Step
from flows import transfer_told
from flows.transfer_told import BY_SUPPORT, is_transfer
from flows.wording import HOUR_S, duration, points, rows, sims, way
from tasks.suiting import NOUNS

REASONS_SHOWN_MAX = 12
_INDENT = " " * 21  # where words stand behind the counts


def of_plan(plan: Plan, folder: Path) -> str:
    """What moves and how, what does not and why, what stands behind it, and under which settings.

    `folder` is that of the run, as it is to be named.
    """
    counts, listed = plan.counts, plan.list
    where = f", sheet “{listed.sheet}”" if listed.sheet else ""
    return "\n".join(
        [
            f"Plan {plan.run}",
            f"  {plan.provider}: {_between(plan)} at {plan.target.base_url}",
            *([f"  moved with the credentials of {_party(plan.parent)}"] if plan.parent else []),
            f"  {listed.file}{where}: {rows(listed.rows_read, listed.rows_accepted, listed.rows_rejected)}",
            "",
            f"  {'REGISTER' if plan.is_registration else 'MOVE':<8}{counts[Step.MOVE]:>9,}  {_batches(plan)}".rstrip(),
            *_ways(plan.ways),
            f"  LEAVE   {counts[Step.LEAVE]:>9,}  already where they should be",
            f"  REFUSE  {counts[Step.REFUSE]:>9,}  {_reasons(plan.reasons)}".rstrip(),
            *([f"  ASSIST  {counts[Step.ASSIST]:>9,}"] if counts[Step.ASSIST] else []),
            "",
            *points("Who accepts", tuple(transfer_told.other_side(plan))),
            *points("What comes with it", (*plan.consequences, *transfer_told.listed(plan, folder))),
            *points("Left to the provider's support", tuple(transfer_told.left_to_support(plan, folder))),
            *points(f"{NOUNS.get(plan.provider, 'fleet').capitalize()}s", plan.groups),
            *points("Checked before", plan.preflight),
            *points("Checked here", plan.checked.here),
            *points("Checked by the provider", plan.checked.by_provider),
            *points("Cannot be known before", plan.checked.unknown),
            *points(f"Why nothing {'is registered' if plan.is_registration else 'moves'} twice", (plan.guarantee,)),
            *points("Settings", tuple(_settings(plan))),
            f"  About {plan.calls_estimated:,} calls, {duration(plan.seconds_estimated)} at least.",
            f"  Made {plan.made_at[:16]}Z, fingerprint {plan.fingerprint[:16]}.",
        ]
    )


def _between(plan: Plan) -> str:
    """From where to where."""
    if plan.is_registration:
        return f"to be registered in {_party(plan.target)}"
    return f"{_party(plan.source)} → {_party(plan.target)}"


def _party(party: Party) -> str:
    return f"{party.name} ({party.account_id})"


def _batches(plan: Plan) -> str:
    canary = f"the first {plan.limits.canary_sims} SIMs are read back before the rest goes"
    batches = f"{plan.batches:,} {'batch' if plan.batches == 1 else 'batches'}"
    return f"in {batches} of at most {plan.limits.batch_sims}; {canary}" if plan.batches else ""


def _ways(ways: Mapping[str, int]) -> Iterator[str]:
    """A line per way that SIMs take; none where there is no other than to be moved."""
    if set(ways) - {str(Part.MOVE), str(Part.REGISTER)}:
        for parts, count in sorted(ways.items(), key=lambda item: -item[1]):
            yield f"{_INDENT}{way(parts)} {sims(count)}"


def _reasons(reasons: Mapping[str, int]) -> str:
    named = sorted(
        ((code, count) for code, count in reasons.items() if code not in {Reason.ALREADY_THERE, BY_SUPPORT}),
        key=lambda item: -item[1],
    )
    more = f" · {len(named) - REASONS_SHOWN_MAX} more reasons" if len(named) > REASONS_SHOWN_MAX else ""
    return " · ".join(f"{code} {count:,}" for code, count in named[:REASONS_SHOWN_MAX]) + more


def _settings(plan: Plan) -> Iterator[str]:
    limits, options = plan.limits, plan.options
    statuses = ", ".join(options.allowed_statuses) if options.allowed_statuses else "as the provider's rules say"
    declined, asked = f"{limits.breaker_declined_share:.0%}", limits.breaker_attempted_min
    spot = f"read back at once: {limits.spot_sims} SIMs of each batch"
    if plan.is_registration:
        yield f"requests at once: up to {limits.calls_in_flight}, as many as the provider takes; {spot}"
    elif plan.provider == "supersim":
        yield f"allowed statuses: {statuses}; {_of_status(options)}"
        yield f"requests at once: up to {limits.calls_in_flight}, as many as the provider takes; {spot}"
        yield f"what the provider accepts for later is waited for: {_waiting(limits.await_s)}"
    elif is_transfer(plan):
        yield from transfer_told.settings(plan)
    else:
        yield f"allowed statuses: {statuses}; attached devices: {'detached' if options.detach_devices else 'refused'}"
        yield f"requests at once: {limits.calls_in_flight}; {spot}"
    yield f"doubt is settled after {limits.settle_s:g} s; stale after {limits.stale_after_s / HOUR_S:g} h"
    yield f"stops where more than {declined} are declined, once {asked} were asked for"


def _of_status(options: Options) -> str:
    """What becomes of SIMs that are not new."""
    served = "refused"
    if options.deactivate_first:
        served = "deactivated, moved, activated again" if options.reactivate else "deactivated, moved, left inactive"
    unlocked = "moved" if options.inactive_moves else "refused (not unlocked for the source account)"
    return f"ready and active SIMs: {served}; inactive SIMs: {unlocked}"


def _waiting(seconds: float) -> str:
    """How long, and what then."""
    if not seconds:
        return "not at all; a later execute or reconcile looks at it"
    return f"up to {seconds:g} s, then the run goes on without it"
