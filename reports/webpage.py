"""`report.html`: one self-contained page, made for a phone first, that asks nothing of the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.outcomes import Outcome
from domain.settings import SettingState
from reports.files import replacing
from reports.group_names import named, noun
from reports.page_usage import usage_part
from reports.palette import COLOURS, LEVELS, STATE_COLOURS
from reports.run_report import RunReport
from reports.setting_words import STATES
from reports.sim_settings import SimSettings, compared_of, sim_settings
from reports.summary import Summary
from reports.token_lines import token_table
from reports.words import BY_URGENCY, PARTS, WORDS

LINES_MAX = 100  # of each outcome on the page; the workbook has all
BATCHES_MAX = 50
SHOWN = (
    *("row", "iccid", "imsi", "raw", "reason", "next_step", "status_before", "status_now", "device_name"),
    "group_way",
)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list on the page; what is not known is empty."""

    row: str
    identifier: str
    kind: str
    reason: str
    next_step: str
    before: str
    now: str
    device: str
    group: str


@dataclass(frozen=True, slots=True)
class Section:
    """The first lines of one outcome, and how many there are in all."""

    outcome: Outcome
    sims: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the chart: from `x`, `width` wide, both in per cent of the whole."""

    outcome: Outcome
    sims: int
    x: float
    width: float


def write_page(report: RunReport, summary: Summary, path: Path) -> Path:
    """Write `report.html` and give its path. Every text of the list is escaped by the template engine."""
    outcomes = named(report)
    page = _TEMPLATES.get_template("page.html.j2").render(
        summary=summary,
        bars=bars(summary),
        sections=sections(outcomes, summary),
        compared=_compared(report),
        tokens=token_table(report.tokens, report.plan.run, report.reconciled_at).rows(named=True),
        usage=usage_part(report, LINES_MAX) if report.history.height else None,
        batches=report.batches.head(BATCHES_MAX).rows(named=True),
        batches_more=max(0, report.batches.height - BATCHES_MAX),
        settings=report.settings,
        words=WORDS,
        state_label=lambda state: STATES[SettingState(state)].label,
        state_colours=STATE_COLOURS,
        parts=PARTS,
        colours=COLOURS,
        levels=LEVELS,
        lines_max=LINES_MAX,
        several_parts=report.has_parts,
        devices=outcomes["device_name"].count() > 0,
        groups=(outcomes["group_way"] != "").any(),
        group_noun=noun(report.plan.provider),
    )
    with replacing(path) as temporary:
        temporary.write_text(page, "utf-8")
    return path


def _compared(report: RunReport) -> SimSettings | None:
    """The first lines of what SIMs were set to and are now; None where there is nothing to compare."""
    compared = compared_of(report)
    return sim_settings(report, compared, LINES_MAX) if compared.height else None


def bars(summary: Summary) -> tuple[Bar, ...]:
    """The counts side by side as one bar of 100 per cent."""
    placed: list[Bar] = []
    x = 0.0
    for count in summary.counts:
        placed.append(Bar(count.outcome, count.sims, round(x, 3), round(100 * count.share, 3)))
        x += 100 * count.share
    return tuple(placed)


def sections(outcomes: pl.DataFrame, summary: Summary) -> tuple[Section, ...]:
    """One section per outcome that occurs, what needs a hand most coming first."""
    counted = {count.outcome: count.sims for count in summary.counts}
    return tuple(Section(each, counted[each], _lines(outcomes, each)) for each in BY_URGENCY if each in counted)


def _lines(outcomes: pl.DataFrame, outcome: Outcome) -> tuple[Line, ...]:
    first = outcomes.lazy().filter(pl.col("outcome") == str(outcome)).select(SHOWN).head(LINES_MAX).collect()
    return tuple(_line(**line) for line in first.with_columns(pl.all().cast(pl.String)).rows(named=True))


def _line(
    row: str | None,
    iccid: str | None,
    imsi: str | None,
    raw: str | None,
    reason: str | None,
    next_step: str | None,
    status_before: str | None,
    status_now: str | None,
    device_name: str | None,
    group_way: str | None,
) -> Line:
    kind, identifier = next(
        ((kind, text) for kind, text in (("ICCID", iccid), ("IMSI", imsi), ("as in the list", raw)) if text), ("", "–")
    )
    return Line(
        row or "",
        identifier,
        kind,
        reason or "",
        next_step or "",
        status_before or "",
        status_now or "",
        device_name or "",
        group_way or "",
    )
