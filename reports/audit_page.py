"""`audit.html`: one self-contained page whose summary fits a screen, and that asks nothing of the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import State
from domain.audit.report import AuditReport
from reports.audit_words import (
    amount,
    closing,
    detail,
    facts,
    headline,
    kind_lines,
    matrix,
    open_items,
    tone,
)
from reports.files import replacing

ITEMS_MAX = 100  # of each kind on the page; the workbook has all
MOVES_MAX = 100
MONTHS_SHOWN = 13
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A month of the trend: its open breaks, and its column in a drawing 100 high."""

    month: str
    open: int
    height: float


def write_audit_page(report: AuditReport, path: Path) -> Path:
    """Write the page and give its path."""
    items = open_items(report)
    resolved = report.ledger.filter(report.ledger["state"] == State.RESOLVED)
    statuses, accounts = matrix(report)
    lines = kind_lines(report)
    text = _TEMPLATES.get_template("audit.html.j2").render(
        report=report,
        headline=headline(report),
        detail=detail(report),
        tone=tone(report),
        kinds=lines,
        most=max((line.items for line in lines), default=1),
        amount=lambda price: amount(report, price),
        bars=_bars(report),
        statuses=statuses,
        accounts=accounts,
        closing=closing(report),
        facts=tuple(facts(report)),
        items_max=ITEMS_MAX,
        sections=[
            (MEANINGS[kind], kind, found.height, found.head(ITEMS_MAX).rows(named=True))
            for kind in Kind
            if (found := items.filter(items["kind"] == kind)).height
        ],
        resolved=resolved.head(ITEMS_MAX).rows(named=True),
        resolved_count=resolved.height,
        titles={str(kind): meaning.title for kind, meaning in MEANINGS.items()},
        moves=report.moves.head(MOVES_MAX).rows(named=True),
        moves_count=report.moves.height,
    )
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def _bars(report: AuditReport) -> list[Bar]:
    months = report.trend[-MONTHS_SHOWN:]
    most = max((month.open for month in months), default=0) or 1
    return [Bar(month.month, month.open, round(100 * month.open / most, 1)) for month in months]
