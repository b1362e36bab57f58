"""The tables of a report: which columns of which lines, under which headings, on which sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from domain.findings import Severity
from domain.outcomes import Outcome
from domain.plan import Reason
from reports.group_names import named, named_columns, noun
from reports.headings import (
    ALWAYS,
    BATCH_HEADINGS,
    FINDING_HEADINGS,
    NUMBERS,
    OUTCOME_HEADINGS,
    RUN_SETTING_HEADINGS,
    SIM_SETTING_HEADINGS,
    TOKEN_HEADINGS,
    USAGE_HEADINGS,
    Heading,
    Look,
)
from reports.run_report import RunReport
from reports.setting_words import STATES
from reports.sim_settings import LINES_MAX, compared_of, sim_settings
from reports.token_lines import token_table
from reports.usage import usage_of
from reports.words import WORDS

EXCEL_ROWS_MAX = 1_048_576  # rows of a worksheet, the heading among them
WIDTH_MAX = 42  # characters of a column that grows with its texts


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `empty` is what it says when it has no line, `printed` how many columns go to paper.

    `notes` are sentences above its headings.
    """

    title: str
    headings: tuple[Heading, ...]
    lines: pl.DataFrame
    empty: str
    printed: int = 13
    notes: tuple[str, ...] = ()


def tables(report: RunReport) -> tuple[Table, ...]:
    """Every table of a report, in the order of its sheets; one without lines among them, saying so."""
    errors = pl.col("severity") == str(Severity.ERROR)
    refused = pl.col("outcome").is_in([str(Outcome.REFUSED), str(Outcome.ASSISTED)])
    settings = pl.DataFrame(report.settings, schema={"name": pl.String, "value": pl.String}, orient="row")
    warned = report.findings.filter(~errors)
    outcomes = named(report).with_columns(pl.col("code").replace(str(Reason.ELIGIBLE), None))
    headings = _outcome_headings(report, outcomes)
    found = [Table("Rejected", FINDING_HEADINGS, report.findings.filter(errors), "No row was rejected.", 6)]
    if warned.height:
        found.append(Table("Warnings", FINDING_HEADINGS, warned, "", 6))
    return (
        *found,
        Table("Refused", headings, outcomes.filter(refused), "The plan refused no SIM.", 6),
        Table("Outcomes", headings, outcomes, "The list names no SIM.", 6),
        *([_usage(report)] if report.history.height else []),
        *_settings(report),
        *_tokens(report),
        Table("Batches", _of_run(report, BATCH_HEADINGS), report.batches, "Nothing was sent."),
        Table("Run settings", RUN_SETTING_HEADINGS, settings, "No settings."),
    )


def _outcome_headings(report: RunReport, outcomes: pl.DataFrame) -> tuple[Heading, ...]:
    """The columns for which a SIM of the run has a value; ids of groups only where names stand for them elsewhere."""
    columns = named_columns(report.plan.provider)
    names = [Heading(column.name, column.heading, 16) for column in columns]
    ids = [Heading(c.ids, f"{c.heading}, id", 16) for c in columns if (outcomes[c.ids] != outcomes[c.name]).any()]
    before, (last,) = OUTCOME_HEADINGS[:-1], OUTCOME_HEADINGS[-1:]
    return tuple(
        h if h.name in ALWAYS or h.look is not Look.TEXT else replace(h, width=_fitting(h, outcomes[h.name]))
        for h in _of_run(report, (*before, *names, *ids, last))
        if h.name in ALWAYS or _has_values(outcomes[h.name])
    )


def _of_run(report: RunReport, headings: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """The headings, without that of parts where all that was sent is of one."""
    return headings if report.has_parts else tuple(h for h in headings if h.name != "part")


def _has_values(column: pl.Series) -> bool:
    return bool((column.cast(pl.String) != "").any())


def _fitting(heading: Heading, column: pl.Series) -> int:
    """A width in characters that the longest text fits into, within limits."""
    longest = int(str(column.cast(pl.String).str.len_chars().max() or 0))
    return max(heading.width, min(longest + 4, WIDTH_MAX))


def _usage(report: RunReport) -> Table:
    """What was saved before SIMs were moved."""
    usage, group = usage_of(report), noun(report.plan.provider).lower()
    headings = tuple(replace(h, heading=h.heading.replace("group", group)) for h in USAGE_HEADINGS)
    return Table("Usage", headings, usage.lines, "Nothing was saved.", 11, (usage.meaning, usage.totals))


def _settings(report: RunReport) -> Iterator[Table]:
    """What SIMs were set to and are now, where that is known."""
    compared = compared_of(report)
    if compared.is_empty():
        return
    found = sim_settings(report, compared)
    whole = "settings.csv" if report.settings_compared.height else "the sheet Outcomes"
    cut = f"The first {LINES_MAX:,} lines; {found.more:,} more are in {whole}."
    notes = (f"Settings: {found.totals}.", found.meaning, *([cut] if found.more else []))
    yield Table("SIM settings", SIM_SETTING_HEADINGS, found.lines, "", len(SIM_SETTING_HEADINGS), notes)


def _tokens(report: RunReport) -> Iterator[Table]:
    """The tokens of a transfer, where there are any."""
    if report.tokens:
        lines = token_table(report.tokens, report.plan.run, report.reconciled_at)
        yield Table("Tokens", TOKEN_HEADINGS, lines, "", 8)


def shown(table: Table) -> pl.DataFrame:
    """The table's columns in the order of its headings, as text or numbers; labels for closed sets, null for empty."""
    labels = {str(outcome): words.label for outcome, words in WORDS.items()}
    labels |= {str(state): words.label for state, words in STATES.items()}
    return table.lines.select(
        pl.col(h.name).cast(pl.String).replace_strict(labels, return_dtype=pl.String).alias(h.name)
        if h.look in {Look.OUTCOME, Look.STATE}
        else pl.col(h.name)
        if h.look in NUMBERS
        else pl.col(h.name).cast(pl.String).replace("", None)
        for h in table.headings
    )


def split(table: Table, rows_max: int = EXCEL_ROWS_MAX) -> Iterator[Table]:
    """The table as sheets of at most `rows_max` rows, the heading among them (`Outcomes`, `Outcomes 2`, …)."""
    lines_max = rows_max - 1 - len(table.notes)
    for number, start in enumerate(range(0, max(1, table.lines.height), lines_max), start=1):
        title = table.title if number == 1 else f"{table.title} {number}"
        yield replace(table, title=title, lines=table.lines.slice(start, lines_max))
