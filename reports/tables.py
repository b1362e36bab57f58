"""The tables of a report: which columns of which lines, under which headings, on which sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from domain.findings import Severity
from domain.outcomes import Outcome
from reports.run_report import RunReport
from reports.words import WORDS

EXCEL_ROWS_MAX = 1_048_576  # rows of a worksheet, the heading among them


class Look(StrEnum):
    """How the cells of a column look."""

    TEXT = "text"  # format @: Excel leaves it alone
    COUNT = "count"
    SECONDS = "seconds"
    OUTCOME = "outcome"  # its label on its colour


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table: its name in the frame, its heading, its width in characters and its look."""

    name: str
    heading: str
    width: int
    look: Look = Look.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `empty` is what it says when it has no line, `printed` how many columns go to paper."""

    title: str
    headings: tuple[Heading, ...]
    lines: pl.DataFrame
    empty: str
    printed: int = 12


OUTCOME_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("outcome", "Outcome", 13, Look.OUTCOME),
    Heading("iccid", "ICCID", 22),
    Heading("imsi", "IMSI", 17),
    Heading("reason", "Reason", 52),
    Heading("next_step", "Next step", 52),
    Heading("code", "Code", 16),
    Heading("raw", "As in the list", 22),
    Heading("sim_id", "Provider's id", 16),
    Heading("batch", "Batch", 8, Look.COUNT),
    Heading("attempts", "Attempts", 10, Look.COUNT),
    Heading("status_before", "Status before", 14),
    Heading("status_now", "Status now", 14),
    Heading("device_name", "Device before", 20),
    Heading("device_id", "Its id", 14),
    Heading("device_now", "Device now", 14),
    Heading("side_now", "Seen in", 10),
    Heading("last_at", "Last record", 28),
)
FINDING_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("cell", "Cell", 9),
    Heading("column", "Column", 16),
    Heading("raw", "As in the list", 26),
    Heading("sentence", "What is wrong", 64),
    Heading("suggestion", "What to do", 64),
    Heading("code", "Code", 16),
    Heading("sheet", "Sheet", 14),
    Heading("file", "File", 22),
)
BATCH_HEADINGS = (
    Heading("batch", "Batch", 8, Look.COUNT),
    Heading("attempt", "Attempt", 9, Look.COUNT),
    Heading("sims", "SIMs", 8, Look.COUNT),
    Heading("said", "Answer", 11),
    Heading("http", "HTTP", 8, Look.COUNT),
    Heading("code", "Code", 14),
    Heading("words", "Provider's words", 60),
    Heading("seen", "Read back", 11, Look.COUNT),
    Heading("settled", "Settled", 10, Look.COUNT),
    Heading("seconds", "Seconds", 10, Look.SECONDS),
    Heading("intended_at", "Intended", 28),
    Heading("answered_at", "Answered", 28),
)
SETTING_HEADINGS = (Heading("name", "Setting", 36), Heading("value", "Value", 80))


def tables(report: RunReport) -> tuple[Table, ...]:
    """Every table of a report, in the order of its sheets; one without lines among them, saying so."""
    errors = pl.col("severity") == str(Severity.ERROR)
    refused = pl.col("outcome").is_in([str(Outcome.REFUSED), str(Outcome.ASSISTED)])
    settings = pl.DataFrame(report.settings, schema={"name": pl.String, "value": pl.String}, orient="row")
    warned = report.findings.filter(~errors)
    found = [Table("Rejected", FINDING_HEADINGS, report.findings.filter(errors), "No row was rejected.", 6)]
    if warned.height:
        found.append(Table("Warnings", FINDING_HEADINGS, warned, "", 6))
    return (
        *found,
        Table("Refused", OUTCOME_HEADINGS, report.outcomes.filter(refused), "The plan refused no SIM.", 6),
        Table("Outcomes", OUTCOME_HEADINGS, report.outcomes, "The list names no SIM.", 6),
        Table("Batches", BATCH_HEADINGS, report.batches, "Nothing was sent."),
        Table("Settings", SETTING_HEADINGS, settings, "No settings."),
    )


def shown(table: Table) -> pl.DataFrame:
    """The table's columns in the order of its headings, as text or numbers; outcomes by their labels, empty as null."""
    labels = {str(outcome): words.label for outcome, words in WORDS.items()}
    return table.lines.select(
        pl.col(h.name).cast(pl.String).replace_strict(labels, return_dtype=pl.String).alias(h.name)
        if h.look is Look.OUTCOME
        else pl.col(h.name)
        if h.look in {Look.COUNT, Look.SECONDS}
        else pl.col(h.name).cast(pl.String).replace("", None)
        for h in table.headings
    )


def split(table: Table, rows_max: int = EXCEL_ROWS_MAX) -> Iterator[Table]:
    """The table as sheets of at most `rows_max` rows, the heading among them (`Outcomes`, `Outcomes 2`, …)."""
    lines_max = rows_max - 1
    for number, start in enumerate(range(0, max(1, table.lines.height), lines_max), start=1):
        title = table.title if number == 1 else f"{table.title} {number}"
        yield Table(title, table.headings, table.lines.slice(start, lines_max), table.empty, table.printed)
