"""What a report says first: did it work, what needs a hand, what changed. One reading for workbook and web page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from domain.outcomes import Outcome, totals
from reports.balance import closing_lines, prove
from reports.hands import Hand, hands
from reports.run_report import RunReport
from reports.words import BY_URGENCY, WORDS, Need, plural

LIVE_STATUSES = ("activated", "active")  # providers' words, in lower case, for a SIM that carries traffic


class Tone(StrEnum):
    """How the verdict sounds."""

    DONE = "done"
    ATTENTION = "attention"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Count:
    """SIMs of one outcome, and their share of the list between 0 and 1."""

    outcome: Outcome
    sims: int
    share: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The first page of a report, in words and counts; `facts` are (name, value)."""

    title: str
    tone: Tone
    verdict: str
    detail: str
    counts: tuple[Count, ...]  # without those of none
    hands: tuple[Hand, ...]
    hands_more: int  # SIMs in groups that did not fit
    changes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    closing: str


def summarise(report: RunReport, notes: tuple[str, ...] = ()) -> Summary:
    """The summary of a run; raises Unbalanced where its outcomes do not add up to its list."""
    prove(report.outcomes, report.plan)
    counted = totals(report.outcomes)
    total = report.outcomes.height
    tone, verdict = _verdict(report, counted, total)
    groups, more = hands(report.outcomes)
    return Summary(
        title=report.plan.run,
        tone=tone,
        verdict=verdict,
        detail=_detail(report, counted),
        counts=tuple(
            Count(outcome, counted[outcome], counted[outcome] / total) for outcome in WORDS if counted[outcome]
        ),
        hands=groups,
        hands_more=more,
        changes=_changes(report, counted),
        facts=_facts(report),
        notes=notes,
        closing=closing_lines(report.outcomes),
    )


def _verdict(report: RunReport, counted: dict[Outcome, int], total: int) -> tuple[Tone, str]:
    """The one sentence a busy person reads."""
    target = report.plan.target.name
    there = counted[Outcome.CONFIRMED] + counted[Outcome.LEFT]
    hand = sum(count for outcome, count in counted.items() if WORDS[outcome].need is not Need.NOTHING)
    if total == 0:
        return Tone.ATTENTION, "The list names no SIM: nothing was done."
    if report.stopped and hand:
        return Tone.STOPPED, f"The run stopped: {there:,} of {total:,} are in {target}, {_need(hand)} a hand."
    if hand == 0:
        return Tone.DONE, f"It worked: {'the one SIM is' if total == 1 else f'all {total:,} SIMs are'} in {target}."
    if there == 0:
        return Tone.ATTENTION, f"Nothing of this list is in {target}: {_need(hand)} a hand."
    return Tone.ATTENTION, f"{there:,} of {total:,} are in {target}, {_need(hand)} a hand."


def _need(count: int) -> str:
    return f"{count:,} needs" if count == 1 else f"{count:,} need"


def _detail(report: RunReport, counted: dict[Outcome, int]) -> str:
    """The stop in words where there was one; else the kinds of hand that are needed, the most urgent first."""
    kinds = " · ".join(f"{counted[o]:,} {WORDS[o].label.lower()}" for o in BY_URGENCY if WORDS[o].need and counted[o])
    if report.stopped:
        return f"{report.stopped.words} (cause: {report.stopped.cause})" + (f" · {kinds}" if kinds else "")
    if report.outcomes.is_empty():
        return "It has no rows below its heading. Make sure that it is the right file."
    return kinds or "Every SIM was seen there by a read made after the last call."


def _changes(report: RunReport, counted: dict[Outcome, int]) -> tuple[str, ...]:
    """Sentences on what is different in the world after this run."""
    plan, sims = report.plan, counted[Outcome.CONFIRMED]
    if not sims:
        return ("No change by this run has been confirmed.",)
    offline, detached = (report.outcomes.filter(which).height for which in (went_offline(), lost_device()))
    sentences = [f"{plural(sims, 'SIM')} moved from {plan.source.name} to {plan.target.name}, each seen there."]
    if offline:
        sentences.append(
            f"{plural(offline, 'SIM')} carried traffic before and {'does' if offline == 1 else 'do'} not now: "
            "offline until activated again. restore.csv names each."
        )
    if detached:
        sentences.append(
            f"{plural(detached, 'device')} {'was' if detached == 1 else 'were'} detached from "
            f"{'its SIM' if detached == 1 else 'their SIMs'}. restore.csv names each."
        )
    return tuple(sentences)


def went_offline() -> pl.Expr:
    """True for a confirmed SIM that carried traffic before and has another status now; null never."""
    was_live = pl.col("status_before").str.to_lowercase().is_in(LIVE_STATUSES)
    is_live = pl.col("status_now").str.to_lowercase().is_in(LIVE_STATUSES)
    return _confirmed() & was_live.fill_null(value=False) & ~is_live.fill_null(value=False)


def lost_device() -> pl.Expr:
    """True for a confirmed SIM that had a device and does not have it now; null never."""
    return _confirmed() & pl.col("device_id").is_not_null() & pl.col("device_now").ne_missing(pl.col("device_id"))


def _confirmed() -> pl.Expr:
    return pl.col("outcome") == str(Outcome.CONFIRMED)


def _facts(report: RunReport) -> tuple[tuple[str, str], ...]:
    plan, seen = report.plan, report.batches
    began = seen["intended_at"].min() if seen.height else None
    ended = seen["answered_at"].max() if seen.height else None
    rows = f"{plural(plan.list.rows_read, 'row')}, {plan.list.rows_rejected:,} rejected"
    sheet = f", sheet “{plan.list.sheet}”" if plan.list.sheet else ""
    approved = f"{report.approved.by}, {instant(report.approved.at)}" if report.approved else "not approved"
    return (
        ("Run", plan.run),
        ("List", f"{plan.list.file}{sheet} ({rows})"),
        ("Provider", plan.provider),
        ("From", f"{plan.source.name} ({plan.source.account_id})"),
        ("To", f"{plan.target.name} ({plan.target.account_id})"),
        ("Planned", instant(plan.made_at)),
        ("Approved", approved),
        (
            "Executed",
            f"{instant(str(began))} – {instant(str(ended)) if ended else 'no answer'}" if began else "nothing sent",
        ),
        ("Reconciled", instant(report.reconciled_at)),
        ("Batches", f"{plan.batches:,} planned, {plural(seen.height, 'attempt')}"),
        ("Plan's fingerprint", plan.fingerprint),
        ("List's SHA-256", plan.list.sha256),
    )


def instant(text: str) -> str:
    """An ISO 8601 instant in UTC, to the second, for people; other text as it is."""
    return f"{text[:10]} {text[11:19]} UTC" if text[10:11] == "T" and text.endswith("Z") else text
