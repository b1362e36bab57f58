"""An audit in a few lines of Markdown, for whoever is told of it; counts and names of accounts, never a SIM."""

from __future__ import annotations

from pathlib import Path

from domain.audit.report import AuditReport
from reports.audit_words import amount, closing, detail, headline, kind_lines
from reports.files import replacing


def markdown_of(report: AuditReport) -> str:
    """The summary: breaks by kind, how the rows add up, and what could not be read."""
    rows = [
        f"| {line.title} | {line.items:,} | {line.new:,} | {amount(report, line.price) if line.price else ''} |"
        for line in kind_lines(report)
    ]
    table = ["| what | items | new | price a month |", "| --- | ---: | ---: | ---: |", *rows, ""] if rows else []
    unread = [f"- {one.name} was not read: {one.problem}" for one in report.terms.accounts if not one.was_read]
    sums = [f"- {sentence}" for sentence in closing(report)]
    told = [f"- {notice}" for notice in report.notices]
    return "\n".join([f"# Audit {headline(report)}", "", detail(report), "", *table, *sums, *unread, *told]) + "\n"


def write_markdown(report: AuditReport, path: Path) -> Path:
    """Write it and give its path."""
    with replacing(path) as temporary:
        temporary.write_text(markdown_of(report), encoding="utf-8")
    return path
