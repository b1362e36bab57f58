"""What is different in the world after a run, and what is still to come, in sentences."""

from __future__ import annotations

import polars as pl

from domain.inventory import Side
from domain.orders import Part
from domain.outcomes import Outcome
from reports.offline import lost_device, went_offline
from reports.run_report import RunReport
from reports.sim_settings import settings_sentence
from reports.support_calendar import in_words, next_turns
from reports.token_lines import tokens_sentence
from reports.usage import usage_of
from reports.words import plural


def changes(report: RunReport, counted: dict[Outcome, int]) -> tuple[str, ...]:
    """Sentences on what is different in the world after this run, and on what is still to come."""
    sims, run = counted[Outcome.CONFIRMED], report.plan.run
    awaiting = counted[Outcome.AWAITING]
    detached = report.outcomes.filter(lost_device()).height
    arrived = _arrived(report, sims) if sims else "No change by this run has been confirmed."
    sentences = [arrived + _short_of_it(report), _offline(report)]
    if detached:
        sentences.append(
            f"{plural(detached, 'device')} {'was' if detached == 1 else 'were'} detached from "
            f"{'its SIM' if detached == 1 else 'their SIMs'}. restore.csv names each."
        )
    who = "the other side" if Part.OFFER in report.parts else "the provider"
    if awaiting:
        sentences.append(
            f"{plural(awaiting, 'SIM')} {'is' if awaiting == 1 else 'are'} on the way: {who} is not done, or "
            f"a next part was not sent yet. `simferry execute {run}` goes on; `simferry reconcile {run}` only looks, "
            "and writes this report anew."
        )
    sentences += [tokens_sentence(report.tokens, report.reconciled_at), settings_sentence(report), _support(report)]
    return tuple(sentence for sentence in (*sentences, usage_of(report).warning) if sentence)


def _arrived(report: RunReport, sims: int) -> str:
    plan = report.plan
    if plan.is_registration:
        return f"{plural(sims, 'SIM')} registered in {plan.target.name}, each seen there."
    return f"{plural(sims, 'SIM')} moved from {plan.source.name} to {plan.target.name}, each seen there."


def _short_of_it(report: RunReport) -> str:
    """What is added on SIMs of the plan that are in the target, and not as wanted."""
    there = report.outcomes.filter(pl.col("side_now") == str(Side.TARGET), pl.col("batch").is_not_null())
    short = there.filter(~pl.col("outcome").is_in([str(Outcome.CONFIRMED), str(Outcome.LEFT)])).height
    more = "more " if there.height > short else ""
    are = "is" if short == 1 else "are"
    return f" {short:,} {more}{are} in {report.plan.target.name}, and not as wanted yet." if short else ""


def _support(report: RunReport) -> str:
    """The request to the provider's support, with the next day on which it can be done; "" where there is none."""
    if report.support is None or report.support.sims.is_empty():
        return ""
    sims, (turn, _) = report.support.sims.height, next_turns(report.support.made_at)
    return (
        f"{plural(sims, 'SIM')} can be moved by the provider's support alone: support-request.txt is ready to be sent, "
        f"with support-request.xlsx. What {report.plan.target.name} confirms by {in_words(turn.confirmed_by)} is done "
        f"on {in_words(turn.done_on)}."
    )


def _offline(report: RunReport) -> str:
    """The SIMs that this run switched off, wherever they are; "" where there is none."""
    gone = report.outcomes.filter(went_offline(report))
    if gone.is_empty():
        return ""
    stuck = gone.filter(pl.col("side_now") == str(Side.SOURCE)).height
    still = f" {stuck:,} of them still in {report.plan.source.name}." if stuck else ""
    return (
        f"{plural(gone.height, 'SIM')} carried traffic before and {'does' if gone.height == 1 else 'do'} not now: "
        f"offline until activated again.{still} restore.csv names each."
    )
