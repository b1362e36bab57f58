"""The rules that need the whole list: how much its ranges amount to, and what comes twice.

They judge the rows that passed every rule for one row, because a row that is rejected anyway takes nobody's place.
"""

from __future__ import annotations

import polars as pl

from domain.findings import Code
from domain.lists import ListLimits, Role
from domain.rules import RowRule
from validation.facts import sim_is_imsi
from validation.sources import OURS


def total_rules(limits: ListLimits) -> tuple[RowRule, ...]:
    """Rules over the facts and `range_total`: SIMs of this range and of all before it."""
    return (
        RowRule(
            Code.RANGE_TOO_LONG,
            Role.END,
            ~pl.col("is_range") | (pl.col("range_total") <= limits.expanded_sims_max),
            "With this range of {range_sims:,} the list's ranges come to {range_total:,} SIMs; "
            f"together they may stand for {limits.expanded_sims_max:,}.",
            "Split the list into several.",
            OURS,
        ),
    )


def duplicate_rules() -> tuple[RowRule, ...]:
    """Rules over the facts, `whose`, `first_sim_row` and `first_imsi_row`: the first row with that SIM or IMSI."""
    return (
        RowRule(
            Code.DUPLICATE,
            Role.SIM,
            pl.col("first_sim_row") == pl.col("row"),
            "{whose} is already on row {first_sim_row}.",
            "Keep one of the two rows.",
            OURS,
        ),
        *(_imsi_again(role) for role in (Role.SIM, Role.IMSI)),
    )


def _imsi_again(role: Role) -> RowRule:
    """The IMSI of an earlier row, told at the column it stands in."""
    in_sim = sim_is_imsi().fill_null(False)
    first = (pl.col("first_imsi_row") == pl.col("row")) | (pl.col("first_sim_row") != pl.col("row"))
    return RowRule(
        Code.DUPLICATE,
        role,
        first | (~in_sim if role is Role.SIM else in_sim),
        "The same IMSI is already on row {first_imsi_row}.",
        "Find out which of the two rows is right, and keep that one.",
        OURS,
    )
