"""What a report says first: did it work, what needs a hand, what changed. One reading for workbook and web page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from domain.inventory import Side
from domain.orders import Part
from domain.outcomes import Outcome, totals
from reports.balance import closing_lines, prove
from reports.changes import changes
from reports.hands import Hand, hands
from reports.run_report import RunReport
from reports.words import BY_URGENCY, PARTS, WORDS, Need, plural


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
    consequences: tuple[str, ...]  # as in the plan that was approved
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    closing: str
    parts: tuple[Part, ...] = ()  # those whose meaning is to be told


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
        changes=changes(report, counted),
        consequences=(*report.plan.consequences, *report.plan.groups),
        facts=_facts(report),
        notes=notes,
        closing=closing_lines(report.outcomes),
        parts=_told(report),
    )


def _verdict(report: RunReport, counted: dict[Outcome, int], total: int) -> tuple[Tone, str]:
    """The one sentence a busy person reads."""
    target = report.plan.target.name
    there = counted[Outcome.CONFIRMED] + counted[Outcome.LEFT]
    hand = sum(count for outcome, count in counted.items() if WORDS[outcome].need is not Need.NOTHING)
    other = report.outcomes.filter(pl.col("side_now") == str(Side.TARGET)).height > there
    where = f"in {target} as wanted" if other else f"in {target}"
    if total == 0:
        return Tone.ATTENTION, "The list names no SIM: nothing was done."
    if report.stopped and hand:
        return Tone.STOPPED, f"The run stopped: {there:,} of {total:,} are {where}, {_need(hand)} a hand."
    if hand == 0:
        return Tone.DONE, f"It worked: {'the one SIM is' if total == 1 else f'all {total:,} SIMs are'} {where}."
    if there == 0:
        return Tone.ATTENTION, f"Nothing of this list is {where}: {_need(hand)} a hand."
    return Tone.ATTENTION, f"{there:,} of {total:,} are {where}, {_need(hand)} a hand."


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


def _told(report: RunReport) -> tuple[Part, ...]:
    """Parts that occur and say less by their names than by what is done."""
    sent = set(report.batches["part"])
    return tuple(part for part in PARTS if part in report.parts or str(part) in sent)


def _facts(report: RunReport) -> tuple[tuple[str, str], ...]:
    plan, seen = report.plan, report.batches
    began = seen["intended_at"].min() if seen.height else None
    ended = seen["answered_at"].max() if seen.height else None
    rows = f"{plural(plan.list.rows_read, 'row')}, {plan.list.rows_rejected:,} rejected"
    sheet = f", sheet “{plan.list.sheet}”" if plan.list.sheet else ""
    ways = " · ".join(f"{way.replace(' ', ', ')}: {sims:,}" for way, sims in plan.ways.items())
    approved = f"{report.approved.by}, {instant(report.approved.at)}" if report.approved else "not approved"
    return (
        ("Run", plan.run),
        ("List", f"{plan.list.file}{sheet} ({rows})"),
        ("Provider", plan.provider),
        *((("From", f"{plan.source.name} ({plan.source.account_id})"),) if not plan.is_registration else ()),
        ("In" if plan.is_registration else "To", f"{plan.target.name} ({plan.target.account_id})"),
        *((("Carried out by", f"{plan.parent.name} ({plan.parent.account_id})"),) if plan.parent else ()),
        *((("Ways planned", ways),) if len(report.parts) > 1 else ()),
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
