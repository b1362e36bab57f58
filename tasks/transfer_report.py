"""What a report of a transfer by tokens says beside outcomes: settings, tokens, and what support is to be asked for."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from domain.inventory import Side
from domain.plan import Step
from domain.settings import compared
from domain.tokens import token_table
from journal.files import write_frame
from reports.run_report import RunReport
from reports.support_request import sims_of_outcomes
from reports.token_lines import TokenLine
from tasks.aboard import Aboard
from tasks.accounts import Parties
from tasks.shelf import Shelf
from tasks.support import asked_of_support


def with_transfer(report: RunReport, aboard: Aboard, sights: pl.DataFrame, settings: pl.DataFrame) -> RunReport:
    """The report with what is known of a transfer; as it is where the run knows no tokens.

    `sights` (SIGHTS) and `settings` (SETTINGS, of the target) are of the survey that its outcomes come from.
    """
    folder, plan = aboard.folder, aboard.plan
    if plan.limits.token_life_s <= 0:
        return report
    shelf = Shelf(folder, aboard.steps)
    going = aboard.steps.filter(pl.col("step").is_in([str(Step.MOVE), str(Step.ASSIST)]))["key"]
    before = shelf.all_before().filter(pl.col("key").is_in(going.implode()))
    there = sights.filter(pl.col("side") == Side.TARGET)["key"]
    write_frame(folder.settings_after, settings)
    parties = Parties(plan.source, plan.target)
    left = sims_of_outcomes(report.outcomes, before, report.groups)
    return replace(
        report,
        settings_compared=compared(
            before, shelf.groups_to.filter(pl.col("key").is_in(going.implode())), settings, there
        ),
        tokens=_tokens(aboard),
        support=asked_of_support(plan.run, aboard.voyage.reader, parties, left, before),
    )


def _tokens(aboard: Aboard) -> tuple[TokenLine, ...]:
    """Every token of the run, with how its SIMs stand by the journal."""
    table = token_table(aboard.journal.events(), aboard.deeds(), aboard.plan.limits.token_life_s)
    return tuple(
        TokenLine(number, batch, sims, asked_at, deadline_at, waiting, accepted, cancelled, back)
        for number, batch, sims, asked_at, deadline_at, waiting, accepted, cancelled, back in table.iter_rows()
    )
