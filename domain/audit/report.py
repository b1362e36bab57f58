"""All that an audit's workbook and page show, and the counts of a month that later months show beside theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import fsum

import polars as pl

from domain.audit.judging import FOUND, TWICE
from domain.audit.kinds import Kind
from domain.audit.ledger import State, is_open, is_work
from domain.audit.terms import Terms


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month in numbers: open breaks by kind, SIMs by account, and the price of open breaks.

    `by_state` counts breaks of the kinds that are something to do, so that those not resolved are the open ones.
    """

    month: str
    open_by_kind: Mapping[str, int]
    by_state: Mapping[str, int]
    sims_by_account: Mapping[str, int]
    at_risk: float

    @property
    def open(self) -> int:
        """Breaks about which somebody has to do something."""
        return sum(self.open_by_kind.values())


@dataclass(frozen=True, slots=True)
class AuditReport:
    """One month's audit; `ledger` is LEDGER, `moves` MOVEMENTS, `stands` STANDS, `holdings` HOLDINGS.

    `trend` are the summaries of earlier months and this one, the oldest first; `read_at` when each account was read;
    `damaged` rows by register; `fixes` the names of lists in fix/ with their SIMs; `previous` the month before, "" for
    none.
    """

    month: str
    made_at: datetime
    terms: Terms
    ledger: pl.DataFrame
    moves: pl.DataFrame
    stands: pl.DataFrame
    holdings: pl.DataFrame
    trend: tuple[MonthSummary, ...]
    read_at: Mapping[str, str]
    damaged: Mapping[str, int]
    fixes: Mapping[str, int]
    notices: tuple[str, ...]
    currency: str
    previous: str

    @property
    def summary(self) -> MonthSummary:
        """This month in numbers."""
        return self.trend[-1]


@dataclass(frozen=True, slots=True)
class Balance:
    """A register's rows, and what they come to; the parts are counted one by one, and their sum must be the rows."""

    register: str
    rows: int
    parts: Mapping[str, int]

    @property
    def is_even(self) -> bool:
        """Whether every row of the register was answered for."""
        return sum(self.parts.values()) == self.rows


DAMAGED = "damaged"


def balances(report: AuditReport) -> tuple[Balance, ...]:
    """Each register's rows against what became of them. A range counts with the SIMs that it stands for."""
    found = []
    for register in report.terms.registers:
        own = report.stands.filter(pl.col("register") == register.name)
        parts = {str(stand): int(sims) for stand, sims in own.select("stand", "sims").iter_rows()}
        order = {FOUND: parts.get(FOUND, 0)} | {name: sims for name, sims in sorted(parts.items()) if name != TWICE}
        rest = {TWICE: parts.get(TWICE, 0), DAMAGED: report.damaged.get(register.name, 0)}
        found.append(Balance(register.name, register.rows, order | rest))
    return tuple(found)


def summary_of(month: str, ledger: pl.DataFrame, holdings: pl.DataFrame) -> MonthSummary:
    """The month's counts, from its ledger (LEDGER) and its holdings."""
    still = ledger.filter(is_open())
    kinds = dict(still.group_by("kind").len().iter_rows())
    states = dict(ledger.filter(is_work()).group_by("state").len().iter_rows())
    accounts = dict(holdings.group_by("account").agg(pl.col("sims").sum()).sort("account").iter_rows())
    priced = still.filter(pl.col("price").is_not_null()).unique("who", keep="first")
    return MonthSummary(
        month,
        {str(kind): int(kinds[kind]) for kind in Kind if kinds.get(kind)},
        {str(state): int(states.get(state, 0)) for state in State},
        {str(name): int(sims) for name, sims in accounts.items()},
        fsum(priced["price"].drop_nulls()),
    )
