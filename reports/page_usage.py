"""The page's part on what SIMs had used before they were moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.palette import Level
from reports.run_report import RunReport
from reports.usage import level_of, usage_of


@dataclass(frozen=True, slots=True)
class UsageLine:
    """What one SIM had used before it was moved; `share` is text, `width` the same in per cent and at most 100."""

    row: str
    iccid: str
    period: str
    used: str
    limit: str
    share: str
    width: float
    level: Level


@dataclass(frozen=True, slots=True)
class UsagePart:
    """The page's part on usage: sentences, and the SIMs nearest to their limits."""

    meaning: str
    totals: str
    lines: tuple[UsageLine, ...]
    more: int


def usage_part(report: RunReport, lines_max: int) -> UsagePart:
    """What was saved before SIMs were moved; those nearest to their new limit come first, at most `lines_max`."""
    usage = usage_of(report)
    first = usage.lines.sort("share", descending=True, nulls_last=True, maintain_order=True).head(lines_max)
    lines = tuple(
        UsageLine(
            row=str(line["row"] or ""),
            iccid=line["iccid"] or "",
            period=" – ".join(text for text in (line["starts"], line["ends"]) if text),
            used="" if line["used_mb"] is None else f"{line['used_mb']:,.2f} MB",
            limit=" · ".join(_limit(line["group_named"], line["limit_mb"])),
            share="" if line["share"] is None else f"{line['share']:.0%}",
            width=round(100 * min(1.0, line["share"] or 0.0), 1),
            level=level_of(line["share"]),
        )
        for line in first.rows(named=True)
    )
    return UsagePart(usage.meaning, usage.totals, lines, usage.lines.height - len(lines))


def _limit(group: str | None, limit_mb: int | None) -> Iterator[str]:
    if group:
        yield group
    if limit_mb:
        yield f"{limit_mb:,} MB"
