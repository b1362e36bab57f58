"""What an audit came to in a few sentences and counts, the same for workbook and page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import State, is_open
from domain.audit.report import AuditReport, balances
from reports.summary import Tone


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of break in numbers: its items, those that are new, the age of the oldest in months, price per month."""

    kind: Kind
    title: str
    items: int
    new: int
    oldest: int
    price: float
    words: str
    next_step: str


def headline(report: AuditReport) -> str:
    """How many breaks are open."""
    count = report.summary.open
    if not count:
        return f"{report.month}: no open breaks"
    return f"{report.month}: {count:,} open break{'s' * (count != 1)}"


def tone(report: AuditReport) -> Tone:
    """Whether somebody has to do something, or something could not be looked at at all."""
    if not all(account.was_read for account in report.terms.accounts):
        return Tone.STOPPED
    return Tone.ATTENTION if report.summary.open else Tone.DONE


def detail(report: AuditReport) -> str:
    """What is behind the headline: new, old and resolved items, cost, and what could not be read."""
    states, sentences = report.summary.by_state, []
    sentences.append(
        f"{states[State.NEW]:,} new, {states[State.OPEN]:,} still open, {states[State.RESOLVED]:,} resolved."
    )
    if states[State.NOT_LOOKED_AT]:
        sentences.append(f"{states[State.NOT_LOOKED_AT]:,} were not looked at: a register or an account is missing.")
    if report.summary.at_risk:
        sentences.append(f"The SIMs behind open breaks cost {amount(report, report.summary.at_risk)} a month.")
    unread = [account.name for account in report.terms.accounts if not account.was_read]
    if unread:
        sentences.append(f"Not read: {', '.join(unread)}. Nothing is said of their SIMs.")
    return " ".join(sentences)


def amount(report: AuditReport, price: float) -> str:
    """An amount of money in the register's currency."""
    return f"{price:,.2f} {report.currency}".rstrip()


def kind_lines(report: AuditReport) -> tuple[KindLine, ...]:
    """Kinds of which there are items this month, in the order of their urgency."""
    items = report.ledger.filter(pl.col("state") != State.RESOLVED)
    counts = {
        row["kind"]: row
        for row in items.group_by("kind")
        .agg(
            pl.len().alias("items"),
            (pl.col("state") == State.NEW).sum().alias("new"),
            pl.col("age_months").max().alias("oldest"),
            pl.col("price").sum(),
        )
        .iter_rows(named=True)
    }
    return tuple(
        KindLine(
            kind,
            MEANINGS[kind].title,
            int(row["items"]),
            int(row["new"]),
            int(row["oldest"] or 0),
            float(row["price"] or 0),
            MEANINGS[kind].words,
            MEANINGS[kind].next_step,
        )
        for kind in Kind
        if (row := counts.get(str(kind)))
    )


def closing(report: AuditReport) -> tuple[str, ...]:
    """How each register's rows add up."""
    return tuple(
        f"{one.register}: {one.rows:,} rows = " + " + ".join(f"{sims:,} {name}" for name, sims in one.parts.items())
        for one in balances(report)
    )


def matrix(report: AuditReport) -> tuple[tuple[str, ...], list[tuple[str, list[int], int]]]:
    """Statuses, in one word for all that mean the same, and by account how many SIMs are in each, with their sum."""
    one_word = report.terms.one_word(pl.col("status")).alias("status")
    counts = report.holdings.group_by("account", one_word).agg(pl.col("sims").sum())
    totals = counts.group_by("status").agg(pl.col("sims").sum()).sort("sims", "status", descending=[True, False])
    statuses = tuple(str(status or "–") for status in totals["status"])
    found = {(account, str(status or "–")): int(sims) for account, status, sims in counts.iter_rows()}
    rows = []
    for account in report.terms.accounts:
        cells = [found.get((account.name, status), 0) for status in statuses]
        rows.append((account.name, cells, sum(cells)))
    return statuses, rows


def facts(report: AuditReport) -> Iterator[tuple[str, str]]:
    """What the audit went by."""
    yield "Month", report.month
    yield "Made", f"{report.made_at:%Y-%m-%d %H:%M} UTC"
    yield "Month before", report.previous or "none: this is the first"
    for register in report.terms.registers:
        whole = "every SIM belongs into it" if register.whole else "not every SIM belongs into it"
        yield f"Register {register.name}", f"{register.rows:,} rows; {whole}"
    for account in report.terms.accounts:
        sims = report.summary.sims_by_account.get(account.name, 0)
        read = f"{sims:,} SIMs, read {report.read_at.get(account.name, '')[:16].replace('T', ' ')} UTC"
        yield f"Account {account.name}", f"{account.provider}: {read}" if account.was_read else account.problem
    for rule in report.terms.rules:
        yield f"Policy “{rule.name}”", rule.words


def open_items(report: AuditReport) -> pl.DataFrame:
    """Items that somebody has to do something about, the costly and old ones first within their kind."""
    return report.ledger.filter(is_open()).sort("kind", "age_months", "price", descending=[False, True, True])
