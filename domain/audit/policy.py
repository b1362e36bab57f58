"""SIMs in a status that the policy does not allow."""

from __future__ import annotations

from functools import reduce
from operator import and_

import polars as pl

from domain.audit.frames import BREAKS, break_lines
from domain.audit.kinds import Kind
from domain.audit.terms import Rule, Terms


def broken_rules(booked: pl.DataFrame, held: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """A break (BREAKS) for each SIM (HELD) and rule of the policy that it does not keep; the rule is its subject.

    A rule about a register that was not handed in says nothing this month.
    """
    handed_in = {"", *(register.name for register in terms.registers)}
    judged = [rule for rule in terms.rules if {rule.not_in, rule.within} <= handed_in]
    lines = [_broken(rule, booked, held, terms) for rule in judged]
    return pl.concat([pl.DataFrame(schema=BREAKS), *lines])


def _broken(rule: Rule, booked: pl.DataFrame, held: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    days = (pl.lit(terms.today) - pl.col("status_since")).dt.total_days()
    meant = [word.casefold() for word in rule.statuses]
    conditions = [terms.one_word(pl.col("status")).is_in(meant)]
    if rule.accounts:
        conditions.append(pl.col("account").is_in(list(rule.accounts)))
    if rule.over_days is not None:
        conditions.append(days > rule.over_days)
    rows = held.filter(reduce(and_, conditions).fill_null(value=False))
    if rule.not_in:
        rows = rows.join(_listed(booked, rule.not_in), on="sim", how="anti", maintain_order="left")
    if rule.within:
        rows = rows.join(_listed(booked, rule.within), on="sim", how="semi", maintain_order="left")
    since = pl.when(pl.col("status_since").is_not_null()).then(pl.format("{} since {}", "status", "status_since"))
    return break_lines(
        rows,
        Kind.STATUS_NOT_ALLOWED,
        subject=pl.lit(rule.name),
        register=pl.lit(rule.not_in or rule.within or None, pl.String),
        said=pl.lit(rule.words),
        seen=since.otherwise("status"),
    )


def _listed(booked: pl.DataFrame, register: str) -> pl.DataFrame:
    return booked.filter(pl.col("register") == register).select("sim").drop_nulls()
