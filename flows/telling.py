"""What the command line says of findings and outcomes, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from domain.findings import Severity
from domain.lists import Sheet, Verdict
from domain.outcomes import Outcome, totals
from domain.plan import Reason
from flows.wording import rows, sims, wrapped

FINDINGS_SHOWN_PER_CODE = 3
CELL_SHOWN, RAW_SHOWN = 8, 24  # characters of a cell's name and of what is in it


def of_list(sheet: Sheet, verdict: Verdict) -> str:
    """The list in a line, then the first findings of each code, then how many rows there are of each kind."""
    where = f", sheet “{sheet.sheet}”" if sheet.sheet else ""
    roles = ", ".join(
        f"{role} in column {column.letter} {f'“{column.heading}”' if column.heading else '(no heading)'}"
        for role, column in sheet.roles.items()
    )
    lines = [f"{sheet.name}{where} ({sheet.details}): {roles}"]
    if sheet.from_report:
        lines.append("This list is a report of simferry that came back; its simferry columns are not read.")
    lines += _findings(verdict.findings)
    lines += [
        "",
        rows(verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected) + f"; {sims(verdict.lines.height)}",
    ]
    return "\n".join(lines)


def of_outcomes(outcomes: pl.DataFrame, closing: str) -> str:
    """SIMs per outcome with the codes behind them, and the sum."""
    codes = outcomes.group_by("outcome", "code").len().sort("len", descending=True)
    lines = []
    for outcome, count in totals(outcomes).items():
        if count:
            of_this = codes.filter(pl.col("outcome") == outcome, pl.col("code") != Reason.ELIGIBLE)
            named = " · ".join(f"{code} {lines_of:,}" for code, lines_of in of_this.select("code", "len").iter_rows())
            lines.append(f"  {outcome.replace('_', ' '):<12} {count:>9,}  {named}".rstrip())
    return "\n".join([*lines, "", closing])


def of_counts(counts: Mapping[Outcome, int]) -> str:
    """Outcomes and their counts in one line."""
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if count)


def _findings(findings: pl.DataFrame) -> Iterator[str]:
    for code, group in findings.group_by("code", maintain_order=True):
        first = group.row(0, named=True)
        mark = "rejected" if first["severity"] == Severity.ERROR else "accepted, with a warning"
        yield ""
        yield f"{code[0]}: {group.height:,} {'row' if group.height == 1 else 'rows'} {mark}"
        for finding in group.head(FINDINGS_SHOWN_PER_CODE).iter_rows(named=True):
            raw = _clipped(finding["raw"] or "")
            head = f"  {finding['cell']:<{CELL_SHOWN}} {raw:<{RAW_SHOWN}} "
            yield wrapped(head + finding["sentence"], len(head))
        if group.height > FINDINGS_SHOWN_PER_CODE:
            yield f"  … and {group.height - FINDINGS_SHOWN_PER_CODE:,} more"
        if first["suggestion"]:
            yield wrapped(f"  → {first['suggestion']}", 4)


def _clipped(raw: str) -> str:
    """A cell in one line, as much as fits its column: ranges are a single word, and longer."""
    line = " ".join(raw.split())
    return line if len(line) <= RAW_SHOWN else line[: RAW_SHOWN - 1] + "…"
